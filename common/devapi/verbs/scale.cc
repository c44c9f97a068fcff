// The scale subresource: how many replicas, of whatever has some.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/scale.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/json_path.h"
#include "common/devapi/verbs/body.h"
#include "common/devapi/verbs/write.h"
#include "common/value/json_patch.h"
#include "common/value/merge_patch.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

// Where a kind keeps what Scale shows.
struct Paths {
  std::vector<std::string> spec;
  std::vector<std::string> status;
  std::vector<std::string> selector;  // of a text; empty for built-in kinds
};

std::vector<std::string> Names(const std::string& path) {
  const absl::StatusOr<JsonPath> parsed = JsonPath::Parse(path);
  return parsed.ok() ? parsed->Fields() : std::vector<std::string>();
}

Paths PathsOf(const Resource& resource) {
  if (resource.custom == nullptr) return {{"spec", "replicas"}, {"status", "replicas"}, {}};
  return {Names(resource.custom->scale_spec_path), Names(resource.custom->scale_status_path),
          Names(resource.custom->scale_selector_path)};
}

const Value& At(const Value& object, const std::vector<std::string>& path) {
  const Value* at = &object;
  for (const std::string& name : path) at = &(*at)[name];
  return *at;
}

void SetAt(Value& object, const std::vector<std::string>& path, const Value& value) {
  Value* at = &object;
  for (size_t i = 0; i + 1 < path.size(); ++i) at = &at->Ensure(path[i]);
  at->Set(path.back(), value);
}

std::string Selector(const Resource& resource, const Paths& paths, const Value& object) {
  if (resource.custom != nullptr) {
    return paths.selector.empty() ? "" : std::string(At(object, paths.selector).str());
  }
  const Value& selector = object["spec"]["selector"];
  const bool plain = resource.plural == "replicationcontrollers";
  const std::string text = plain ? FormatLabels(selector) : FormatSelector(selector);
  return text == "<none>" ? "" : text;
}

Value ScaleOf(const Resource& resource, const Value& object) {
  const Paths paths = PathsOf(resource);
  const Value& from = object["metadata"];
  Value metadata = Value::EmptyObject();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (from.Has(key)) metadata.Set(key, from[key]);
  }
  Value spec = Value::EmptyObject();
  if (At(object, paths.spec).int_or(0) != 0) spec.Set("replicas", At(object, paths.spec));
  Value status = {{"replicas", At(object, paths.status).int_or(0)}};
  const std::string selector = Selector(resource, paths, object);
  if (!selector.empty()) status.Set("selector", selector);
  return Value{{"kind", "Scale"},
               {"apiVersion", "autoscaling/v1"},
               {"metadata", std::move(metadata)},
               {"spec", std::move(spec)},
               {"status", std::move(status)}};
}

absl::StatusOr<Value> NewScale(const Cluster& cluster, const Call& call, const Value& current) {
  if (call.info.verb == "update") return ParseBody(cluster, call, "Scale");
  absl::StatusOr<Value> patch = value::ParseYaml(call.body);
  if (!patch.ok())
    return BadRequest(absl::StrCat("error decoding patch: ", patch.status().message()));
  if (call.content_type == "application/json-patch+json") {
    absl::StatusOr<Value> patched = value::ApplyJsonPatch(current, *patch);
    if (patched.ok()) return patched;
    return ApiError(422, "Invalid",
                    "the server rejected our request due to an error in our request",
                    Value::EmptyObject());
  }
  // Scale has no lists: merge, strategic and apply patches come to the same.
  return value::ApplyMergePatch(current, *patch);
}

absl::Status CheckScale(const Call& call, const Value& scale) {
  if (scale["kind"].is_string() && scale["kind"].str() != "Scale") {
    return BadRequest(absl::StrCat("expected input object type to be Scale, but ",
                                   scale["kind"].str(), " given"));
  }
  const Value& replicas = scale["spec"]["replicas"];
  if (!replicas.is_null() && !replicas.is_integer()) {
    return BadRequest(
        "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal "
        "into Go struct field ScaleSpec.spec.replicas of type int32");
  }
  // Those of custom kinds are checked with the object.
  if (replicas.int_or(0) < 0 && call.resource->custom == nullptr) {
    return Invalid("autoscaling", "Scale", call.info.name,
                   {FieldError{"FieldValueInvalid", "spec.replicas",
                               absl::StrCat("Invalid value: ", replicas.int_or(0),
                                            ": must be greater than or equal to 0")}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Reply> Scale(Cluster& cluster, Call& call) {
  const Resource& resource = *call.resource;
  if (call.info.verb == "get") {
    const ObjectRef object = cluster.store().Find(resource.storage, call.key());
    if (object == nullptr) return NotFound(call.group_resource(), call.info.name);
    const Value value = FromStorage(resource, object->value());
    if (resource.custom != nullptr && At(value, PathsOf(resource).spec).is_null()) {
      return ServerError(absl::StrCat("the spec replicas field \"",
                                      resource.custom->scale_spec_path, "\" does not exist"));
    }
    return Reply{200, ScaleOf(resource, value)};
  }
  const bool apply = call.content_type == "application/apply-patch+yaml";
  ASSIGN_OR_RETURN(
      const WriteOptions options,
      ParseWriteOptions(call.query, call.info.verb == "patch" ? "PatchOptions" : "UpdateOptions",
                        apply));
  const Mutation mutation = {[&](const Value& current) -> absl::StatusOr<Value> {
    ASSIGN_OR_RETURN(const Value scale, NewScale(cluster, call, ScaleOf(resource, current)));
    RETURN_IF_ERROR(CheckScale(call, scale));
    Value next = current;
    SetAt(next, PathsOf(resource).spec, scale["spec"]["replicas"].int_or(0));
    const Value& version = scale["metadata"]["resourceVersion"];
    if (!version.str().empty()) next.Ensure("metadata").Set("resourceVersion", version);
    return next;
  }};
  ASSIGN_OR_RETURN(const ObjectRef updated, UpdateObject(cluster, call, options, mutation));
  return Reply{200, ScaleOf(resource, FromStorage(resource, updated->value()))};
}

}  // namespace sluice::devapi
