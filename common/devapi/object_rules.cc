// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/object_rules.h"

#include "absl/strings/str_cat.h"
#include "common/devapi/api_error.h"
#include "common/devapi/builtin_defaults/defaults.h"
#include "common/devapi/builtin_defaults/prepare.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/validation.h"
#include "common/devapi/go_codec.h"
#include "common/devapi/schema_prune.h"
#include "common/devapi/schema_validate.h"

namespace sluice::devapi {
namespace {

void SetOrErase(Value& object, absl::string_view key, const Value& value) {
  if (value.is_null()) {
    object.Erase(key);
  } else {
    object.Set(key, value);
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
    if (!decoded.ok()) {
      return BadRequest(absl::StrCat(resource.kind, " in version \"", resource.version,
                                     "\" cannot be handled as a ", resource.kind, ": ",
                                     decoded.status().message()));
    }
    object = std::move(decoded->value);
    paths = std::move(decoded->unknown);
    ApplyBuiltinDefaults(resource.group, resource.version, resource.kind, object);
  } else if (resource.custom->compiled != nullptr) {
    const Schema& root = *resource.custom->compiled->root;
    const absl::Status metadata = GoDecodeMetadata(root, kinds_.object_meta(), object, paths);
    if (!metadata.ok()) return BadRequest(metadata.message());
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
  Value& metadata = object.Ensure("metadata");
  if (counts) {
    metadata.Set("generation", 1);
  } else {
    metadata.Erase("generation");
  }
}

void ObjectRules::PrepareUpdate(const Resource& resource, absl::string_view subresource,
                                const Value& old, Value& object) const {
  SetOrErase(object.Ensure("metadata"), "generation", old["metadata"]["generation"]);
  if (subresource == "status") {
    PrepareStatusUpdate(old, object);
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
  const bool counts =
      resource.custom != nullptr || HasGeneration(resource.group, resource.kind);
  if (counts && ChangesGeneration(resource.group, resource.kind, old, object)) {
    object.Ensure("metadata").Set("generation", old["metadata"]["generation"].int_or(0) + 1);
  }
}

FieldErrors ObjectRules::Validate(const Resource& resource, const Value& object, const Value& old,
                                  absl::string_view subresource) const {
  if (resource.custom == nullptr) {
    // These change what an update of the main resource must leave alone.
    if (subresource == "binding" || subresource == "finalize") return {};
    return old.is_null()
               ? ValidateBuiltinCreate(resource.group, resource.version, resource.kind,
                                       resource.namespaced, object)
               : ValidateBuiltinUpdate(resource.group, resource.version, resource.kind,
                                       resource.namespaced, old, object);
  }
  FieldErrors errors;
  const MetadataRules rules = {NameRule::kDnsSubdomain, resource.namespaced, /*builtin=*/false};
  if (old.is_null()) {
    ValidateObjectMeta(object["metadata"], rules, errors);
  } else {
    ValidateObjectMetaUpdate(old["metadata"], object["metadata"], rules, errors);
  }
  if (resource.custom->compiled == nullptr) return errors;
  ValidateOptions options;
  if (!old.is_null()) options.old_object = &old;
  FieldErrors faults = ValidateCustomObject(*resource.custom->compiled, object, options);
  errors.insert(errors.end(), faults.begin(), faults.end());
  return errors;
}

absl::StatusOr<Value> ObjectRules::RecordUpdate(const Resource&, const Value&, const Value& object,
                                                const FieldOwner&) const {
  return object;
}

absl::StatusOr<Value> ObjectRules::Apply(const Resource&, const Value& live, const Value& applied,
                                         const FieldOwner&, bool) const {
  return live.is_null() ? applied : live;
}

absl::StatusOr<Value> ObjectRules::MergeStrategically(const Resource&, const Value& object,
                                                      const Value&) const {
  return object;
}

absl::StatusOr<std::shared_ptr<const CustomSchema>> ObjectRules::Compile(
    const Value& open_api) const {
  return CompileCustomSchema(open_api, kinds_.object_meta());
}

}  // namespace sluice::devapi
