// GoDecodeMetadata: the metadata of custom resources and of objects embedded in them.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/go_codec.h"

namespace sluice::devapi {
namespace {

absl::Status DecodeEmbedded(const Schema& schema, const Schema& object_meta, Value& value,
                            bool is_resource, bool is_root, const FieldPath& path,
                            std::vector<std::string>& unknown) {
  if (value.is_array()) {
    if (schema.items == nullptr) return absl::OkStatus();
    Value::Array& items = value.mutable_items();
    for (size_t i = 0; i < items.size(); ++i) {
      const FieldPath child = path.Index(i);
      RETURN_IF_ERROR(DecodeEmbedded(*schema.items, object_meta, items[i],
                                     schema.items->embedded_resource, false, child, unknown));
    }
    return absl::OkStatus();
  }
  if (!value.is_object()) return absl::OkStatus();
  if (Value* metadata = is_resource ? value.FindMutable("metadata") : nullptr;
      metadata != nullptr && !metadata->is_null()) {
    const FieldPath child = path.Child("metadata");
    absl::StatusOr<GoDecoded> decoded = GoDecode(object_meta, *metadata);
    if (!decoded.ok()) {
      if (is_root) return decoded.status();
      return absl::InvalidArgumentError(
          ToString(InvalidValue(child, *metadata, decoded.status().message())));
    }
    for (const std::string& name : decoded->unknown) {
      const FieldPath field = child.Child(name);
      unknown.push_back(field.ToString());
    }
    *metadata = std::move(decoded->value);
  }
  for (value::Member& member : value.mutable_members()) {
    const Property* const property = schema.Find(member.key);
    const Schema* const below = property != nullptr ? property->schema : schema.additional;
    if (below == nullptr || !below->definition.empty()) continue;
    const FieldPath child = path.Child(member.key);
    RETURN_IF_ERROR(DecodeEmbedded(*below, object_meta, member.value, below->embedded_resource,
                                   false, child, unknown));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GoDecodeMetadata(const Schema& root, const Schema& object_meta, Value& object,
                              std::vector<std::string>& unknown) {
  const size_t before = unknown.size();
  RETURN_IF_ERROR(DecodeEmbedded(root, object_meta, object, true, true, FieldPath(), unknown));
  std::sort(unknown.begin() + static_cast<std::ptrdiff_t>(before), unknown.end());
  return absl::OkStatus();
}

}  // namespace sluice::devapi
