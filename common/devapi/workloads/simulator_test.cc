// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/simulator.h"

#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/devapi/bootstrap.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/controllers/garbage.h"
#include "common/devapi/verbs/write.h"
#include "common/devapi/workloads/world.h"
#include "common/testing/fake_clock.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::FakeClock;

// A cluster whose controllers work when the test says so, in this thread.
class Simulated {
 public:
  Simulated() : cluster_(clock_) {
    controllers_.push_back(GarbageCollector(cluster_));
    controllers_.push_back(
        WorkloadSimulator(cluster_, {.enabled = true, .ready_after = absl::Seconds(1)}));
    cluster_.store().SetObserver([this](const Change& change) { changes_.push_back(change); });
    REQUIRE(Bootstrap(cluster_).ok());
  }

  void Apply(const char* yaml) {
    const absl::Status status = Seed(cluster_, value::ParseYaml(yaml).value());
    INFO(status);
    REQUIRE(status.ok());
    Settle();
  }

  // Lets the controllers work until nothing changes any more.
  void Settle() {
    for (int rounds = 0; rounds < 1000; ++rounds) {
      std::deque<Change> changes = std::exchange(changes_, {});
      for (const auto& controller : controllers_) {
        for (const Change& change : changes) controller->Observe(change);
      }
      for (const auto& controller : controllers_) (void)controller->Run(Context::Background());
      if (changes_.empty()) return;
    }
    FAIL("the controllers do not come to rest");
  }

  void Advance(absl::Duration duration) {
    clock_.Advance(duration);
    Settle();
  }

  Value Get(const char* storage, const std::string& name) {
    const ObjectRef object = cluster_.store().Find(storage, {"default", name});
    return object == nullptr ? Value() : object->value();
  }
  std::vector<ObjectRef> List(const char* storage) {
    return cluster_.store().List(storage, "default").objects;
  }
  void Edit(const char* storage, const std::string& name, const std::function<void(Value&)>& edit) {
    World world(cluster_, {});
    world.Edit({storage, {"default", name}}, edit, "test");
    Settle();
  }
  void Delete(const char* storage, const std::string& name) {
    Call call = InternalCall(cluster_, cluster_.registry().Snapshot()->FindStorage(storage),
                             {"default", name}, "test");
    DeleteOptions options;
    options.propagation = Propagation::kBackground;
    REQUIRE(DeleteObject(cluster_, call, options).ok());
    Settle();
  }

 private:
  FakeClock clock_;
  Cluster cluster_;
  std::deque<Change> changes_;
  std::vector<std::unique_ptr<Controller>> controllers_;
};

// "True NewReplicaSetAvailable" of a condition.
std::string ConditionOf(const Value& object, absl::string_view type) {
  const Value& condition = FindCondition(object["status"], type);
  return absl::StrCat(condition["status"].str(), " ", condition["reason"].str());
}

constexpr char kDeployment[] = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: one}]}
)";

