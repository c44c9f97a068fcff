// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/suite.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/steady_clock.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"

namespace sluice::faults {
namespace {

using e2e::Cluster;
using e2e::ReadyMessage;

constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";

Upstream ApiServerOf(const Cluster& cluster) {
  const kube::ClusterConfig config = kube::LoadClusterConfig(cluster.kubeconfig()).value();
  return {config.server, config.tls,
          config.token.empty() ? "" : absl::StrCat("Bearer ", config.token.Reveal())};
}

std::string KubeconfigFor(const std::string& server) {
  return absl::StrCat("apiVersion: v1\nkind: Config\ncurrent-context: c\n",
                      "clusters: [{name: c, cluster: {server: '", server, "'}}]\n",
                      "contexts: [{name: c, context: {cluster: c, user: u}}]\n",
                      "users: [{name: u, user: {token: unused}}]\n");
}

}  // namespace

Suite::Suite(std::vector<std::string> controllers) : controllers_(std::move(controllers)) {
  const std::string kubeconfig = dir_ / "kubeconfig";
  e2e::ClusterOptions options;
  options.controllers.clear();
  options.later = controllers_;
  for (const std::string& name : controllers_) {
    options.flags[name] = {"--kubeconfig", kubeconfig};
  }
  auto started = Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  cluster_ = *std::move(started);
  proxy_ = std::make_unique<FaultProxy>(ApiServerOf(*cluster_));
  e2e::WriteFile(kubeconfig, KubeconfigFor(proxy_->url()));
  git_ = std::make_unique<e2e::GitRepository>(
      e2e::GitRepository::Create(cluster_->git_root() + "/repo").value());
  Change();
  Apply(e2e::GitRepositoryManifest("repo", cluster_->git_url() + "/repo", "10m"));
  Apply(e2e::KustomizationManifest("app", "repo", "./app", "10m"));
  if (Runs("helm-controller")) ApplyRelease();
  if (Runs("image-controller")) ApplyImages();
  for (const std::string& name : controllers_) REQUIRE(cluster_->Restart(name).ok());
  const bool settled = e2e::Eventually(kSettleLimit, [&] { return Missing().empty(); });
  if (!settled) UNSCOPED_INFO(Missing() << "\n" << cluster_->Describe());
  REQUIRE(settled);
  uid_ = UidOfConfig();
  // All are there once there have been no more of them for a while.
  REQUIRE(e2e::Eventually(kSettleLimit, [&, since = SteadyClock().Now()]() mutable {
    const absl::Time now = SteadyClock().Now();
    if (proxy_->settled_watches() > watches_) {
      watches_ = proxy_->settled_watches();
      since = now;
    }
    return now - since > absl::Seconds(2);
  }));
}

void Suite::Apply(Value object) {
  const absl::Status applied = cluster_->Apply(std::move(object));
  INFO(applied);
  REQUIRE(applied.ok());
}

void Suite::Change() {
  ++round_;
  const std::string mark = absl::StrCat("r", round_);
  git_->Write("app/config.yaml", e2e::ConfigMapYaml(cluster_->ns(), "config", "mark", mark));
  git_->Write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
  git_->Write("chart/templates/config.yaml",
              absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: released}\n",
                           "data: {mark: ", mark, "}\n"));
  REQUIRE(git_->Commit(mark).ok());
  registry_.AddArtifact("team/app", Tag(), "application/octet-stream", mark);
}
void Suite::Trigger() {
  REQUIRE(cluster_->Trigger(e2e::kSourceApi, "GitRepository", "repo").ok());
  if (Runs("image-controller")) {
    REQUIRE(cluster_->Trigger(kImageApi, "ImageRepository", "app").ok());
  }
}

std::string Suite::Missing() {
  const auto data = [&](const char* name) {
    const auto object = cluster_->Get("v1", "ConfigMap", name);
    return object.has_value() ? std::string((*object)["data"]["mark"].str()) : "";
  };
  const auto ready = [&](const char* api, const char* kind, const char* name) {
    return ReadyMessage(cluster_->Get(api, kind, name), "True").has_value();
  };
  const std::string mark = absl::StrCat("r", round_);
  if (data("config") != mark) return "ConfigMap/config";
  if (!ready(e2e::kSourceApi, "GitRepository", "repo")) return "GitRepository/repo";
  if (!ready(e2e::kKustomizeApi, "Kustomization", "app")) return "Kustomization/app";
  if (Runs("helm-controller")) {
    if (data("released") != mark) return "ConfigMap/released";
    if (!ready(kHelmApi, "HelmRelease", "app")) return "HelmRelease/app";
  }
  if (Runs("image-controller")) {
    const auto policy = cluster_->Get(kImageApi, "ImagePolicy", "app");
    if (!policy.has_value() || (*policy)["status"]["latestRef"]["tag"].str() != Tag()) {
      return "ImagePolicy/app's tag";
    }
    if (!ready(kImageApi, "ImageRepository", "app")) return "ImageRepository/app";
    if (!ready(kImageApi, "ImagePolicy", "app")) return "ImagePolicy/app";
  }
  if (proxy_->settled_watches() < watches_) return "watches";
  return "";
}

bool Suite::Runs(absl::string_view name) const {
  return std::find(controllers_.begin(), controllers_.end(), name) != controllers_.end();
}
std::string Suite::Tag() const { return absl::StrCat("1.0.", round_); }
std::string Suite::UidOfConfig() {
  const auto config = cluster_->Get("v1", "ConfigMap", "config");
  return config.has_value() ? std::string(kube::Uid(*config)) : "";
}

void Suite::ApplyRelease() {
  // Without it a failed release waits for a new chart or new values, as in Flux.
  const Value retry = {{"strategy", {{"name", "RetryOnFailure"}, {"retryInterval", "1s"}}}};
  Apply({{"apiVersion", kHelmApi},
         {"kind", "HelmRelease"},
         {"metadata", {{"name", "app"}}},
         {"spec",
          {{"interval", "10m"},
           {"install", retry},
           {"upgrade", retry},
           {"chart",
            {{"spec",
              {{"chart", "chart"},
               {"reconcileStrategy", "Revision"},
               {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}}}}});
}

void Suite::ApplyImages() {
  Apply({{"apiVersion", kImageApi},
         {"kind", "ImageRepository"},
         {"metadata", {{"name", "app"}}},
         {"spec", {{"image", registry_.host() + "/team/app"}, {"interval", "10m"}}}});
  Apply({{"apiVersion", kImageApi},
         {"kind", "ImagePolicy"},
         {"metadata", {{"name", "app"}}},
         {"spec",
          {{"imageRepositoryRef", {{"name", "app"}}},
           {"policy", {{"semver", {{"range", ">=1.0.0"}}}}}}}});
}

}  // namespace sluice::faults
