// Claims, services, ingresses, autoscalers, budgets: objects that something outside the cluster
// answers.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/requests/selectors.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

// Nothing to do yet: when it will be due; nullopt if it is due now, InfiniteFuture if it hangs.
std::optional<absl::Time> WaitFor(World& world, const Object& object) {
  const Behaviour behaviour = BehaviourOf(object.value(), world.options());
  if (behaviour.fate != Fate::kReady) return absl::InfiniteFuture();
  const absl::Time due = world.FirstSeen(object) + behaviour.ready_after;
  if (world.now() < due) return due;
  return std::nullopt;
}

std::string LoadBalancerAddress(const Object& object) {
  const size_t number = std::hash<std::string>()(std::string(object.uid()));
  return absl::StrCat("172.18.255.", number % 253 + 1);
}

Value Condition(const char* type, bool status, const char* reason, const std::string& message) {
  return Value{{"type", type},
               {"status", status ? "True" : "False"},
               {"reason", reason},
               {"message", message}};
}

}  // namespace

absl::Time ReconcileClaim(World& world, const ObjectRef& object) {
  const Value& claim = object->value();
  const bool bound = claim["status"]["phase"].str() == "Bound";
  if (object->deleting() || bound) return absl::InfiniteFuture();
  if (const auto due = WaitFor(world, *object)) return *due;
  const Place place = {"persistentvolumeclaims", object->key()};
  std::string volume(claim["spec"]["volumeName"].str());
  Value capacity = claim["spec"]["resources"]["requests"]["storage"];
  if (volume.empty()) {
    volume = absl::StrCat("pvc-", object->uid());
    const Value reference = {{"apiVersion", "v1"},
                             {"kind", "PersistentVolumeClaim"},
                             {"namespace", object->ns()},
                             {"name", object->name()},
                             {"uid", object->uid()}};
    Value spec = {{"capacity", Value{{"storage", capacity}}},
                  {"accessModes", claim["spec"]["accessModes"]},
                  {"claimRef", reference},
                  {"persistentVolumeReclaimPolicy", "Delete"},
                  {"hostPath", Value{{"path", absl::StrCat("/simulated/", volume)}}}};
    if (claim["spec"]["storageClassName"].is_string()) {
      spec.Set("storageClassName", claim["spec"]["storageClassName"]);
    }
    world.Create("persistentvolumes", "",
                 Value{{"metadata", Value{{"name", volume}}}, {"spec", std::move(spec)}});
    world.Edit(place, [&](Value& next) {
      next.Ensure("spec").Set("volumeName", volume);
      Value& annotations = next.Ensure("metadata").Ensure("annotations");
      annotations.Set("pv.kubernetes.io/bind-completed", "yes");
      annotations.Set("pv.kubernetes.io/bound-by-controller", "yes");
    });
  }
  world.EditStatus({"persistentvolumes", {"", volume}},
                   [](Value& status) { status.Set("phase", "Bound"); });
  world.EditStatus(place, [&](Value& status) {
    status.Set("phase", "Bound");
    status.Set("accessModes", claim["spec"]["accessModes"]);
    status.Set("capacity", Value{{"storage", capacity}});
  });
  return absl::InfiniteFuture();
}

absl::Time ReconcileService(World& world, const ObjectRef& object) {
  const Value& service = object->value();
  const bool wants = service["spec"]["type"].str() == "LoadBalancer";
  const bool has = !service["status"]["loadBalancer"]["ingress"].empty();
  if (object->deleting() || wants == has) return absl::InfiniteFuture();
  const Place place = {"services", object->key()};
  if (!wants) {
    world.EditStatus(place,
                     [](Value& status) { status.Set("loadBalancer", Value::EmptyObject()); });
    return absl::InfiniteFuture();
  }
  if (const auto due = WaitFor(world, *object)) return *due;
  const Value entry = {{"ip", LoadBalancerAddress(*object)}, {"ipMode", "VIP"}};
  world.EditStatus(
      place,
      [&](Value& status) {
        status.Ensure("loadBalancer").Set("ingress", Value(Value::Array{entry}));
      },
      "cloud-controller-manager");
  return absl::InfiniteFuture();
}

absl::Time ReconcileIngress(World& world, const ObjectRef& object) {
  const bool has = !object->value()["status"]["loadBalancer"]["ingress"].empty();
  if (object->deleting() || has) return absl::InfiniteFuture();
  if (const auto due = WaitFor(world, *object)) return *due;
  const Value entry = {{"ip", LoadBalancerAddress(*object)}};
  world.EditStatus(
      {"ingresses.networking.k8s.io", object->key()},
      [&](Value& status) {
        status.Ensure("loadBalancer").Set("ingress", Value(Value::Array{entry}));
      },
      "ingress-controller");
  return absl::InfiniteFuture();
}

