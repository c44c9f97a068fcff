// patch: JSON patch, merge patch, strategic merge patch, server-side apply.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/schema/object_rules.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"
#include "common/value/json.h"
#include "common/value/json_patch.h"
#include "common/value/merge_patch.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

constexpr char kJsonPatch[] = "application/json-patch+json";
constexpr char kMergePatch[] = "application/merge-patch+json";
constexpr char kStrategicPatch[] = "application/strategic-merge-patch+json";
constexpr char kApplyPatch[] = "application/apply-patch+yaml";

absl::Status Rejected() {
  return ApiError(422, "Invalid", "the server rejected our request due to an error in our request",
                  Value::EmptyObject());
}

// What is wrong with the object that a patch would make.
absl::Status InvalidPatch(const std::string& patched, absl::string_view why) {
  const FieldPath root;
  return Invalid("", "", "", {InvalidValue(root.Child("patch"), patched, why)});
}

absl::string_view JsonTypeName(const Value& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  return value.is_bool() ? "bool" : "number";
}

absl::StatusOr<Value> ParsePatch(const Call& call) {
  absl::StatusOr<Value> patch = value::ParseJson(call.body);
  if (!patch.ok()) {
    return BadRequest(absl::StrCat("error decoding patch: ", patch.status().message()));
  }
  const bool list = call.content_type == kJsonPatch;
  if (list ? patch->is_array() : patch->is_object()) return patch;
  const absl::string_view target = list ? "[]handlers.jsonPatchOp" : "map[string]interface {}";
  return BadRequest(absl::StrCat(
      call.content_type == kStrategicPatch ? "" : "error decoding patch: ",
      "json: cannot unmarshal ", JsonTypeName(*patch), " into Go value of type ", target));
}

// A patch may not make another kind of the object. Strategic patches leave apiVersion and kind out.
absl::Status CheckStillItself(const Call& call, const std::string& text, Value& object) {
  const Resource& resource = *call.resource;
  const std::string version(object["apiVersion"].str());
  const std::string kind(object["kind"].str());
  if (version == resource.api_version() && kind == resource.kind) return absl::OkStatus();
  if (call.content_type == kStrategicPatch) {
    object.Set("apiVersion", resource.api_version());
    object.Set("kind", resource.kind);
    return absl::OkStatus();
  }
  if (resource.custom != nullptr) {
    const FieldPath root;
    FieldErrors errors;
    if (kind != resource.kind) {
      errors.push_back(
          InvalidValue(root.Child("kind"), kind, absl::StrCat("must be ", resource.kind)));
    }
    if (version != resource.api_version()) {
      errors.push_back(InvalidValue(root.Child("apiVersion"), version,
                                    absl::StrCat("must be ", resource.api_version())));
    }
    return Invalid(resource.group, kind, call.info.name, errors);
  }
  return InvalidPatch(
      text, absl::StrCat("no kind \"", kind, "\" is registered for version \"", version, "\""));
}

absl::StatusOr<Value> Patched(Cluster& cluster, const Call& call, const Value& current,
                              const Value& patch) {
  if (call.content_type == kMergePatch) return value::ApplyMergePatch(current, patch);
  if (call.content_type == kJsonPatch) {
    absl::StatusOr<Value> patched = value::ApplyJsonPatch(current, patch);
    if (patched.ok()) return patched;
    if (absl::IsResourceExhausted(patched.status())) {
      return ApiError(413, "RequestEntityTooLarge",
                      absl::StrCat("Request entity is too large: ", patched.status().message()));
    }
    return Rejected();
  }
  return cluster.rules().MergeStrategically(*call.resource, current, patch);
}

// json, merge and strategic patches: each computes the new state from the current one.
absl::StatusOr<Reply> PatchExisting(Cluster& cluster, Call& call, const WriteOptions& options) {
  ASSIGN_OR_RETURN(const Value patch, ParsePatch(call));
  const std::vector<std::string> warnings = call.warnings;
  const Mutation mutation = {[&](const Value& current) -> absl::StatusOr<Value> {
    call.warnings = warnings;  // those of an attempt that was overtaken do not count
    ASSIGN_OR_RETURN(Value object, Patched(cluster, call, current, patch));
    const std::string text = value::FormatJson(object);
    RETURN_IF_ERROR(CheckStillItself(call, text, object));
    const bool json = call.content_type != kJsonPatch;
    const absl::Status decoded = FinishDecoding(
        cluster, call, options, json ? absl::string_view(call.body) : absl::string_view(), object);
    if (!decoded.ok()) return InvalidPatch(text, decoded.message());
    RETURN_IF_ERROR(CheckPlace(call, object));
    if (call.resource->namespaced) object.Ensure("metadata").Set("namespace", call.info.ns);
    return object;
  }};
  ASSIGN_OR_RETURN(const ObjectRef updated, UpdateObject(cluster, call, options, mutation));
  return Reply{200, updated};
}