TEST_CASE("a deployment becomes available when its pods are ready", "[devapi]") {
  Simulated cluster;
  cluster.Apply(kDeployment);

  Value web = cluster.Get("deployments.apps", "web");
  CHECK(web["status"]["replicas"].int_or(0) == 2);
  CHECK(web["status"]["readyReplicas"].is_null());
  CHECK(ConditionOf(web, "Available") == "False MinimumReplicasUnavailable");
  CHECK(ConditionOf(web, "Progressing") == "True ReplicaSetUpdated");
  REQUIRE(cluster.List("replicasets.apps").size() == 1);
  const Value set = cluster.List("replicasets.apps")[0]->value();
  CHECK(set["metadata"]["ownerReferences"].at(0)["name"].str() == "web");
  REQUIRE(cluster.List("pods").size() == 2);
  const Value pod = cluster.List("pods")[0]->value();
  CHECK(pod["status"]["phase"].str() == "Pending");
  CHECK(pod["spec"]["nodeName"].str() == "sluice-dev");

  cluster.Advance(absl::Seconds(1));

  web = cluster.Get("deployments.apps", "web");
  CHECK(web["status"]["readyReplicas"].int_or(0) == 2);
  CHECK(web["status"]["availableReplicas"].int_or(0) == 2);
  CHECK(web["status"]["observedGeneration"] == web["metadata"]["generation"]);
  CHECK(ConditionOf(web, "Available") == "True MinimumReplicasAvailable");
  CHECK(ConditionOf(web, "Progressing") == "True NewReplicaSetAvailable");
  CHECK(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"].str() == "1");
  CHECK(web["metadata"]["generation"].int_or(0) == 1);
  CHECK(cluster.List("pods")[0]->value()["status"]["phase"].str() == "Running");
}

TEST_CASE("a new template rolls the pods over, an old one rolls them back", "[devapi]") {
  Simulated cluster;
  cluster.Apply(kDeployment);
  cluster.Advance(absl::Seconds(1));
  const auto set_image = [&](const char* image) {
    cluster.Edit("deployments.apps", "web", [&](Value& object) {
      // Edit() goes past the defaults that a request would get.
      const Value container = {{"name", "c"},
                               {"image", image},
                               {"imagePullPolicy", "Always"},
                               {"resources", Value::EmptyObject()},
                               {"terminationMessagePath", "/dev/termination-log"},
                               {"terminationMessagePolicy", "File"}};
      object.Ensure("spec")
          .Ensure("template")
          .Ensure("spec")
          .Set("containers", Value(Value::Array{container}));
    });
  };

  set_image("two");
  CHECK(cluster.List("pods").size() == 4);  // the old ones stay until the new ones are ready
  cluster.Advance(absl::Seconds(1));
  CHECK(cluster.List("pods").size() == 2);
  CHECK(cluster.List("pods")[0]->value()["spec"]["containers"].at(0)["image"].str() == "two");
  CHECK(cluster.List("replicasets.apps").size() == 2);
  Value web = cluster.Get("deployments.apps", "web");
  CHECK(ConditionOf(web, "Progressing") == "True NewReplicaSetAvailable");
  CHECK(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"].str() == "2");

  set_image("one");
  cluster.Advance(absl::Seconds(1));
  web = cluster.Get("deployments.apps", "web");
  CHECK(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"].str() == "3");
  CHECK(cluster.List("replicasets.apps").size() == 2);
}

TEST_CASE("deployments scale, to zero too, and take their pods with them", "[devapi]") {
  Simulated cluster;
  cluster.Apply(kDeployment);
  cluster.Advance(absl::Seconds(1));
  const auto scale = [&](int replicas) {
    cluster.Edit("deployments.apps", "web",
                 [&](Value& object) { object.Ensure("spec").Set("replicas", replicas); });
    cluster.Advance(absl::Seconds(1));
  };
  scale(5);
  CHECK(cluster.List("pods").size() == 5);
  scale(0);
  CHECK(cluster.List("pods").empty());
  CHECK(ConditionOf(cluster.Get("deployments.apps", "web"), "Available") ==
        "True MinimumReplicasAvailable");
  scale(1);
  cluster.Delete("deployments.apps", "web");
  CHECK(cluster.List("replicasets.apps").empty());
  CHECK(cluster.List("pods").empty());
}

TEST_CASE("annotations make workloads fail, hang or take their time", "[devapi]") {
  struct Row {
    const char* annotations;
    const char* progressing;
    const char* pod_phase;
  };
  const Row rows[] = {
      {"{dev.sluice.sh/workload: fail}", "False ProgressDeadlineExceeded", "Running"},
      {"{dev.sluice.sh/workload: hang}", "True ReplicaSetUpdated", "Pending"},
      {"{dev.sluice.sh/ready-after: 1h}", "True ReplicaSetUpdated", "Pending"},
      {"{dev.sluice.sh/ready-after: 10ms}", "True NewReplicaSetAvailable", "Running"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations);
    Simulated cluster;
    Value deployment = value::ParseYaml(kDeployment).value();
    deployment.Ensure("metadata").Set("annotations", value::ParseYaml(row.annotations).value());
    cluster.Apply(value::FormatYaml(deployment).c_str());
    cluster.Advance(absl::Seconds(1));
    CHECK(ConditionOf(cluster.Get("deployments.apps", "web"), "Progressing") == row.progressing);
    CHECK(cluster.List("pods")[0]->value()["status"]["phase"].str() == row.pod_phase);
  }
}

TEST_CASE("a deployment that hangs runs into its deadline", "[devapi]") {
  Simulated cluster;
  Value deployment = value::ParseYaml(kDeployment).value();
  deployment.Ensure("metadata").Ensure("annotations").Set(kFateAnnotation, "hang");
  deployment.Ensure("spec").Set("progressDeadlineSeconds", 30);
  cluster.Apply(value::FormatYaml(deployment).c_str());
  cluster.Advance(absl::Seconds(29));
  CHECK(ConditionOf(cluster.Get("deployments.apps", "web"), "Progressing") ==
        "True ReplicaSetUpdated");
  cluster.Advance(absl::Seconds(1));
  CHECK(ConditionOf(cluster.Get("deployments.apps", "web"), "Progressing") ==
        "False ProgressDeadlineExceeded");
}

TEST_CASE("a stateful set starts its pods one by one, with their volumes", "[devapi]") {
  Simulated cluster;
  cluster.Apply(R"(
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: default}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: one}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
)");
  CHECK(cluster.List("pods").size() == 1);
  cluster.Advance(absl::Seconds(1));
  CHECK(cluster.List("pods").size() == 2);
  CHECK(cluster.Get("statefulsets.apps", "db")["status"]["readyReplicas"].int_or(0) == 1);
  cluster.Advance(absl::Seconds(1));
  const Value set = cluster.Get("statefulsets.apps", "db");
  CHECK(set["status"]["readyReplicas"].int_or(0) == 2);
  CHECK(set["status"]["updatedReplicas"].int_or(0) == 2);
  CHECK(set["status"]["currentRevision"] == set["status"]["updateRevision"]);
  const Value claim = cluster.Get("persistentvolumeclaims", "data-db-1");
  CHECK(claim["status"]["phase"].str() == "Bound");
  CHECK(claim["status"]["capacity"]["storage"].str() == "1Gi");
  CHECK(cluster.Get("pods", "db-0")["spec"]["volumes"].at(0)["name"].str() == "data");
}

TEST_CASE("jobs complete, or fail when told to", "[devapi]") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    Simulated cluster;
    cluster.Apply(absl::StrCat(R"(
apiVersion: batch/v1
kind: Job
metadata: {name: j, namespace: default, annotations: {)",
                               fails ? "dev.sluice.sh/workload: fail" : "", R"(}}
spec:
  completions: 2
  ttlSecondsAfterFinished: 100
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: i}]}
)")
                      .c_str());
    CHECK(cluster.Get("jobs.batch", "j")["status"]["active"].int_or(0) == 1);
    cluster.Advance(absl::Seconds(1));
    cluster.Advance(absl::Seconds(1));
    const Value job = cluster.Get("jobs.batch", "j");
    if (fails) {
      CHECK(ConditionOf(job, "Failed") == "True BackoffLimitExceeded");
    } else {
      CHECK(ConditionOf(job, "Complete") == "True CompletionsReached");
      CHECK(job["status"]["succeeded"].int_or(0) == 2);
      CHECK_FALSE(job["status"]["completionTime"].str().empty());
    }
    cluster.Advance(absl::Seconds(101));
    CHECK(cluster.Get("jobs.batch", "j").is_null());
  }
}

