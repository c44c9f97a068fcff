// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/schema.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/devapi/schema/rules.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kQuantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
constexpr absl::string_view kRawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension";

struct TypeName {
  absl::string_view name;
  SchemaType type;
};
constexpr TypeName kTypeNames[] = {{"", SchemaType::kAny},
                                   {"object", SchemaType::kObject},
                                   {"array", SchemaType::kArray},
                                   {"string", SchemaType::kString},
                                   {"integer", SchemaType::kInteger},
                                   {"number", SchemaType::kNumber},
                                   {"boolean", SchemaType::kBoolean}};

struct GoFieldName {
  absl::string_view name;
  GoField field;
};
constexpr GoFieldName kGoFieldNames[] = {
    {"p", GoField::kPointer},   {"P", GoField::kPointerOrNull},    {"o", GoField::kOmitEmpty},
    {"R", GoField::kZero},      {"N", GoField::kListOrNull},       {"S", GoField::kStruct},
    {"M", GoField::kMarshaler}, {"m", GoField::kOmitZeroMarshaler}};

GoField GoFieldOf(absl::string_view name) {
  for (const GoFieldName& row : kGoFieldNames) {
    if (row.name == name) return row.field;
  }
  return GoField::kNone;
}

std::optional<double> Number(const Value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.double_or(0);
}

std::optional<int64_t> Count(const Value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.is_integer() ? value.int_or(0) : static_cast<int64_t>(value.double_or(0));
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.str());
  return result;
}

}  // namespace

absl::string_view TypeNameOf(SchemaType type) {
  return std::find_if(std::begin(kTypeNames), std::end(kTypeNames),
                      [&](const TypeName& row) { return row.type == type; })
      ->name;
}

const Property* Properties::Find(absl::string_view name) const {
  const auto it = std::lower_bound(
      all.begin(), all.end(), name,
      [](const Property& property, absl::string_view key) { return property.name < key; });
  return it != all.end() && it->name == name ? &*it : nullptr;
}

struct SchemaCompiler::State {
  Definitions definitions;
  std::map<std::string, Schema*> compiled;
  std::deque<Schema> schemas;
  std::deque<Properties> properties;
  std::deque<ValueChecks> checks;
  std::deque<std::vector<std::string>> key_lists;
  std::deque<std::string> texts;
  std::map<std::string, std::shared_ptr<const Pattern>> patterns;
  // References that change something of their definition: filled when all definitions are there.
  struct Copy {
    Schema* schema;
    const Schema* original;
  };
  std::vector<Copy> copies;
  int depth = 0;
  const Value* resource = nullptr;  // the node that describes whole objects

  absl::StatusOr<const Schema*> Define(absl::string_view name);
  absl::StatusOr<const Schema*> Node(const Value& json, bool preserve);
  absl::Status Fill(const Value& json, bool preserve, Schema& schema);
  absl::Status FillObject(const Value& json, bool preserve, Schema& schema);
  absl::Status FillList(const Value& json, bool preserve, Schema& schema);
  absl::Status FillChecks(const Value& json, Schema& schema);
  absl::Status FillAlternatives(const Value& list, absl::string_view keyword,
                                std::vector<const Schema*>& out);
  void FillPatch(const Value& json, Schema& schema);
  void AddEmbeddedProperties(Properties& properties);
  void FinishCopies();
};

absl::StatusOr<const Schema*> SchemaCompiler::State::Define(absl::string_view name) {
  if (const auto it = compiled.find(std::string(name)); it != compiled.end()) return it->second;
  const Value json = definitions == nullptr ? Value() : definitions(name);
  if (!json.is_object()) return absl::NotFoundError(absl::StrCat("no definition ", name));
  Schema& schema = schemas.emplace_back();
  schema.definition = compiled.emplace(name, &schema).first->first;
  ++depth;
  const absl::Status filled = Fill(json, false, schema);
  --depth;
  RETURN_IF_ERROR(Annotate(filled, name));
  schema.opaque = name == kQuantity || name == kRawExtension;
  if (depth == 0) FinishCopies();
  return &schema;
}

