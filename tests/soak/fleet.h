// A cluster with the four controllers and objects of their kinds, that are disturbed and brought to
// rest again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"
#include "tests/soak/upstream.h"

namespace sluice::soak {

inline constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";

// Processes; those with "#2" share the objects with their first.
extern const std::vector<std::string> kControllers;
extern const std::vector<std::string> kKustomizations;
extern const std::vector<std::string> kReleases;

// Everything that fails ends the test. The API server may be failing at any time: what is written
// to it is tried again for a while.
class Fleet {
 public:
  Fleet();

  e2e::Cluster& cluster() { return *cluster_; }
  Upstream& upstream() { return *upstream_; }
  // The controllers' $TMPDIR.
  const std::string& temporary() const { return temporary_.path(); }

  // Changes of our objects, undone by Heal().
  void Suspend(Random& random);
  void DeleteOne(Random& random);
  // Changes or deletes something applied, as somebody with kubectl.
  void Drift(Random& random);

  // Faults, ended by Heal(). A controller that is away already comes back instead.
  void Kill(Random& random);
  void Terminate(Random& random);
  void TakeGitServer();
  void FailApiServer(Random& random);

  void Heal();
  // After Heal(): has everything reconciled and waits until it is at its newest revision.
  void Converge();

 private:
  struct Named {
    std::string api_version, kind, name;
    friend auto operator<=>(const Named&, const Named&) = default;
  };

  void PlanObjects();
  void Add(Value object);
  void Write(const std::function<absl::Status()>& call);
  std::optional<Value> Get(const Named& object);
  // The process, unless it was away: then it comes back.
  std::optional<std::string> Present(std::string process);
  // Asks for it and waits until all are ready at the newest revision.
  void Reconcile(const std::vector<Named>& objects);
  bool IsAtRevision(const Named& object, const Value& live) const;

  e2e::TempDir temporary_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<Upstream> upstream_;
  std::map<Named, Value> objects_;
  std::set<std::string> away_;
  std::set<Named> suspended_, deleted_;
};

}  // namespace sluice::soak
