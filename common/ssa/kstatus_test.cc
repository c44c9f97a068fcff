// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/kstatus.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);  // 2023-11-14T22:13:20Z

std::string Check(const std::string& api_version, const std::string& kind,
                  const std::string& rest) {
  const Value object =
      value::ParseYaml("{apiVersion: " + api_version + ", kind: " + kind + ", " + rest + "}")
          .value();
  return std::string(ReadinessName(ReadinessOf(object, kNow)));
}

struct Row {
  const char* object;  // flow YAML, without apiVersion and kind
  const char* readiness;
};

TEST_CASE("what all kinds have in common decides first", "[ssa]") {
  const Row rows[] = {
      {"metadata: {deletionTimestamp: '2023-01-01T00:00:00Z'}", "Terminating"},
      {"metadata: {generation: 2}, status: {observedGeneration: 1}", "InProgress"},
      {"metadata: {generation: 2}, status: {observedGeneration: 2}", "Current"},
      {"metadata: {generation: 2}, status: {}", "Current"},
      {"status: {conditions: [{type: Reconciling, status: 'True'}]}", "InProgress"},
      {"status: {conditions: [{type: Stalled, status: 'True'}]}", "Failed"},
      {"status: {conditions: [{type: Stalled, status: 'False'}]}", "Current"},
      {"status: {conditions: [{type: Stalled, status: 'True'}, {type: Reconciling, status: "
       "'True'}]}",
       "Failed"},
      {"status: {conditions: [{type: Ready, status: 'False'}]}", "InProgress"},
      {"status: {conditions: [{type: Ready, status: Unknown}]}", "InProgress"},
      {"status: {conditions: [{type: Ready, status: 'True'}]}", "Current"},
      {"spec: {}", "Current"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object);
    CHECK(Check("example.com/v1", "Widget", row.object) == row.readiness);
  }
}

TEST_CASE("a Deployment is current when its new pods are available", "[ssa]") {
  const Row rows[] = {
      {"status: {}", "InProgress"},
      {"spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 2, availableReplicas: 2, "
       "readyReplicas: 2, conditions: [{type: Available, status: 'True'}]}",
       "Current"},
      {"spec: {replicas: 2}, status: {replicas: 3, updatedReplicas: 2, availableReplicas: 2, "
       "readyReplicas: 2, conditions: [{type: Available, status: 'True'}]}",
       "InProgress"},
      {"spec: {replicas: 2}, status: {replicas: 2, updatedReplicas: 2, availableReplicas: 1, "
       "readyReplicas: 1, conditions: [{type: Available, status: 'True'}]}",
       "InProgress"},
      {"spec: {replicas: 0}, status: {conditions: [{type: Available, status: 'True'}]}", "Current"},
      {"spec: {replicas: 0}, status: {}", "InProgress"},
      {"spec: {progressDeadlineSeconds: 600, replicas: 0}, status: {conditions: [{type: Available, "
       "status: 'True'}]}",
       "InProgress"},
      {"spec: {progressDeadlineSeconds: 600, replicas: 0}, status: {conditions: [{type: Available, "
       "status: 'True'}, {type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]}",
       "Current"},
      {"status: {conditions: [{type: Progressing, status: 'False', reason: "
       "ProgressDeadlineExceeded}]}",
       "Failed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object);
    CHECK(Check("apps/v1", "Deployment", row.object) == row.readiness);
  }
}

TEST_CASE("the other built-in kinds", "[ssa]") {
  struct KindRow {
    const char* api_version;
    const char* kind;
    const char* object;
    const char* readiness;
  };
  const KindRow rows[] = {
      {"v1", "ConfigMap", "data: {}", "Current"},
      {"v1", "Service", "spec: {type: ClusterIP}", "Current"},
      {"v1", "Service", "spec: {type: LoadBalancer}", "InProgress"},
      {"v1", "Service", "spec: {type: LoadBalancer, clusterIP: 10.0.0.1}", "Current"},
      {"v1", "PersistentVolumeClaim", "status: {phase: Pending}", "InProgress"},
      {"v1", "PersistentVolumeClaim", "status: {phase: Bound}", "Current"},
      {"v1", "Pod", "status: {}", "InProgress"},
      {"v1", "Pod", "status: {phase: Succeeded}", "Current"},
      {"v1", "Pod", "status: {phase: Failed}", "Current"},
      {"v1", "Pod", "status: {phase: Strange}", "Unknown"},
      {"v1", "Pod", "status: {phase: Running}", "InProgress"},
      {"v1", "Pod", "status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}",
       "Current"},
      {"v1", "Pod",
       "status: {phase: Running, containerStatuses: [{state: {waiting: {reason: "
       "CrashLoopBackOff}}}]}",
       "Failed"},
      {"v1", "Pod",
       "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: "
       "Unschedulable, lastTransitionTime: '2023-11-14T22:13:10Z'}]}",
       "InProgress"},
      {"v1", "Pod",
       "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: "
       "Unschedulable, lastTransitionTime: '2023-11-14T22:13:00Z'}]}",
       "Failed"},
      {"apps/v1", "ReplicaSet",
       "status: {replicas: 1, fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1}",
       "Current"},
      {"apps/v1", "ReplicaSet", "status: {replicas: 1}", "InProgress"},
      {"apps/v1", "DaemonSet",
       "metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 0}",
       "Current"},
      {"apps/v1", "DaemonSet", "metadata: {generation: 1}, status: {observedGeneration: 1}",
       "InProgress"},
      {"apps/v1", "DaemonSet",
       "metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 1, "
       "currentNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1}",
       "InProgress"},
      {"apps/v1", "StatefulSet", "spec: {updateStrategy: {type: OnDelete}}", "Current"},
      {"apps/v1", "StatefulSet",
       "status: {replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, "
       "updateRevision: a}",
       "Current"},
      {"apps/v1", "StatefulSet",
       "status: {replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, "
       "updateRevision: b}",
       "InProgress"},
      {"apps/v1", "StatefulSet",
       "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}}, status: {replicas: "
       "3, readyReplicas: 3, updatedReplicas: 1}",
       "Current"},
      {"batch/v1", "Job", "status: {active: 1}", "InProgress"},
      {"batch/v1", "Job", "spec: {suspend: true}", "Current"},
      {"batch/v1", "Job", "status: {conditions: [{type: Complete, status: 'True'}]}", "Current"},
      {"batch/v1", "Job", "status: {conditions: [{type: Failed, status: 'True'}]}", "Failed"},
      {"batch/v1", "CronJob", "status: {}", "Current"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "status: {}", "InProgress"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
       "status: {conditions: [{type: Established, status: 'True'}]}", "Current"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
       "status: {conditions: [{type: Established, status: 'False', reason: Installing}]}",
       "InProgress"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
       "status: {conditions: [{type: NamesAccepted, status: 'False'}]}", "Failed"},
  };
  for (const KindRow& row : rows) {
    CAPTURE(row.kind, row.object);
    CHECK(Check(row.api_version, row.kind, row.object) == row.readiness);
  }
}

}  // namespace
}  // namespace sluice::ssa
