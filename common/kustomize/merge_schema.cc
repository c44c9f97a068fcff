// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/merge_schema.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

constexpr uint16_t kNoType = 0xffff;
constexpr uint8_t kListFlag = 1;
constexpr uint8_t kMergesFlag = 2;
constexpr uint8_t kMapFlag = 4;

struct KeyList {
  uint8_t count;
  absl::string_view keys[2];
};
struct TableField {
  absl::string_view name;
  uint16_t type;  // of the value, of a list's elements, of a map's values
  uint8_t flags;
  uint8_t keys;
};
struct TableType {
  uint16_t first;
  uint16_t count;
};
struct TableKind {
  absl::string_view kind;
  absl::string_view group;
  absl::string_view version;
  uint16_t type;
};
struct TableScope {
  absl::string_view kind;
  absl::string_view group;
  absl::string_view version;
  bool namespaced;
};

#include "common/kustomize/merge_schema_table.inc"

// The row of a table sorted by kind, group and version.
template <typename Row, size_t kSize>
const Row* FindGvk(const Row (&table)[kSize], const Gvk& gvk) {
  const auto less = [](const Row& row, const Gvk& wanted) {
    return std::tie(row.kind, row.group, row.version) <
           std::tie(wanted.kind, wanted.group, wanted.version);
  };
  const Row* const row = std::lower_bound(std::begin(table), std::end(table), gvk, less);
  const bool found = row != std::end(table) && row->kind == gvk.kind && row->group == gvk.group &&
                     row->version == gvk.version;
  return found ? row : nullptr;
}

std::string TypeKey(absl::string_view group, absl::string_view version, absl::string_view kind) {
  return absl::StrCat(group, group.empty() ? "" : "/", version, " ", kind);
}

constexpr absl::string_view kGvkKey = "x-kubernetes-group-version-kind";

std::string TypeKeyOf(const Value& gvk) {
  return TypeKey(gvk["group"].str(), gvk["version"].str(), gvk["kind"].str());
}

}  // namespace

Scope BuiltinScope(const Gvk& gvk) {
  const TableScope* const row = FindGvk(kScopes, gvk);
  if (row == nullptr) return Scope::kUnknown;
  return row->namespaced ? Scope::kNamespaced : Scope::kCluster;
}

FieldType BuiltinType(const Gvk& gvk) {
  const TableKind* const row = FindGvk(kKinds, gvk);
  return row == nullptr ? FieldType() : FieldType::Builtin(row->type);
}

FieldType FieldType::Builtin(uint16_t type) {
  FieldType result;
  result.kind_ = type == kNoType ? Kind::kPlain : Kind::kBuiltin;
  result.index_ = type;
  return result;
}

FieldType FieldType::BuiltinField(uint16_t field) {
  const TableField& row = kFields[field];
  if ((row.flags & (kListFlag | kMapFlag)) == 0) return Builtin(row.type);
  FieldType result;
  result.kind_ = Kind::kBuiltinField;
  result.index_ = field;
  return result;
}

FieldType FieldType::Custom(const MergeSchema* schema, const Value* definition) {
  FieldType result;
  if (definition == nullptr) return result;
  result.kind_ = Kind::kCustom;
  result.schema_ = schema;
  result.definition_ = definition;
  return result;
}

bool FieldType::merges() const {
  if (kind_ == Kind::kBuiltinField) return (kFields[index_].flags & kMergesFlag) != 0;
  if (kind_ != Kind::kCustom) return false;
  for (absl::string_view strategy :
       absl::StrSplit((*definition_)["x-kubernetes-patch-strategy"].str(), ',')) {
    if (strategy == "merge") return true;
  }
  return false;
}

std::vector<absl::string_view> FieldType::merge_keys() const {
  std::vector<absl::string_view> keys;
  if (kind_ == Kind::kBuiltinField) {
    const KeyList& list = kKeyLists[kFields[index_].keys];
    keys.assign(list.keys, list.keys + list.count);
  } else if (kind_ == Kind::kCustom) {
    if (const Value* list = definition_->Find("x-kubernetes-list-map-keys"); list != nullptr) {
      for (const Value& key : list->items()) keys.push_back(key.str());
    } else if (const Value* key = definition_->Find("x-kubernetes-patch-merge-key")) {
      keys.push_back(key->str());
    }
  }
  return keys;
}

