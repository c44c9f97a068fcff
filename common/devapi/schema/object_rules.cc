// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/object_rules.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/devapi/builtin_defaults/defaults.h"
#include "common/devapi/builtin_defaults/prepare.h"
#include "common/devapi/builtin_validation/definitions.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/validation.h"
#include "common/devapi/builtin_validation/warnings.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/requests/api_error.h"
#include "common/devapi/schema/go_codec.h"
#include "common/devapi/schema/prune.h"
#include "common/devapi/schema/strategic_merge.h"
#include "common/devapi/schema/validate.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kDefinitions = "customresourcedefinitions.apiextensions.k8s.io";

void SetOrErase(Value& object, absl::string_view key, const Value& value) {
  if (value.is_null()) {
    object.Erase(key);
  } else {
    object.Set(key, value);
  }
}

// Keeps the storage version of a CustomResourceDefinition among those that objects may be in.
void NoteStoredVersion(Value& crd) {
  absl::string_view storage;
  for (const Value& version : crd["spec"]["versions"].items()) {
    if (version["storage"].bool_or(false)) storage = version["name"].str();
  }
  if (storage.empty()) return;
  Value versions = crd["status"]["storedVersions"];
  for (const Value& known : versions.items()) {
    if (known.str() == storage) return;
  }
  if (!versions.is_array()) versions = Value::EmptyArray();
  versions.Append(storage);
  crd.Ensure("status").Set("storedVersions", std::move(versions));
}

// Replicas, where the scale subresource finds them, are counts.
void ValidateScalePaths(const CustomVersion& custom, const Value& object, FieldErrors& errors) {
  for (const std::string* path : {&custom.scale_spec_path, &custom.scale_status_path}) {
    const Value* at = &object;
    for (absl::string_view name : absl::StrSplit(absl::StripPrefix(*path, "."), '.')) {
      at = &(*at)[name];
    }
    if (!at->is_integer()) continue;
    const FieldPath field = FieldPath::Base(*path);
    if (at->int_or(0) < 0) {
      errors.push_back(InvalidValue(field, *at, "should be a non-negative integer"));
    } else if (at->int_or(0) > std::numeric_limits<int32_t>::max()) {
      errors.push_back(InvalidValue(field, *at, "should be less than or equal to 2147483647"));
    }
  }
}

}  // namespace

absl::Status ObjectRules::Decode(const Resource& resource, Value& object,
                                 std::vector<std::string>& unknown) const {
  std::vector<std::string> paths;
  if (resource.custom == nullptr) {
    const Schema* schema = kinds_.SchemaOf(resource.group, resource.version, resource.kind);
    if (schema == nullptr) return absl::OkStatus();
    absl::StatusOr<GoDecoded> decoded = GoDecode(*schema, object);
    if (!decoded.ok()) return decoded.status();
    object = std::move(decoded->value);
    paths = std::move(decoded->unknown);
    ApplyBuiltinDefaults(resource.group, resource.version, resource.kind, object);
  } else {
    const Schema& root = *resource.custom->compiled->root;
    RETURN_IF_ERROR(GoDecodeMetadata(root, kinds_.object_meta(), object, paths));
    const std::vector<std::string> pruned = PruneUnknown(root, object);
    paths.insert(paths.end(), pruned.begin(), pruned.end());
    DropNulls(root, object);
    ApplyDefaults(root, object);
  }
  for (const std::string& path : paths) {
    unknown.push_back(absl::StrCat("unknown field \"", path, "\""));
  }
  return absl::OkStatus();
}

void ObjectRules::PrepareCreate(const Resource& resource, absl::Time now, Value& object) const {
  const bool has_status = resource.FindSubresource("status") != nullptr;
  bool counts = true;
  if (resource.custom != nullptr) {
    if (has_status) object.Erase("status");
  } else {
    counts = HasGeneration(resource.group, resource.kind);
    const Schema* schema = kinds_.SchemaOf(resource.group, resource.version, resource.kind);
    if (schema != nullptr) {
      PrepareBuiltinCreate({resource.group, resource.version, resource.kind, schema, has_status},
                           now, object);
    }
  }
  if (resource.storage == kDefinitions) {
    NoteStoredVersion(object);
  }
  Value& metadata = object.Ensure("metadata");
  if (counts) {
    metadata.Set("generation", 1);
  }
}

