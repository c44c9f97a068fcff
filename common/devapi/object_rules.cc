// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/object_rules.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/api_error.h"
#include "common/devapi/go_codec.h"
#include "common/devapi/schema_prune.h"
#include "common/devapi/schema_validate.h"

namespace sluice::devapi {

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
  } else if (resource.custom->compiled != nullptr) {
    const Schema& root = *resource.custom->compiled->root;
    const absl::Status metadata = GoDecodeMetadata(root, kinds_.object_meta(), object, paths);
    if (!metadata.ok()) return BadRequest(metadata.message());
    std::vector<std::string> pruned = PruneUnknown(root, object);
    paths.insert(paths.end(), pruned.begin(), pruned.end());
    DropNulls(root, object);
    ApplyDefaults(root, object);
  }
  for (const std::string& path : paths) {
    unknown.push_back(absl::StrCat("unknown field \"", path, "\""));
  }
  return absl::OkStatus();
}

FieldErrors ObjectRules::Validate(const Resource& resource, const Value& object, const Value& old,
                                  absl::string_view) const {
  if (resource.custom == nullptr || resource.custom->compiled == nullptr) return {};
  ValidateOptions options;
  if (!old.is_null()) options.old_object = &old;
  return ValidateCustomObject(*resource.custom->compiled, object, options);
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
