// The life of an installation with the real helm: installed, upgraded, rolled back.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"

namespace sluice::chart {
namespace {

using ::sluice::testing::IsOk;

std::string ImageOf(e2e::Cluster& cluster, const char* controller) {
  const auto deployment = cluster.Get("apps/v1", "Deployment", controller);
  if (!deployment.has_value()) return "none";
  return std::string((*deployment)["spec"]["template"]["spec"]["containers"].at(0)["image"].str());
}

TEST_CASE("the chart is installed, upgraded and rolled back", "[chart]") {
  const char* helm = std::getenv("SLUICE_TEST_HELM");
  if (helm == nullptr) {
    WARN("skipped: SLUICE_TEST_HELM names no helm program");
    return;
  }
  e2e::ClusterOptions options;
  options.controllers = {};
  auto started = e2e::Cluster::Start(options);
  REQUIRE_THAT(started.status(), IsOk());
  e2e::Cluster& cluster = **started;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), helm);
    for (const std::string& word :
         {std::string("-n"), cluster.ns(), std::string("--kubeconfig"), cluster.kubeconfig()}) {
      words.push_back(word);
    }
    const auto done = e2e::Run(words, {{"HELM_CACHE_HOME", "/nowhere"}});
    INFO(done.status());
    CHECK(done.ok());
    return done.value_or("");
  };
  const std::string chart = absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice");
  const auto secret = [&] { return cluster.Get("v1", "Secret", "sluice-grpc-tls"); };

  // A real API server then refuses pods that do not keep to it.
  REQUIRE_THAT(
      cluster.Apply({{"apiVersion", "v1"},
                     {"kind", "Namespace"},
                     {"metadata",
                      {{"name", cluster.ns()},
                       {"labels", {{"pod-security.kubernetes.io/enforce", "restricted"}}}}}}),
      IsOk());
  run({"install", "sluice", chart, "--skip-crds", "--set", "image.tag=1.0.0"});
  CHECK(ImageOf(cluster, "helm-controller") == "sluice/helm-controller:1.0.0");
  for (const char* name :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    const auto deployment = cluster.Get("apps/v1", "Deployment", name);
    REQUIRE(deployment.has_value());
    CHECK_THAT(cluster.Apply({{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", {{"name", name}}},
                              {"spec", (*deployment)["spec"]["template"]["spec"]}}),
               IsOk());
  }
  REQUIRE(secret().has_value());
  const Value certificate = (*secret())["data"];
  CHECK_FALSE(certificate["tls.crt"].str().empty());

  CHECK_THAT(run({"upgrade", "sluice", chart, "--skip-crds", "--set", "image.tag=2.0.0", "--set",
                  "controllers.kustomize-controller.replicas=2"}),
             Catch::Contains("Helm does not upgrade custom resource definitions"));
  CHECK(ImageOf(cluster, "helm-controller") == "sluice/helm-controller:2.0.0");
  CHECK(cluster.Get("policy/v1", "PodDisruptionBudget", "kustomize-controller").has_value());
  CHECK((*secret())["data"] == certificate);

  run({"rollback", "sluice", "1"});
  CHECK(ImageOf(cluster, "helm-controller") == "sluice/helm-controller:1.0.0");
  CHECK_FALSE(cluster.Get("policy/v1", "PodDisruptionBudget", "kustomize-controller").has_value());
  CHECK((*secret())["data"] == certificate);

  // A certificate that is due is made anew.
  REQUIRE_THAT(cluster.Edit("v1", "Secret", "sluice-grpc-tls",
                            {{"metadata", {{"annotations", {{"sluice.dev/renew-after", "1"}}}}}}),
               IsOk());
  std::vector<std::string> renewal = {"upgrade",     "sluice", chart,
                                      "--skip-crds", "--set",  "image.tag=1.0.0"};
  // Helm 4 applies server-side, and the edit is somebody else's.
  if (absl::StartsWith(run({"version", "--template", "{{.Version}}"}), "v4")) {
    renewal.push_back("--force-conflicts");
  }
  run(renewal);
  CHECK((*secret())["data"] != certificate);
  CHECK(kube::Annotation(*secret(), "sluice.dev/renew-after") > "1");

  run({"uninstall", "sluice"});
  CHECK(ImageOf(cluster, "helm-controller") == "none");
}

}  // namespace
}  // namespace sluice::chart