absl::StatusOr<const Schema*> SchemaCompiler::State::Node(const Value& json, bool preserve) {
  if (!json.is_object()) return absl::InvalidArgumentError("must be an object");
  if (const Value* reference = json.Find("$ref"); reference != nullptr) {
    ASSIGN_OR_RETURN(const Schema* original, Define(reference->str()));
    if (!json.Has("x-kubernetes-patch-strategy") && !json.Has("x-kubernetes-map-type")) {
      return original;
    }
    Schema& copy = schemas.emplace_back();
    FillPatch(json, copy);
    copy.atomic_map = json["x-kubernetes-map-type"].str() == "atomic";
    copies.push_back({&copy, original});
    return &copy;
  }
  Schema& schema = schemas.emplace_back();
  RETURN_IF_ERROR(Fill(json, preserve, schema));
  return &schema;
}

void SchemaCompiler::State::FinishCopies() {
  for (const Copy& copy : copies) {
    const Schema changes = *copy.schema;
    *copy.schema = *copy.original;
    copy.schema->atomic_map = changes.atomic_map || copy.original->atomic_map;
    copy.schema->patch_merge = changes.patch_merge;
    copy.schema->patch_retain_keys = changes.patch_retain_keys;
    copy.schema->patch_replace = changes.patch_replace;
    copy.schema->patch_merge_key = changes.patch_merge_key;
  }
  copies.clear();
}

absl::Status SchemaCompiler::State::Fill(const Value& json, bool preserve, Schema& schema) {
  const absl::string_view type = json["type"].str();
  const TypeName* const row =
      std::find_if(std::begin(kTypeNames), std::end(kTypeNames),
                   [&](const TypeName& candidate) { return candidate.name == type; });
  if (row == std::end(kTypeNames)) {
    return absl::InvalidArgumentError(
        absl::StrCat("type: Unsupported value: ", value::FormatJson(json["type"])));
  }
  schema.type = row->type;
  schema.nullable = json["nullable"].bool_or(false);
  schema.int_or_string =
      json["x-kubernetes-int-or-string"].bool_or(false) || json["format"].str() == "int-or-string";
  schema.embedded_resource = json["x-kubernetes-embedded-resource"].bool_or(false);
  schema.preserve_unknown = json["x-kubernetes-preserve-unknown-fields"].bool_or(false);
  if (const Value* value = json.Find("default"); value != nullptr) {
    schema.has_default = true;
    schema.default_value = *value;
  }
  preserve = preserve || schema.preserve_unknown;
  FillPatch(json, schema);
  if (schema.type == SchemaType::kObject || schema.type == SchemaType::kAny) {
    RETURN_IF_ERROR(FillObject(json, preserve, schema));
  }
  if (schema.type == SchemaType::kArray || schema.type == SchemaType::kAny) {
    RETURN_IF_ERROR(FillList(json, preserve, schema));
  }
  return FillChecks(json, schema);
}

void SchemaCompiler::State::AddEmbeddedProperties(Properties& embedded) {
  Schema& text = schemas.emplace_back();
  text.type = SchemaType::kString;
  for (const char* name : {"apiVersion", "kind"}) {
    if (embedded.Find(name) == nullptr) {
      embedded.all.push_back({name, &text, GoField::kNone, ""});
    }
    if (std::find(embedded.required.begin(), embedded.required.end(), name) ==
        embedded.required.end()) {
      embedded.required.push_back(name);
    }
  }
}

absl::Status SchemaCompiler::State::FillObject(const Value& json, bool preserve, Schema& schema) {
  const Value& members = json["properties"];
  const Value& required = json["required"];
  if (!members.empty() || !required.empty() || schema.embedded_resource) {
    Properties& mine = properties.emplace_back();
    for (const value::Member& member : members.members()) {
      const absl::StatusOr<const Schema*> compiled_member = Node(member.value, preserve);
      if (!compiled_member.ok()) {
        return Annotate(compiled_member.status(), absl::StrCat("properties[", member.key, "]"));
      }
      mine.all.push_back({member.key, *compiled_member, GoFieldOf(member.value["x-go"].str()),
                          std::string(member.value["x-go-type"].str())});
    }
    mine.required = Strings(required);
    if (schema.embedded_resource) AddEmbeddedProperties(mine);
    std::sort(mine.all.begin(), mine.all.end(),
              [](const Property& a, const Property& b) { return a.name < b.name; });
    schema.properties = &mine;
  }
  const Value& additional = json["additionalProperties"];
  schema.additional_any = additional.bool_or(false);
  if (additional.is_object()) {
    const absl::StatusOr<const Schema*> node = Node(additional, preserve);
    if (!node.ok()) return Annotate(node.status(), "additionalProperties");
    schema.additional = *node;
  }
  schema.atomic_map = json["x-kubernetes-map-type"].str() == "atomic";
  schema.open = schema.additional_any || (additional.is_null() && (preserve || members.empty()));
  return absl::OkStatus();
}