void ObjectRules::PrepareUpdate(const Resource& resource, absl::string_view subresource,
                                const Value& old, Value& object) const {
  SetOrErase(object.Ensure("metadata"), "generation", old["metadata"]["generation"]);
  if (subresource == "status") {
    PrepareStatusUpdate(resource.custom != nullptr, old, object);
    return;
  }
  const bool has_status = resource.FindSubresource("status") != nullptr;
  if (resource.custom != nullptr) {
    if (has_status) SetOrErase(object, "status", old["status"]);
  } else if (subresource.empty()) {
    const Schema* schema = kinds_.SchemaOf(resource.group, resource.version, resource.kind);
    if (schema != nullptr) {
      PrepareBuiltinUpdate({resource.group, resource.version, resource.kind, schema, has_status},
                           old, object);
    }
  }
  if (resource.storage == kDefinitions) {
    NoteStoredVersion(object);
  }
  const bool counts = resource.custom != nullptr || HasGeneration(resource.group, resource.kind);
  if (counts && ChangesGeneration(resource.group, resource.kind, old, object)) {
    object.Ensure("metadata").Set("generation", old["metadata"]["generation"].int_or(0) + 1);
  }
}

FieldErrors ObjectRules::Validate(const Resource& resource, const Value& object, const Value& old,
                                  absl::string_view subresource) const {
  if (resource.custom == nullptr) {
    // These change what an update of the main resource must leave alone.
    if (subresource == "binding" || subresource == "finalize") return {};
    return ValidateBuiltin(resource, object, old, subresource);
  }
  FieldErrors errors;
  const MetadataRules rules = {NameRule::kDnsSubdomain, resource.namespaced, /*builtin=*/false};
  if (old.is_null()) {
    ValidateObjectMeta(object["metadata"], rules, errors);
  } else {
    // Once for all kinds, and once more by the kind's own rules: causes come twice.
    ValidateObjectMetaUpdate(old["metadata"], object["metadata"], rules, errors);
    ValidateObjectMetaUpdate(old["metadata"], object["metadata"], rules, errors);
  }
  ValidateOptions options;
  if (!old.is_null()) options.old_object = &old;
  options.status_only = subresource == "status";
  FieldErrors faults = ValidateCustomObject(*resource.custom->compiled, object, options);
  errors.insert(errors.end(), faults.begin(), faults.end());
  if (resource.custom->has_scale) ValidateScalePaths(*resource.custom, object, errors);
  return errors;
}

FieldErrors ObjectRules::ValidateBuiltin(const Resource& resource, const Value& object,
                                         const Value& old, absl::string_view subresource) const {
  FieldErrors errors;
  const bool defines = resource.storage == kDefinitions;
  if (old.is_null()) {
    errors = ValidateBuiltinCreate(resource.group, resource.version, resource.kind,
                                   resource.namespaced, object);
    if (defines) ValidateDefinition({object, FieldPath()}, kinds_.object_meta(), errors);
    return errors;
  }
  const MetadataRules rules = {NameRule::kDnsSubdomain, resource.namespaced, /*builtin=*/false};
  ValidateObjectMetaUpdate(old["metadata"], object["metadata"], rules, errors);
  FieldErrors own = ValidateBuiltinUpdate(resource.group, resource.version, resource.kind,
                                          resource.namespaced, old, object);
  errors.insert(errors.end(), own.begin(), own.end());
  if (defines && subresource.empty()) {
    ValidateDefinitionUpdate({old, FieldPath()}, {object, FieldPath()}, kinds_.object_meta(),
                             errors);
  }
  return errors;
}

void ObjectRules::Adapt(const Resource& resource, Value& object) const {
  if (resource.custom == nullptr) return;
  PruneUnknown(*resource.custom->compiled->root, object);
  ApplyDefaults(*resource.custom->compiled->root, object);
}

std::vector<std::string> ObjectRules::Warnings(const Resource& resource,
                                               const Value& object) const {
  if (resource.custom != nullptr) return {};
  if (resource.storage == kDefinitions) return DefinitionWarnings(object);
  return BuiltinWarnings(resource.group, resource.kind, object);
}

const Schema* ObjectRules::SchemaOf(const Resource& resource) const {
  if (resource.custom != nullptr) return resource.custom->compiled->root;
  return kinds_.SchemaOf(resource.group, resource.version, resource.kind);
}