absl::Status CheckApplied(const Call& call, const Value& applied) {
  const Resource& resource = *call.resource;
  const absl::string_view api_version = applied["apiVersion"].str();
  const absl::string_view kind = applied["kind"].str();
  if (api_version != resource.api_version() || kind != resource.kind) {
    const auto [group, version] = SplitApiVersion(api_version);
    return BadRequest(absl::StrCat("invalid object type: ", group, "/", version, ", Kind=", kind));
  }
  const Value& metadata = applied["metadata"];
  if (!metadata["managedFields"].is_null()) {
    return BadRequest("metadata.managedFields must be nil");
  }
  const absl::string_view name = metadata["name"].str();
  if (!name.empty() && name != call.info.name) {
    return BadRequest(absl::StrCat("the name of the object (", name,
                                   ") does not match the name on the URL (", call.info.name, ")"));
  }
  const absl::string_view ns = metadata["namespace"].str();
  if (resource.namespaced && !ns.empty() && ns != call.info.ns) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  return absl::OkStatus();
}

absl::StatusOr<Reply> Apply(Cluster& cluster, Call& call, const WriteOptions& options) {
  absl::StatusOr<Value> parsed = value::ParseYaml(call.body);
  if (!parsed.ok()) {
    return BadRequest(absl::StrCat("error decoding YAML: ", parsed.status().message()));
  }
  if (!parsed->is_object()) {
    return BadRequest(
        absl::StrCat("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: "
                     "cannot unmarshal ",
                     JsonTypeName(*parsed), " into Go value of type map[string]interface {}"));
  }
  Value applied = *std::move(parsed);
  RETURN_IF_ERROR(CheckApplied(call, applied));
  applied.Ensure("metadata").Set("name", call.info.name);
  const bool force = options.force.value_or(false);
  const FieldOwner owner = {ManagerName(call, options), call.info.subresource,
                            cluster.clock().Now()};
  const auto merge = [&](const Value& current) {
    return cluster.rules().Apply(*call.resource, current, applied, owner, force);
  };
  // An apply creates what does not exist, and starts over if it is created or deleted meanwhile.
  for (int attempt = 0; attempt < 5; ++attempt) {
    const ObjectKey key = call.key();
    if (cluster.store().Find(call.resource->storage, key) == nullptr) {
      if (!call.info.subresource.empty()) return NotFound(call.group_resource(), key.name);
      if (!applied["metadata"]["uid"].str().empty()) {
        return Conflict(
            call.group_resource(), key.name,
            absl::StrCat("uid mismatch: the provided object specified uid ",
                         applied["metadata"]["uid"].str(), ", and no existing object was found"));
      }
      ASSIGN_OR_RETURN(Value object, merge(nullptr));
      absl::StatusOr<ObjectRef> created =
          CreateObject(cluster, call, options, std::move(object), /*fields_recorded=*/true);
      if (created.ok()) return Reply{201, *std::move(created)};
      if (!absl::IsAlreadyExists(created.status())) return created.status();
    } else {
      absl::StatusOr<ObjectRef> updated =
          UpdateObject(cluster, call, options, {merge, /*fields_recorded=*/true});
      if (updated.ok()) return Reply{200, *std::move(updated)};
      if (!absl::IsNotFound(updated.status())) return updated.status();
    }
  }
  return Modified(call.group_resource(), call.info.name);
}

}  // namespace

absl::StatusOr<Reply> Patch(Cluster& cluster, Call& call) {
  const bool known = call.content_type == kJsonPatch || call.content_type == kMergePatch ||
                     call.content_type == kApplyPatch ||
                     (call.content_type == kStrategicPatch && call.resource->custom == nullptr);
  if (!known) {
    if (call.resource->custom != nullptr) {
      return UnsupportedMediaType(absl::StrCat(kJsonPatch, ", ", kMergePatch, ", ", kApplyPatch));
    }
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type",
                    Value::EmptyObject());
  }
  const bool apply = call.content_type == kApplyPatch;
  ASSIGN_OR_RETURN(const WriteOptions options,
                   ParseWriteOptions(call.query, "PatchOptions", apply));
  return apply ? Apply(cluster, call, options) : PatchExisting(cluster, call, options);
}

}  // namespace sluice::devapi