absl::Time ReconcileAutoscaler(World& world, const ObjectRef& object) {
  const Value& spec = object->value()["spec"];
  if (object->deleting()) return absl::InfiniteFuture();
  if (const auto due = WaitFor(world, *object)) return *due;
  const Value& target = spec["scaleTargetRef"];
  const auto [group, version] = SplitApiVersion(target["apiVersion"].str());
  const ResourceRef resource =
      world.cluster().registry().Snapshot()->FindKind(group, version, target["kind"].str());
  const ObjectRef scaled =
      resource == nullptr
          ? nullptr
          : world.Find(resource->storage, {object->key().ns, std::string(target["name"].str())});
  world.EditStatus({"horizontalpodautoscalers.autoscaling", object->key()}, [&](Value& status) {
    const std::string now = world.timestamp();
    if (scaled == nullptr) {
      SetCondition(status,
                   Condition("AbleToScale", false, "FailedGetScale",
                             absl::StrCat("the HPA controller was unable to get the target's "
                                          "current scale: ",
                                          target["kind"].str(), " \"", target["name"].str(),
                                          "\" not found")),
                   now);
      status.Set("currentReplicas", 0);
      status.Set("desiredReplicas", 0);
      return;
    }
    const int64_t replicas = scaled->value()["spec"]["replicas"].int_or(1);
    status.Set("currentReplicas", replicas);
    status.Set("desiredReplicas", replicas);
    status.Set("currentMetrics", nullptr);
    SetCondition(
        status,
        Condition("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size"),
        now);
    SetCondition(status,
                 Condition("ScalingActive", true, "ValidMetricFound",
                           "the HPA was able to successfully calculate a replica count"),
                 now);
    SetCondition(status,
                 Condition("ScalingLimited", false, "DesiredWithinRange",
                           "the desired count is within the acceptable range"),
                 now);
  });
  return absl::InfiniteFuture();
}

absl::Time ReconcileDisruptionBudget(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const Value& budget = object->value();
  const absl::StatusOr<LabelSelector> selector =
      LabelSelector::FromObject(budget["spec"]["selector"]);
  int64_t expected = 0;
  int64_t healthy = 0;
  for (const ObjectRef& pod : world.List("pods", object->ns())) {
    const bool counted =
        selector.ok() && IsActive(*pod) && selector->Matches(pod->value()["metadata"]["labels"]);
    if (!counted) continue;
    ++expected;
    healthy += IsReady(*pod) ? 1 : 0;
  }
  const auto share = [&](const Value& value) {
    if (value.is_integer()) return value.int_or(0);
    int64_t percent = 0;
    const absl::string_view text = value.str();
    (void)absl::SimpleAtoi(text.substr(0, text.empty() ? 0 : text.size() - 1), &percent);
    return (expected * percent + 99) / 100;
  };
  const Value& spec = budget["spec"];
  const int64_t desired = spec.Has("minAvailable")
                              ? share(spec["minAvailable"])
                              : std::max<int64_t>(0, expected - share(spec["maxUnavailable"]));
  const int64_t allowed = std::max<int64_t>(0, healthy - desired);
  world.EditStatus({"poddisruptionbudgets.policy", object->key()}, [&](Value& status) {
    status.Set("observedGeneration", budget["metadata"]["generation"]);
    status.Set("expectedPods", expected);
    status.Set("currentHealthy", healthy);
    status.Set("desiredHealthy", desired);
    status.Set("disruptionsAllowed", allowed);
    Value condition = Condition("DisruptionAllowed", allowed > 0,
                                allowed > 0 ? "SufficientPods" : "InsufficientPods", "");
    condition.Set("observedGeneration", budget["metadata"]["generation"]);
    SetCondition(status, condition, world.timestamp());
  });
  return absl::InfiniteFuture();
}

absl::Time ReconcileApiService(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const bool local = !object->value()["spec"]["service"].is_object();
  world.EditStatus({"apiservices.apiregistration.k8s.io", object->key()}, [&](Value& status) {
    SetCondition(
        status,
        local ? Condition("Available", true, "Local", "Local APIServices are always available")
              : Condition("Available", false, "ServiceNotFound",
                          "this development API server does not aggregate other servers"),
        world.timestamp());
  });
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
