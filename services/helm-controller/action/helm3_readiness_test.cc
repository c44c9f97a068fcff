// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/helm3_readiness.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"

namespace sluice::helm_controller {
namespace {

using ::sluice::testing::StatusIs;
using ssa::Readiness;

Value Yaml(const std::string& text) { return value::ParseYaml(text).value(); }

absl::StatusOr<std::vector<Value>> Nothing(const kube::GroupVersionKind&, const std::string&,
                                           const Value&) {
  return std::vector<Value>();
}

TEST_CASE("objects are ready by the rules of Helm 3", "[helm]") {
  struct Row {
    const char* object;
    Readiness expected;
  };
  constexpr Readiness kCurrent = Readiness::kCurrent;
  constexpr Readiness kInProgress = Readiness::kInProgress;
  const Row rows[] = {
      {"apiVersion: v1\nkind: ConfigMap", kCurrent},
      {"apiVersion: example.com/v1\nkind: Any\nstatus: {conditions: [{type: Ready, status: "
       "'False'}]}",
       kCurrent},
      {"apiVersion: v1\nkind: Pod\nstatus: {conditions: [{type: Ready, status: 'True'}]}",
       kCurrent},
      {"apiVersion: v1\nkind: Pod\nstatus: {phase: Succeeded}", kInProgress},
      {"apiVersion: v1\nkind: PersistentVolumeClaim\nstatus: {phase: Bound}", kCurrent},
      {"apiVersion: v1\nkind: PersistentVolumeClaim\nstatus: {phase: Pending}", kInProgress},
      {"apiVersion: v1\nkind: Service\nspec: {type: ExternalName}", kCurrent},
      {"apiVersion: v1\nkind: Service\nspec: {type: ClusterIP}", kInProgress},
      {"apiVersion: v1\nkind: Service\nspec: {type: ClusterIP, clusterIP: None}", kCurrent},
      {"apiVersion: v1\nkind: Service\nspec: {type: LoadBalancer, clusterIP: 10.0.0.1}",
       kInProgress},
      {"apiVersion: v1\nkind: Service\nspec: {type: LoadBalancer, clusterIP: 10.0.0.1, "
       "externalIPs: [10.1.0.1]}",
       kCurrent},
      {"apiVersion: v1\nkind: Service\nspec: {type: LoadBalancer, clusterIP: 10.0.0.1}\n"
       "status: {loadBalancer: {ingress: [{ip: 10.1.0.1}]}}",
       kCurrent},
      {"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {generation: 2}\n"
       "status: {observedGeneration: 1}",
       kInProgress},
      {"apiVersion: apps/v1\nkind: DaemonSet\nspec: {updateStrategy: {type: OnDelete}}", kCurrent},
      {"apiVersion: apps/v1\nkind: DaemonSet\nspec: {updateStrategy: {type: RollingUpdate, "
       "rollingUpdate: {maxUnavailable: 30%}}}\n"
       "status: {desiredNumberScheduled: 4, updatedNumberScheduled: 4, numberReady: 2}",
       kCurrent},
      {"apiVersion: apps/v1\nkind: DaemonSet\nspec: {updateStrategy: {type: RollingUpdate, "
       "rollingUpdate: {maxUnavailable: 1}}}\n"
       "status: {desiredNumberScheduled: 4, updatedNumberScheduled: 4, numberReady: 2}",
       kInProgress},
      {"apiVersion: apps/v1\nkind: StatefulSet\nspec: {replicas: 2, updateStrategy: {type: "
       "RollingUpdate}}\nstatus: {updatedReplicas: 2, readyReplicas: 2, currentRevision: a, "
       "updateRevision: b}",
       kInProgress},
      {"apiVersion: apps/v1\nkind: StatefulSet\nspec: {replicas: 2, updateStrategy: {type: "
       "RollingUpdate, rollingUpdate: {partition: 1}}}\nstatus: {updatedReplicas: 1, "
       "readyReplicas: 2, currentRevision: a, updateRevision: b}",
       kCurrent},
      {"apiVersion: apps/v1\nkind: StatefulSet\nspec: {updateStrategy: {type: OnDelete}}",
       kCurrent},
      {"apiVersion: apps/v1\nkind: Deployment\nspec: {paused: true}", kCurrent},
      {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
       "status: {conditions: [{type: NamesAccepted, status: 'False'}]}",
       kCurrent},
      {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition", kInProgress},
      {"apiVersion: batch/v1\nkind: Job\nspec: {completions: 2}\nstatus: {succeeded: 1}",
       kInProgress},
      {"apiVersion: batch/v1\nkind: Job\nspec: {completions: 2}\nstatus: {succeeded: 2}", kCurrent},
      {"apiVersion: batch/v1\nkind: Job\nspec: {completions: 1, backoffLimit: 0}\n"
       "status: {failed: 1}",
       Readiness::kFailed},
  };
  for (const Row& row : rows) {
    INFO(row.object);
    CHECK(Helm3Readiness(Yaml(row.object), /*jobs=*/true, Nothing).value() == row.expected);
  }
  CHECK(Helm3Readiness(Yaml("apiVersion: batch/v1\nkind: Job\nspec: {completions: 1}"),
                       /*jobs=*/false, Nothing)
            .value() == kCurrent);
}

TEST_CASE("a Deployment is ready when enough Pods of its newest ReplicaSet are", "[helm]") {
  const Value deployment = Yaml(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: apps, uid: u1, generation: 3}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%, maxSurge: 25%}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:2'}]}}
status: {observedGeneration: 3}
)");
  const auto replica_set = [](const char* image, const char* owner, int ready) {
    return Yaml(absl::StrCat(R"(
apiVersion: apps/v1
kind: ReplicaSet
metadata: {generation: 1, ownerReferences: [{controller: true, uid: )",
                             owner, R"(}]}
spec:
  template:
    metadata: {labels: {app: web, pod-template-hash: abc}}
    spec: {containers: [{name: web, image: ')",
                             image, R"('}]}
status: {observedGeneration: 1, readyReplicas: )",
                             ready, "}"));
  };
  struct Row {
    Value set;
    Readiness expected;
  };
  const Row rows[] = {
      {replica_set("web:2", "u1", 3), Readiness::kCurrent},
      {replica_set("web:2", "u1", 2), Readiness::kInProgress},  // one of four may be missing
      {replica_set("web:1", "u1", 4), Readiness::kInProgress},  // of the revision before
      {replica_set("web:2", "u2", 4), Readiness::kInProgress},  // of somebody else
  };
  for (const Row& row : rows) {
    INFO(value::FormatYaml(row.set));
    const auto list = [&](const kube::GroupVersionKind& gvk, const std::string& ns,
                          const Value& selector) -> absl::StatusOr<std::vector<Value>> {
      CHECK(gvk.kind == "ReplicaSet");
      CHECK(ns == "apps");
      CHECK(selector["matchLabels"]["app"].str() == "web");
      return std::vector<Value>{row.set};
    };
    CHECK(Helm3Readiness(deployment, false, list).value() == row.expected);
  }
  const auto refused = [](const auto&...) -> absl::StatusOr<std::vector<Value>> {
    return absl::PermissionDeniedError("replicasets.apps is forbidden");
  };
  CHECK_THAT(Helm3Readiness(deployment, false, refused).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "forbidden"));
}

TEST_CASE("a ReplicaSet is ready when its Pods are", "[helm]") {
  const auto pod = [](const char* owner, const char* ready) {
    return Yaml(absl::StrCat(
        "apiVersion: v1\nkind: Pod\nmetadata: {ownerReferences: [{controller: true, uid: ", owner,
        "}]}\nstatus: {conditions: [{type: Ready, status: '", ready, "'}]}"));
  };
  const Value set = Yaml("apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {uid: u1}");
  const auto with = [&](std::vector<Value> pods) {
    return Helm3Readiness(
               set, false,
               [&](const auto&...) -> absl::StatusOr<std::vector<Value>> { return pods; })
        .value();
  };
  CHECK(with({pod("u1", "True"), pod("u2", "False")}) == Readiness::kCurrent);
  CHECK(with({pod("u1", "True"), pod("u1", "False")}) == Readiness::kInProgress);
}

}  // namespace
}  // namespace sluice::helm_controller
