// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/conversion.h"

#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kMetricsAnnotation[] = "autoscaling.alpha.kubernetes.io/metrics";
constexpr char kBehaviorAnnotation[] = "autoscaling.alpha.kubernetes.io/behavior";
constexpr char kConditionsAnnotation[] = "autoscaling.alpha.kubernetes.io/conditions";
constexpr char kCurrentMetricsAnnotation[] = "autoscaling.alpha.kubernetes.io/current-metrics";

void Move(Value& from, absl::string_view key, Value& to, absl::string_view new_key) {
  const Value* found = from.Find(key);
  if (found == nullptr) return;
  Value moved = *found;
  from.Erase(key);
  to.Set(new_key, std::move(moved));
}

bool IsCpuUtilization(const Value& metric) {
  return metric["type"].str() == "Resource" && metric["resource"]["name"].str() == "cpu" &&
         metric["resource"]["target"]["type"].str() == "Utilization";
}

Value AutoscalerToV1(Value object) {
  Value annotations = object["metadata"]["annotations"];
  if (Value* spec = object.FindMutable("spec")) {
    Value others = Value::EmptyArray();
    for (const Value& metric : (*spec)["metrics"].items()) {
      if (IsCpuUtilization(metric) && !spec->Has("targetCPUUtilizationPercentage")) {
        spec->Set("targetCPUUtilizationPercentage",
                  metric["resource"]["target"]["averageUtilization"]);
      } else {
        others.Append(metric);
      }
    }
    if (!others.empty()) annotations.Set(kMetricsAnnotation, value::FormatJson(others));
    if (spec->Has("behavior")) {
      annotations.Set(kBehaviorAnnotation, value::FormatJson((*spec)["behavior"]));
    }
    spec->Erase("metrics");
    spec->Erase("behavior");
  }
  if (Value* status = object.FindMutable("status")) {
    if (!(*status)["conditions"].empty()) {
      annotations.Set(kConditionsAnnotation, value::FormatJson((*status)["conditions"]));
    }
    if (!(*status)["currentMetrics"].empty()) {
      annotations.Set(kCurrentMetricsAnnotation, value::FormatJson((*status)["currentMetrics"]));
    }
    status->Erase("conditions");
    status->Erase("currentMetrics");
  }
  if (!annotations.is_null()) object.Ensure("metadata").Set("annotations", std::move(annotations));
  return object;
}

Value AutoscalerFromV1(Value object) {
  Value annotations = object["metadata"]["annotations"];
  const auto take = [&](const char* key) {
    Value parsed;
    if (const Value* text = annotations.Find(key)) {
      absl::StatusOr<Value> read = value::ParseJson(text->str());
      if (read.ok()) parsed = *std::move(read);
      annotations.Erase(key);
    }
    return parsed;
  };
  const Value metrics = take(kMetricsAnnotation);
  const Value behavior = take(kBehaviorAnnotation);
  const Value conditions = take(kConditionsAnnotation);
  const Value current = take(kCurrentMetricsAnnotation);
  if (Value* spec = object.FindMutable("spec")) {
    Value list = Value::EmptyArray();
    for (const Value& metric : metrics.items()) list.Append(metric);
    const Value cpu = (*spec)["targetCPUUtilizationPercentage"];
    if (!cpu.is_null()) {
      list.Append(Value{{"type", "Resource"},
                        {"resource", Value{{"name", "cpu"},
                                           {"target", Value{{"type", "Utilization"},
                                                            {"averageUtilization", cpu}}}}}});
    }
    spec->Erase("targetCPUUtilizationPercentage");
    if (!list.empty()) spec->Set("metrics", std::move(list));
    if (!behavior.is_null()) spec->Set("behavior", behavior);
  }
  if (Value* status = object.FindMutable("status")) {
    if (!conditions.is_null()) status->Set("conditions", conditions);
    if (!current.is_null()) status->Set("currentMetrics", current);
    status->Erase("currentCPUUtilizationPercentage");
  }
  Value& metadata = object.Ensure("metadata");
  if (annotations.empty()) {
    metadata.Erase("annotations");
  } else {
    metadata.Set("annotations", std::move(annotations));
  }
  return object;
}

// core/v1 and events.k8s.io/v1 name the same fields differently.
constexpr std::pair<const char*, const char*> kEventFields[] = {
    {"count", "deprecatedCount"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"source", "deprecatedSource"},
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"reportingComponent", "reportingController"},
};

Value EventToNew(Value object) {
  for (const auto& [core, modern] : kEventFields) Move(object, core, object, modern);
  return object;
}

Value EventFromNew(Value object) {
  for (const auto& [core, modern] : kEventFields) Move(object, modern, object, core);
  return object;
}

}  // namespace

bool NeedsConversion(const Resource& resource) {
  return resource.custom == nullptr && resource.storage_api_version != resource.api_version();
}

Value FromStorage(const Resource& resource, const Value& stored) {
  if (resource.storage_api_version == resource.api_version()) return stored;
  Value shown = stored;
  shown.Set("apiVersion", resource.api_version());
  if (resource.custom != nullptr) return shown;
  if (resource.group == "autoscaling") return AutoscalerToV1(std::move(shown));
  if (resource.group == "events.k8s.io") return EventToNew(std::move(shown));
  return shown;
}

Value ToStorage(const Resource& resource, const Value& shown) {
  if (resource.storage_api_version == resource.api_version()) return shown;
  Value stored = shown;
  stored.Set("apiVersion", resource.storage_api_version);
  if (resource.custom != nullptr) return stored;
  if (resource.group == "autoscaling") return AutoscalerFromV1(std::move(stored));
  if (resource.group == "events.k8s.io") return EventFromNew(std::move(stored));
  return stored;
}

void AppendJson(std::string& out, const Resource& resource, const Object& object, bool typed) {
  std::string converted;
  absl::string_view body;
  if (NeedsConversion(resource)) {
    converted = BodyJson(FromStorage(resource, object.value()));
    body = converted;
  } else {
    body = object.body();
  }
  if (typed) {
    AppendTyped(out, resource.api_version(), resource.kind, body);
  } else {
    out.append(body.data(), body.size());
  }
}

}  // namespace sluice::devapi