absl::Status SchemaCompiler::State::FillList(const Value& json, bool preserve, Schema& schema) {
  if (json["items"].is_object()) {
    const absl::StatusOr<const Schema*> node = Node(json["items"], preserve);
    if (!node.ok()) return Annotate(node.status(), "items");
    schema.items = *node;
  }
  const absl::string_view list_type = json["x-kubernetes-list-type"].str();
  std::vector<std::string> keys;
  if (list_type == "set") {
    schema.list_type = ListType::kSet;
  } else if (list_type == "map") {
    schema.list_type = ListType::kMap;
    keys = Strings(json["x-kubernetes-list-map-keys"]);
    if (keys.empty()) {
      return absl::InvalidArgumentError(
          "x-kubernetes-list-map-keys: Required value: must be specified when "
          "x-kubernetes-list-type is map");
    }
  } else if (list_type.empty() && schema.patch_merge) {
    // A built-in type that predates list types.
    schema.list_type = schema.patch_merge_key.empty() ? ListType::kSet : ListType::kMap;
    if (!schema.patch_merge_key.empty()) keys.emplace_back(schema.patch_merge_key);
  }
  schema.list_type_given = !list_type.empty();
  if (!keys.empty()) schema.list_keys = &key_lists.emplace_back(std::move(keys));
  return absl::OkStatus();
}

void SchemaCompiler::State::FillPatch(const Value& json, Schema& schema) {
  for (absl::string_view strategy :
       absl::StrSplit(json["x-kubernetes-patch-strategy"].str(), ',')) {
    schema.patch_merge = schema.patch_merge || strategy == "merge";
    schema.patch_retain_keys = schema.patch_retain_keys || strategy == "retainKeys";
    schema.patch_replace = schema.patch_replace || strategy == "replace";
  }
  if (const absl::string_view key = json["x-kubernetes-patch-merge-key"].str(); !key.empty()) {
    schema.patch_merge_key = texts.emplace_back(key);
  }
}

absl::Status SchemaCompiler::State::FillAlternatives(const Value& list, absl::string_view keyword,
                                                     std::vector<const Schema*>& out) {
  for (const Value& item : list.items()) {
    const absl::StatusOr<const Schema*> node = Node(item, false);
    if (!node.ok()) return Annotate(node.status(), keyword);
    out.push_back(*node);
  }
  return absl::OkStatus();
}

absl::Status SchemaCompiler::State::FillChecks(const Value& json, Schema& schema) {
  static constexpr absl::string_view kKeywords[] = {
      "enum",        "format",        "pattern",
      "minimum",     "maximum",       "multipleOf",
      "minLength",   "maxLength",     "minItems",
      "maxItems",    "minProperties", "maxProperties",
      "uniqueItems", "allOf",         "anyOf",
      "oneOf",       "not",           "x-kubernetes-validations"};
  const bool any = std::any_of(std::begin(kKeywords), std::end(kKeywords),
                               [&](absl::string_view key) { return json.Has(key); });
  if (!any) return absl::OkStatus();
  ValueChecks& mine = checks.emplace_back();
  mine.allowed.assign(json["enum"].items().begin(), json["enum"].items().end());
  mine.format = std::string(json["format"].str());
  if (const absl::string_view pattern = json["pattern"].str(); !pattern.empty()) {
    std::shared_ptr<const Pattern>& shared = patterns[std::string(pattern)];
    if (shared == nullptr) shared = std::make_shared<Pattern>(std::string(pattern));
    mine.pattern = shared;
  }
  mine.minimum = Number(json["minimum"]);
  mine.maximum = Number(json["maximum"]);
  mine.multiple_of = Number(json["multipleOf"]);
  mine.exclusive_minimum = json["exclusiveMinimum"].bool_or(false);
  mine.exclusive_maximum = json["exclusiveMaximum"].bool_or(false);
  mine.min_length = Count(json["minLength"]);
  mine.max_length = Count(json["maxLength"]);
  mine.min_items = Count(json["minItems"]);
  mine.max_items = Count(json["maxItems"]);
  mine.min_properties = Count(json["minProperties"]);
  mine.max_properties = Count(json["maxProperties"]);
  mine.unique_items = json["uniqueItems"].bool_or(false);
  RETURN_IF_ERROR(FillAlternatives(json["allOf"], "allOf", mine.all_of));
  RETURN_IF_ERROR(FillAlternatives(json["anyOf"], "anyOf", mine.any_of));
  RETURN_IF_ERROR(FillAlternatives(json["oneOf"], "oneOf", mine.one_of));
  if (json["not"].is_object()) {
    ASSIGN_OR_RETURN(mine.negated, Node(json["not"], false));
  }
  mine.rules = CompileRules(json, &json == resource);
  schema.checks = &mine;
  return absl::OkStatus();
}