FieldManager ObjectRules::FieldsOf(const Resource& resource, absl::string_view subresource) const {
  const auto table = registry_.Snapshot();
  const bool custom = resource.custom != nullptr;
  FieldManagerOptions options;
  options.api_version = resource.api_version();
  options.kind = resource.kind;
  options.subresource = std::string(subresource);
  options.schema = SchemaOf(resource);
  // The table keeps the schemas of the other versions alive.
  const auto version_of = [table, &resource](absl::string_view api_version) {
    const auto [group, version] = SplitApiVersion(api_version);
    return table->FindKind(group, version, resource.kind);
  };
  options.schema_of = [this, version_of](absl::string_view api_version) {
    const ResourceRef other = version_of(api_version);
    return other == nullptr ? nullptr : SchemaOf(*other);
  };
  options.convert = [version_of, &resource](const Value& object, absl::string_view api_version) {
    const ResourceRef from = version_of(object["apiVersion"].str());
    const ResourceRef to = version_of(api_version);
    Value converted = object;
    converted.Set("apiVersion", api_version);
    if (from == nullptr || to == nullptr || resource.custom != nullptr) return converted;
    return FromStorage(*to, ToStorage(*from, object));
  };
  if (!custom && options.schema != nullptr) {
    const Value bare = {{"apiVersion", resource.api_version()}, {"kind", resource.kind}};
    absl::StatusOr<GoDecoded> empty = GoDecode(*options.schema, bare);
    if (empty.ok()) options.empty = std::move(empty->value);
  }
  options.finish = [this, &resource](Value object) -> absl::StatusOr<Value> {
    std::vector<std::string> unknown;
    RETURN_IF_ERROR(Decode(resource, object, unknown));
    return object;
  };
  const bool has_status = resource.FindSubresource("status") != nullptr;
  if (subresource == "status") {
    options.reset_fields = {{"spec"}};
    options.reset_fields.push_back(custom ? std::vector<std::string>{"metadata"}
                                          : std::vector<std::string>{"metadata", "labels"});
  } else if (has_status) {
    options.reset_fields = {{"status"}};
  }
  return FieldManager(std::move(options));
}

Value ObjectRules::RecordUpdate(const Resource& resource, const Value& old, const Value& object,
                                const FieldOwner& owner) const {
  if (SchemaOf(resource) == nullptr) return object;
  return FieldsOf(resource, owner.subresource).Update(old, object, owner.manager, owner.now);
}

absl::StatusOr<Value> ObjectRules::Apply(const Resource& resource, const Value& live,
                                         const Value& applied, const FieldOwner& owner,
                                         bool force) const {
  absl::StatusOr<Applied> result =
      FieldsOf(resource, owner.subresource).Apply(live, applied, owner.manager, force, owner.now);
  if (!result.ok()) {
    if (result.status().GetPayload(kStatusPayload).has_value()) return result.status();
    if (absl::IsInvalidArgument(result.status())) return BadRequest(result.status().message());
    return ApiError(500, "", result.status().message());
  }
  if (result->conflicts.empty()) return std::move(result->object);
  Value causes = Value::EmptyArray();
  for (const ApplyConflict& conflict : result->conflicts) {
    causes.Append(Value{{"reason", "FieldManagerConflict"},
                        {"message", conflict.Message()},
                        {"field", conflict.field}});
  }
  return ApiError(409, "Conflict", result->message, Value{{"causes", std::move(causes)}});
}

absl::StatusOr<Value> ObjectRules::MergeStrategically(const Resource& resource, const Value& object,
                                                      const Value& patch) const {
  const Schema* schema = SchemaOf(resource);
  if (schema == nullptr) return ServerError(absl::StrCat("no schema for ", resource.kind));
  absl::StatusOr<Value> merged = StrategicMerge(*schema, object, patch);
  if (merged.ok()) return merged;
  if (absl::IsInvalidArgument(merged.status())) return BadRequest(merged.status().message());
  if (absl::IsFailedPrecondition(merged.status())) {
    return ApiError(422, "Invalid", merged.status().message(), Value::EmptyObject());
  }
  return ApiError(500, "", merged.status().message());
}

absl::StatusOr<std::shared_ptr<const CustomSchema>> ObjectRules::Compile(
    const Value& open_api) const {
  return CompileCustomSchema(open_api, kinds_.object_meta());
}

}  // namespace sluice::devapi
