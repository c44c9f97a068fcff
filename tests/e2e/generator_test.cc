// A repository in the shape of fluxcd/flux2-kustomize-helm-example, where an ArtifactGenerator
// takes the repository apart and Kustomizations apply the parts.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kGeneratorApi[] = "source.extensions.fluxcd.io/v1beta1";
constexpr char kBase[] = "apps/base/podinfo/config.yaml";

// What clusters/production holds there.
std::vector<Value> Manifests() {
  const auto copy = [](const char* from, const char* to) -> Value {
    return {{"from", from}, {"to", to}};
  };
  const auto artifact = [](const char* name, Value::Array copies) -> Value {
    return {{"name", name}, {"originRevision", "@monorepo"}, {"copy", Value(std::move(copies))}};
  };
  const Value generator = {
      {"apiVersion", kGeneratorApi},
      {"kind", "ArtifactGenerator"},
      {"metadata", {{"name", "flux-system"}}},
      {"spec",
       {{"sources",
         Value::Array{{{"alias", "monorepo"}, {"kind", "GitRepository"}, {"name", "flux-system"}}}},
        {"artifacts",
         Value::Array{
             artifact("infrastructure", {copy("@monorepo/infrastructure/**", "@artifact/")}),
             artifact("apps", {copy("@monorepo/apps/base/**", "@artifact/base/"),
                               copy("@monorepo/apps/production/**", "@artifact/production/")})}}}}};
  const auto kustomization = [](const char* name, const char* source, const char* path,
                                const char* after) {
    Value object = KustomizationManifest(name, source, path, "1h");
    object.Ensure("spec").Set("sourceRef", {{"kind", "ExternalArtifact"}, {"name", source}});
    object.Ensure("spec").Set("prune", true);
    object.Ensure("spec").Set("wait", true);
    if (*after != '\0') {
      object.Ensure("spec").Set("dependsOn", Value::Array{{{"name", after}}});
    }
    return object;
  };
  return {generator, kustomization("infra-controllers", "infrastructure", "./controllers", ""),
          kustomization("infra-configs", "infrastructure", "./configs", "infra-controllers"),
          kustomization("apps", "apps", "./production", "infra-configs")};
}

class Monorepo {
 public:
  explicit Monorepo(const ClusterOptions& options) {
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    git_ = std::make_unique<GitRepository>(
        GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo")).value());
    git_->Write("infrastructure/controllers/a.yaml", Config("controllers", "1"));
    git_->Write("infrastructure/configs/b.yaml", Config("configs", "1"));
    git_->Write(
        "apps/production/kustomization.yaml",
        "resources: [../base/podinfo]\npatches:\n- patch: |\n    - {op: add, path: /data/env, "
        "value: production}\n  target: {kind: ConfigMap}\n");
    git_->Write("apps/base/podinfo/kustomization.yaml", "resources: [config.yaml]\n");
    git_->Write("clusters/production/ignored.yaml", "not: part of any artifact\n");
    Commit("1");
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "flux-system", absl::StrCat(cluster_->git_url(), "/repo"), "1h")),
                 IsOk());
    for (Value& manifest : manifests_) REQUIRE_THAT(cluster_->Apply(manifest), IsOk());
  }

  Cluster& cluster() { return *cluster_; }
  // Commits the app with `value`; the commit id.
  std::string Commit(absl::string_view value) {
    git_->Write(kBase, Config("podinfo", value));
    return git_->Commit("Change").value();
  }
  void Trigger() {
    REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "flux-system"), IsOk());
  }
  std::optional<Value> Kustomization(const char* name) {
    return cluster_->Get(kKustomizeApi, "Kustomization", name);
  }
  void RequireLive(const std::string& commit, const std::string& value) {
    const bool live = Eventually(kLimit, [&] {
      const auto apps = Kustomization("apps");
      const auto config = cluster_->Get("v1", "ConfigMap", "podinfo");
      return ReadyMessage(apps, "True").has_value() && config.has_value() &&
             absl::EndsWith((*apps)["status"]["lastAppliedOriginRevision"].str(), commit) &&
             (*config)["data"]["value"].str() == value &&
             (*config)["data"]["env"].str() == "production";
    });
    if (!live) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(live);
    CHECK(cluster_->Casualties() == "");
  }

 private:
  std::string Config(absl::string_view name, absl::string_view value) {
    return ConfigMapYaml(cluster_->ns(), name, "value", value);
  }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
  std::vector<Value> manifests_ = Manifests();
};

ClusterOptions WithGate() {
  return {.flags = {{"kustomize-controller", {"--feature-gates=ExternalArtifact=true"}}}};
}

TEST_CASE("a repository that a generator takes apart is applied in parts", "[e2e]") {
  Monorepo repo(WithGate());
  const std::string first = repo.Commit("1a");
  repo.Trigger();
  repo.RequireLive(first, "1a");
  const auto before = repo.Kustomization("infra-configs");
  REQUIRE(before.has_value());
  CHECK(absl::StartsWith((*before)["status"]["lastAppliedRevision"].str(), "latest@sha256:"));

  // A commit to one part moves that part alone.
  const std::string second = repo.Commit("2");
  repo.Trigger();
  repo.RequireLive(second, "2");
  const auto after = repo.Kustomization("infra-configs");
  CHECK((*after)["status"]["lastAppliedRevision"] == (*before)["status"]["lastAppliedRevision"]);

  // Killed and back, it goes on.
  repo.cluster().Kill("source-controller");
  REQUIRE_THAT(repo.cluster().Restart("source-controller"), IsOk());
  const std::string third = repo.Commit("3");
  repo.Trigger();
  repo.RequireLive(third, "3");

  // With the generator go its artifacts.
  REQUIRE_THAT(repo.cluster().Delete(kGeneratorApi, "ArtifactGenerator", "flux-system"), IsOk());
  CHECK(Eventually(kLimit, [&] {
    return !repo.cluster().Get(kGeneratorApi, "ArtifactGenerator", "flux-system").has_value() &&
           !repo.cluster().Get(kSourceApi, "ExternalArtifact", "apps").has_value();
  }));
}

TEST_CASE("without the feature gate a Kustomization of an ExternalArtifact stalls", "[e2e]") {
  Monorepo repo({});
  const std::string message = absl::StrCat("can't access 'ExternalArtifact/", repo.cluster().ns(),
                                           "/apps', ExternalArtifact feature gate is disabled");
  const bool told = Eventually(
      kLimit, [&] { return ReadyMessage(repo.Kustomization("apps"), "False") == message; });
  if (!told) UNSCOPED_INFO(repo.cluster().Describe());
  CHECK(told);
}

}  // namespace
}  // namespace sluice::e2e