SchemaCompiler::SchemaCompiler(Definitions definitions) : state_(std::make_unique<State>()) {
  state_->definitions = std::move(definitions);
}

SchemaCompiler::~SchemaCompiler() = default;

absl::StatusOr<const Schema*> SchemaCompiler::Compile(const Value& open_api, bool is_resource) {
  ++state_->depth;
  state_->resource = is_resource ? &open_api : nullptr;
  absl::StatusOr<const Schema*> schema = state_->Node(open_api, false);
  --state_->depth;
  state_->FinishCopies();
  return schema;
}

absl::StatusOr<const Schema*> SchemaCompiler::Definition(absl::string_view name) {
  return state_->Define(name);
}

Schema& SchemaCompiler::NewSchema() { return state_->schemas.emplace_back(); }

Properties& SchemaCompiler::NewProperties() { return state_->properties.emplace_back(); }

namespace {

// Whether `schema` or anything below it has rules. Custom schemas are trees.
bool HasRules(const Schema* schema) {
  if (schema == nullptr) return false;
  if (schema->checks != nullptr && !schema->checks->rules.empty()) return true;
  if (!schema->definition.empty()) return false;
  if (HasRules(schema->items) || HasRules(schema->additional)) return true;
  if (schema->properties == nullptr) return false;
  return std::any_of(schema->properties->all.begin(), schema->properties->all.end(),
                     [](const Property& property) { return HasRules(property.schema); });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CustomSchema>> CompileCustomSchema(const Value& open_api,
                                                                        const Schema& object_meta) {
  auto result = std::make_shared<CustomSchema>();
  result->compiler = std::make_unique<SchemaCompiler>();
  const Value without_schema = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  ASSIGN_OR_RETURN(const Schema* written,
                   result->compiler->Compile(open_api.is_object() ? open_api : without_schema,
                                             /*is_resource=*/true));
  Schema& root = result->compiler->NewSchema();
  root = *written;
  Properties& properties = result->compiler->NewProperties();
  if (written->properties != nullptr) properties = *written->properties;
  if (const Property* metadata = properties.Find("metadata"); metadata != nullptr) {
    result->metadata_checks = metadata->schema;
  }
  Schema& text = result->compiler->NewSchema();
  text.type = SchemaType::kString;
  const std::pair<const char*, const Schema*> common[] = {
      {"apiVersion", &text}, {"kind", &text}, {"metadata", &object_meta}};
  for (const auto& [name, schema] : common) {
    std::erase_if(properties.all, [n = name](const Property& p) { return p.name == n; });
    properties.all.push_back({name, schema, GoField::kNone, ""});
  }
  std::sort(properties.all.begin(), properties.all.end(),
            [](const Property& a, const Property& b) { return a.name < b.name; });
  root.properties = &properties;
  root.open = root.preserve_unknown || root.additional_any;
  result->root = &root;
  result->has_rules = HasRules(&root);
  return std::shared_ptr<const CustomSchema>(std::move(result));
}

}  // namespace sluice::devapi
