// For tests of kustomize-controller: a cluster, a repository, and what its Kustomizations say.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/http/client.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {

inline constexpr absl::Duration kLimit = absl::Seconds(30);
inline const kube::Resource kDeployments{"apps", "v1", "deployments", "Deployment", true};

// A cluster without anybody who makes Deployments ready, a repository, and its source.
class KustomizationWorld {
 public:
  explicit KustomizationWorld(std::vector<std::string> flags = {}) {
    metrics_ = absl::StrCat("127.0.0.1:", ReservePort());
    flags.push_back(absl::StrCat("--metrics-addr=", metrics_));
    auto cluster = Cluster::Start(
        {.flags = {{"kustomize-controller", flags}, {"dev-apiserver", {"--workloads=false"}}}});
    REQUIRE(cluster.ok());
    cluster_ = *std::move(cluster);
    auto git = GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo"));
    REQUIRE(git.ok());
    git_ = std::make_unique<GitRepository>(*std::move(git));
  }

  Cluster& cluster() { return *cluster_; }
  GitRepository& git() { return *git_; }

  void AddSource() {
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "repo", absl::StrCat(cluster_->git_url(), "/repo"), "10m")),
                 testing::IsOk());
  }
  // A Kustomization of the folder named after it, with `spec` (YAML) besides.
  void Add(const std::string& name, const std::string& spec = "{}") {
    Value object = KustomizationManifest(name, "repo", absl::StrCat("./", name), "10m");
    const Value more = value::ParseYaml(spec).value();
    for (const value::Member& member : more.members()) {
      object.Ensure("spec").Set(member.key, member.value);
    }
    REQUIRE_THAT(cluster_->Apply(object), testing::IsOk());
  }
  std::string Commit() {
    auto id = git_->Commit("Change");
    REQUIRE(id.ok());
    return *std::move(id);
  }
  void CommitAndFetch() {
    const std::string id = Commit();
    REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), testing::IsOk());
    Await([&] {
      const auto source = cluster_->Get(kSourceApi, "GitRepository", "repo");
      return absl::EndsWith((*source)["status"]["artifact"]["revision"].str(), id);
    });
  }

  void WriteConfigMap(const std::string& folder, const std::string& name, const std::string& data) {
    git_->Write(absl::StrCat(folder, "/", name, ".yaml"),
                ConfigMapYaml(cluster_->ns(), name, "value", data));
  }
  void WriteDeployment(const std::string& folder, const std::string& name,
                       const std::string& image) {
    git_->Write(absl::StrCat(folder, "/", name, ".yaml"),
                absl::StrCat("{apiVersion: apps/v1, kind: Deployment, metadata: {name: ", name,
                             ", namespace: ", cluster_->ns(),
                             "}, spec: {selector: {matchLabels: {a: ", name,
                             "}}, template: {metadata: {labels: {a: ", name,
                             "}}, spec: {containers: [{name: c, image: ", image, "}]}}}}"));
  }
  // As a cluster's controllers would.
  void MakeReady(const std::string& name) {
    const auto object = cluster_->Get("apps/v1", "Deployment", name);
    REQUIRE(object.has_value());
    Value status =
        value::ParseYaml(
            "{replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, "
            "conditions: [{type: Available, status: 'True'}, {type: Progressing, status: "
            "'True', reason: NewReplicaSetAvailable}]}")
            .value();
    status.Set("observedGeneration", kube::Generation(*object));
    REQUIRE_THAT(
        cluster_->client()
            .Patch(Context::Background().WithTimeout(kLimit), kDeployments, {cluster_->ns(), name},
                   kube::PatchType::kMerge, Value{{"status", status}}, {.subresource = "status"})
            .status(),
        testing::IsOk());
  }

  std::optional<Value> Kustomization(const std::string& name) {
    return cluster_->Get(kKustomizeApi, "Kustomization", name);
  }
  std::string Data(const std::string& name) {
    const auto object = cluster_->Get("v1", "ConfigMap", name);
    return object.has_value() ? std::string((*object)["data"]["value"].str()) : "";
  }
  bool IsReady(const std::string& name) {
    return ReadyMessage(Kustomization(name), "True").has_value();
  }
  // The reason of its condition `type`, "" if it has none.
  std::string Reason(const std::string& name, absl::string_view type = "Ready") {
    const auto object = Kustomization(name);
    if (!object.has_value()) return "";
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() == type) return std::string(condition["reason"].str());
    }
    return "";
  }
  std::string Message(const std::string& name) {
    return ReadyMessage(Kustomization(name), "False").value_or("");
  }
  std::string Events(const std::string& name) {
    return absl::StrJoin(cluster_->Events("Kustomization", name), "\n");
  }
  // Runs of the reconciler so far, whatever came of them.
  int Runs() {
    http::Request request;
    request.url = absl::StrCat("http://", metrics_, "/metrics");
    const auto answer =
        http::CreateClient({}).value()->Send(Context::Background().WithTimeout(kLimit), request);
    int sum = 0;
    if (!answer.ok()) return sum;
    for (const absl::string_view line : absl::StrSplit(answer->body, '\n')) {
      double value = 0;
      if (absl::StartsWith(line, "controller_runtime_reconcile_total{") &&
          absl::StrContains(line, "ustomization") &&
          absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
        sum += static_cast<int>(value);
      }
    }
    return sum;
  }

  template <typename Condition>
  void Await(const Condition& condition) {
    const bool came = Eventually(kLimit, condition);
    if (!came) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(came);
  }
  void AwaitReady(const std::string& name) {
    INFO(name);
    Await([&] { return IsReady(name); });
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
  std::string metrics_;
};

}  // namespace sluice::e2e