TEST_CASE("cron jobs start jobs by their schedule", "[devapi]") {
  Simulated cluster;
  cluster.Apply(R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: c, namespace: default}
spec:
  schedule: '*/5 * * * *'
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}
)");
  cluster.Advance(absl::Minutes(4));
  CHECK(cluster.List("jobs.batch").empty());
  cluster.Advance(absl::Minutes(1));
  CHECK(cluster.List("jobs.batch").size() == 1);
  CHECK(cluster.Get("cronjobs.batch", "c")["status"]["lastScheduleTime"].str() ==
        "2026-01-01T00:05:00Z");
  for (int i = 0; i < 10; ++i) cluster.Advance(absl::Minutes(5));
  CHECK(cluster.List("jobs.batch").size() <= 4);  // the history limit
}

TEST_CASE("what the outside answers, is answered", "[devapi]") {
  Simulated cluster;
  cluster.Apply(kDeployment);
  cluster.Apply(R"(
apiVersion: v1
kind: Service
metadata: {name: lb, namespace: default}
spec: {type: LoadBalancer, ports: [{port: 80}]}
)");
  cluster.Apply(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: in, namespace: default}
spec: {defaultBackend: {service: {name: lb, port: {number: 80}}}}
)");
  cluster.Apply(R"(
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: hpa, namespace: default}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
)");
  cluster.Apply(R"(
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: pdb, namespace: default}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
)");
  cluster.Apply(R"(
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds, namespace: default}
spec:
  selector: {matchLabels: {app: ds}}
  template:
    metadata: {labels: {app: ds}}
    spec: {containers: [{name: c, image: i}]}
)");
  CHECK(cluster.Get("services", "lb")["status"]["loadBalancer"]["ingress"].empty());
  cluster.Advance(absl::Seconds(1));
  CHECK(cluster.Get("services", "lb")["status"]["loadBalancer"]["ingress"].size() == 1);
  CHECK(cluster.Get("ingresses.networking.k8s.io", "in")["status"]["loadBalancer"]["ingress"]
            .size() == 1);
  CHECK(ConditionOf(cluster.Get("horizontalpodautoscalers.autoscaling", "hpa"), "ScalingActive") ==
        "True ValidMetricFound");
  const Value budget = cluster.Get("poddisruptionbudgets.policy", "pdb");
  CHECK(budget["status"]["disruptionsAllowed"].int_or(0) == 1);
  CHECK(budget["status"]["currentHealthy"].int_or(0) == 2);
  CHECK(cluster.Get("daemonsets.apps", "ds")["status"]["numberReady"].int_or(0) == 1);
}

}  // namespace
}  // namespace sluice::devapi
