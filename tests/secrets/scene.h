// A cluster that is given canaries: the Secrets and objects that bring them in, an upstream that
// tells its clients all they sent, and the search at the end.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/hostile/server.h"
#include "tests/secrets/canaries.h"
#include "tests/secrets/places.h"

namespace sluice::secrets {

// Everything that fails is a failure of the test.
class Scene {
 public:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  Scene();

  e2e::Cluster& cluster() { return watched_.cluster(); }
  // "repo", which the GitRepository of that name is to follow.
  e2e::GitRepository& git() { return *git_; }
  Canaries& canaries() { return canaries_; }
  // A server that answers every request with 403 and the whole request.
  std::string echo() const { return echo_.url(); }
  std::string echo_host() const;

  void Apply(Value object);
  void AddSecret(const std::string& name, const Entries& entries, const char* type = "Opaque");
  // An object, with the status that Ready is to have.
  void Add(const char* api, const char* kind, const std::string& name, const char* status,
           Value spec);
  // A source whose Secret has the name of the object.
  void AddSource(const char* kind, const std::string& name, const char* status, Value spec);
  // Of the folder `name`, with `more` in its spec.
  void AddKustomization(const std::string& name, const char* status, const Value& more);
  // Of the chart in charts/`name`.
  void AddRelease(const std::string& name, const char* status, const Value& values_from);
  void WriteChart(const std::string& name, const std::string& manifest,
                  const std::string& schema = "");

  // Until all objects are as they are to be.
  void AwaitAll();
  // Checks that no canary is told anywhere.
  void Search();

 private:
  struct Expected {
    std::string api, kind, name, status;
  };

  // The line, for whoever has to mend it.
  std::string Where(const std::string& path, const std::string& text) const;

  e2e::TempDir temporary_;
  Canaries canaries_;
  hostile::Server echo_;
  Watched watched_;
  std::optional<e2e::GitRepository> git_;
  std::vector<Expected> expected_;
};

}  // namespace sluice::secrets