FieldType FieldType::Field(absl::string_view name) const {
  switch (kind_) {
    case Kind::kBuiltin: {
      const TableType& type = kTypes[index_];
      const TableField* const begin = kFields + type.first;
      const TableField* const end = begin + type.count;
      const TableField* const field = std::lower_bound(
          begin, end, name,
          [](const TableField& row, absl::string_view wanted) { return row.name < wanted; });
      if (field == end || field->name != name) return FieldType();
      return BuiltinField(static_cast<uint16_t>(field - kFields));
    }
    case Kind::kBuiltinField:
      if ((kFields[index_].flags & kMapFlag) == 0) return FieldType();
      return Builtin(kFields[index_].type);
    case Kind::kCustom: {
      const Value* property = (*definition_)["properties"].Find(name);
      if (property == nullptr) {
        property = definition_->Find("additionalProperties");
        if (property != nullptr && !property->is_object()) property = nullptr;
      }
      return Custom(schema_, schema_->Resolve(property));
    }
    case Kind::kUnknown:
    case Kind::kPlain:
      break;
  }
  return FieldType();
}

FieldType FieldType::Elements() const {
  if (kind_ == Kind::kBuiltinField && (kFields[index_].flags & kListFlag) != 0) {
    return Builtin(kFields[index_].type);
  }
  if (kind_ == Kind::kCustom && (*definition_)["type"].str() == "array") {
    return Custom(schema_, schema_->Resolve(definition_->Find("items")));
  }
  return FieldType();
}

absl::StatusOr<std::unique_ptr<MergeSchema>> MergeSchema::Parse(absl::string_view text) {
  absl::StatusOr<Value> document =
      absl::StartsWith(text, "{") ? value::ParseJson(text) : value::ParseYaml(text);
  if (!document.ok()) return Annotate(document.status(), "invalid schema file");
  std::unique_ptr<MergeSchema> schema(new MergeSchema);
  schema->document_ = *std::move(document);
  for (const value::Member& member : schema->document_["definitions"].members()) {
    for (const Value& gvk : member.value[kGvkKey].items()) {
      schema->types_[TypeKeyOf(gvk)] = &member.value;
    }
  }
  for (const value::Member& path : schema->document_["paths"].members()) {
    const Value& gvk = path.value["get"][kGvkKey];
    if (!gvk.is_object()) continue;
    Scope& scope = schema->scopes_[TypeKeyOf(gvk)];
    if (absl::StrContains(path.key, "namespaces/{namespace}")) {
      scope = Scope::kNamespaced;
    } else if (scope == Scope::kUnknown) {
      scope = Scope::kCluster;
    }
  }
  return schema;
}

Scope MergeSchema::ScopeOf(const Gvk& gvk) const {
  const auto it = scopes_.find(TypeKey(gvk.group, gvk.version, gvk.kind));
  return it == scopes_.end() ? Scope::kUnknown : it->second;
}

FieldType MergeSchema::TypeOf(const Gvk& gvk) const {
  const auto it = types_.find(TypeKey(gvk.group, gvk.version, gvk.kind));
  return FieldType::Custom(this, it == types_.end() ? nullptr : it->second);
}

FieldType MergeSchema::TypeFrom(const Value& definition) const {
  return FieldType::Custom(this, Resolve(&definition));
}

const Value* MergeSchema::Resolve(const Value* schema) const {
  // A chain of references this long goes in a circle.
  for (int hops = 0; schema != nullptr && hops < 100; ++hops) {
    const Value* ref = schema->Find("$ref");
    if (ref == nullptr) return schema;
    const Value* target = &document_;
    absl::string_view pointer = ref->str();
    if (!absl::ConsumePrefix(&pointer, "#/")) return nullptr;
    for (absl::string_view part : absl::StrSplit(pointer, '/')) {
      target = target == nullptr ? nullptr : target->Find(part);
    }
    schema = target;
  }
  return nullptr;
}

}  // namespace sluice::kustomize
