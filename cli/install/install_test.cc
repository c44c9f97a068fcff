// SPDX-License-Identifier: Apache-2.0
#include "cli/install/install.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "cli/testing/command_line.h"

namespace sluice::cli {
namespace {

using ::Catch::Contains;
using testing::TestCluster;

constexpr char kNs[] = "flux-system";
// Tests run in the source's folder. One controller is enough.
const std::vector<std::string> kInstall = {
    "install", "--set=controllers.source-controller.enabled=false",
    "--set=controllers.helm-controller.enabled=false",
    "--set=controllers.image-controller.enabled=false", "--timeout=2s"};

constexpr char kKustomization[] = R"(
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system, finalizers: [finalizers.fluxcd.io]}
spec: {interval: 1m, prune: true, path: ./, sourceRef: {kind: GitRepository, name: repo}}
)";
constexpr char kFluxDeployment[] = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: default
  labels: {app.kubernetes.io/part-of: flux}
spec:
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec: {containers: [{name: manager, image: x}]}
)";

TEST_CASE("install applies the chart and waits for the controllers", "[cli][install]") {
  TestCluster cluster;
  const auto output = cluster.Run(kInstall);
  CHECK_THAT(output.err, Contains("install finished"));
  CHECK(output.code == 0);
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "kustomize-controller").is_object());
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "source-controller").is_null());
  CHECK(cluster.Live("v1", "Namespace", "",
                     kNs)["metadata"]["labels"]["app.kubernetes.io/part-of"] == "sluice");
}

TEST_CASE("install --export prints what install applies", "[cli][install]") {
  const auto output = testing::RunCommandLine({"install", "--export", "-n", "tools"});
  CHECK(output.code == 0);
  for (const char* part :
       {"kind: Namespace\nmetadata:\n  name: tools\n", "kind: CustomResourceDefinition",
        "kind: ClusterRoleBinding", "name: helm-controller\n  namespace: tools\n"}) {
    CHECK_THAT(output.out, Contains(part));
  }
}

TEST_CASE("install refuses a cluster of Flux unless it is told to", "[cli][install]") {
  TestCluster cluster;
  cluster.Apply(kFluxDeployment);
  const auto refused = cluster.Run(kInstall, "n\n");
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Contains("Flux is installed"));
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "kustomize-controller").is_null());
  std::vector<std::string> forced = kInstall;
  forced.push_back("--force");
  cluster.Run(forced);
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "kustomize-controller").is_object());
}

TEST_CASE("uninstall leaves nothing of the chart, and prunes nothing", "[cli][install]") {
  TestCluster cluster;
  cluster.Run(kInstall);
  cluster.Apply(kKustomization);
  const auto dry = cluster.Run({"uninstall", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "kustomize-controller").is_object());

  const auto output = cluster.Run({"uninstall", "--silent", "--keep-namespace"});
  INFO(output.err);
  CHECK(output.code == 0);
  CHECK(cluster.Live("apps/v1", "Deployment", kNs, "kustomize-controller").is_null());
  CHECK(cluster
            .Live("apiextensions.k8s.io/v1", "CustomResourceDefinition", "",
                  "kustomizations.kustomize.toolkit.fluxcd.io")
            .is_null());
  CHECK(cluster.Live("v1", "Namespace", "", kNs).is_object());
}

TEST_CASE("uninstall takes no finalizer while a controller still runs", "[cli][install]") {
  TestCluster cluster;
  cluster.Run(kInstall);
  cluster.Apply(kKustomization);
  cluster.Apply(R"(
apiVersion: v1
kind: Pod
metadata:
  name: kustomize-controller-slow
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: sluice}
  finalizers: [test/slow-to-end]
spec: {containers: [{name: manager, image: x}]}
)");
  const auto output = cluster.Run({"uninstall", "--silent", "--timeout=2s"});
  CHECK(output.code == 1);
  CHECK_THAT(output.err, Contains("waiting for Pod/flux-system/kustomize-controller-slow to end"));
  CHECK(cluster
            .Live("kustomize.toolkit.fluxcd.io/v1", "Kustomization", kNs,
                  "app")["metadata"]["finalizers"]
            .size() == 1);
}

TEST_CASE("uninstall leaves the kinds to Flux where that is installed", "[cli][install]") {
  TestCluster cluster;
  cluster.Apply(kFluxDeployment);
  CHECK(cluster.Run({"uninstall", "--silent", "--keep-namespace"}).code == 0);
  CHECK(cluster
            .Live("apiextensions.k8s.io/v1", "CustomResourceDefinition", "",
                  "kustomizations.kustomize.toolkit.fluxcd.io")
            .is_object());
}

}  // namespace
}  // namespace sluice::cli
