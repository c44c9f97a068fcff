// For tests: GitRepositories of one cluster that only fetches.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/clock.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {

// Starts with the repository "repo"; each case adds its own objects.
class GitSources {
 public:
  explicit GitSources(ClusterOptions options = {}) {
    options.controllers = {"source-controller"};
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    auto git = GitRepository::Create(root() + "/repo");
    REQUIRE(git.ok());
    git->Write("a.txt", "a");
    REQUIRE_THAT(git->Commit("first").status(), testing::IsOk());
  }

  Cluster& cluster() { return *cluster_; }
  std::string root() const { return cluster_->git_root(); }

  void AddSecret(const std::string& name,
                 const std::vector<std::pair<std::string, std::string>>& data) {
    Value text = Value::EmptyObject();
    for (const auto& [key, value] : data) text.Set(key, value);
    Apply({{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"metadata", {{"name", name}}},
           {"stringData", std::move(text)}});
  }
  // A GitRepository of `url` with `more` in its spec, and the Secret of its name if `secret`.
  void Add(const std::string& name, const std::string& url, bool secret,
           const std::vector<std::pair<std::string, Value>>& more = {}) {
    Value object = GitRepositoryManifest(name, url);
    Value& spec = object.Ensure("spec");
    if (secret) spec.Set("secretRef", {{"name", name}});
    for (const auto& [key, value] : more) spec.Set(key, value);
    Apply(std::move(object));
  }
  void Apply(Value object) { REQUIRE_THAT(cluster_->Apply(std::move(object)), testing::IsOk()); }

  void ExpectReady(const std::string& name) {
    CAPTURE(name);
    const bool ready =
        Eventually(absl::Seconds(30), [&] { return Ready(name, "True").has_value(); });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    CHECK(ready);
  }
  // Ready=False with `reason` and, in its message, `text`.
  void ExpectRefused(const std::string& name, absl::string_view reason, absl::string_view text) {
    CAPTURE(name, reason, text);
    std::string last;
    const bool refused = Eventually(absl::Seconds(30), [&] {
      const auto message = Ready(name, "False");
      last = message.value_or("");
      return absl::StrContains(last, text) && reason_ == reason;
    });
    CAPTURE(last, reason_);
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
  }

 private:
  std::optional<std::string> Ready(const std::string& name, absl::string_view status) {
    const auto object = cluster_->Get(kSourceApi, "GitRepository", name);
    if (!object.has_value()) return std::nullopt;
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() == "Ready") reason_ = std::string(condition["reason"].str());
    }
    return ReadyMessage(object, status);
  }

  std::unique_ptr<Cluster> cluster_;
  std::string reason_;  // of Ready, as last seen
};

}  // namespace sluice::e2e
