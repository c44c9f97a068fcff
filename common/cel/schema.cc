// SPDX-License-Identifier: Apache-2.0
#include "common/cel/schema.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

constexpr absl::string_view kReserved[] = {
    "true",     "false",   "null",      "in",       "as",  "break",  "const",
    "continue", "else",    "for",       "function", "if",  "import", "let",
    "loop",     "package", "namespace", "return",   "var", "void",   "while"};

value::Value PlainString() { return value::Value({{"type", "string"}}); }

// `node` with what every object has at its root.
value::Value WithTypeAndMeta(const value::Value& node) {
  const value::Value& properties = node["properties"];
  const auto is_string = [](const value::Value& property) {
    return property["type"].str() == "string";
  };
  const value::Value& metadata = properties["metadata"];
  if (is_string(properties["kind"]) && is_string(properties["apiVersion"]) &&
      metadata["type"].str() == "object" && is_string(metadata["properties"]["name"]) &&
      is_string(metadata["properties"]["generateName"])) {
    return node;
  }
  value::Value result = node;
  value::Value& added = result.Ensure("properties");
  added.Set("kind", PlainString());
  added.Set("apiVersion", PlainString());
  value::Value names({{"name", PlainString()}, {"generateName", PlainString()}});
  added.Set("metadata", value::Value({{"type", "object"}, {"properties", std::move(names)}}));
  return result;
}

class Builder {
 public:
  SchemaPtr Build(const value::Value& node, bool resource_root, const std::string& type_name) {
    auto schema = std::make_shared<Schema>();
    schema->nullable = node["nullable"].bool_or(false);
    if (node["x-kubernetes-int-or-string"].bool_or(false)) {
      schema->kind = Schema::Kind::kIntOrString;
      Expose(*schema, SimpleType(Type::Kind::kDyn));
      return schema;
    }
    const absl::string_view type = node["type"].str();
    if (type == "object") {
      BuildObject(resource_root ? WithTypeAndMeta(node) : node, type_name, *schema);
    } else if (type == "array") {
      BuildList(node, type_name, *schema);
    } else if (type == "string") {
      BuildString(node, *schema);
    } else if (type == "boolean") {
      schema->kind = Schema::Kind::kBool;
      Expose(*schema, SimpleType(Type::Kind::kBool));
    } else if (type == "number") {
      schema->kind = Schema::Kind::kDouble;
      Expose(*schema, SimpleType(Type::Kind::kDouble));
    } else if (type == "integer") {
      schema->kind = Schema::Kind::kInt;
      Expose(*schema, SimpleType(Type::Kind::kInt));
    }
    return schema;
  }

 private:
  static void Expose(Schema& schema, TypePtr type) {
    schema.exposed = true;
    schema.type = std::move(type);
  }

  SchemaPtr Child(const value::Value& node, const std::string& type_name) {
    return Build(node, node["x-kubernetes-embedded-resource"].bool_or(false), type_name);
  }

  void BuildObject(const value::Value& node, const std::string& type_name, Schema& schema) {
    const value::Value& additional = node["additionalProperties"];
    if (additional.is_object()) {
      schema.kind = Schema::Kind::kMap;
      schema.items = Child(additional, absl::StrCat(type_name, ".@elem"));
      if (!schema.items->exposed) return;
      Expose(schema, MapOf(SimpleType(Type::Kind::kString), schema.items->type));
      return;
    }
    schema.kind = Schema::Kind::kObject;
    for (const value::Member& member : node["properties"].members()) {
      SchemaField field;
      field.key = member.key;
      field.name = EscapeName(member.key);
      field.schema = Child(member.value, absl::StrCat(type_name, ".", field.name));
      field.has_default = member.value.Has("default");
      for (const value::Value& required : node["required"].items()) {
        field.required = field.required || required.str() == member.key;
      }
      schema.fields.push_back(std::move(field));
    }
    Expose(schema, StructType(type_name, &schema));
  }

  void BuildList(const value::Value& node, const std::string& type_name, Schema& schema) {
    schema.kind = Schema::Kind::kList;
    const absl::string_view list_type = node["x-kubernetes-list-type"].str();
    if (list_type == "set") schema.list_type = Schema::ListType::kSet;
    if (list_type == "map") schema.list_type = Schema::ListType::kMap;
    for (const value::Value& key : node["x-kubernetes-list-map-keys"].items()) {
      schema.list_keys.emplace_back(key.str());
    }
    if (!node["items"].is_object()) return;
    schema.items = Child(node["items"], absl::StrCat(type_name, ".@idx"));
    if (!schema.items->exposed) return;
    Expose(schema, ListOf(schema.items->type));
  }

  static void BuildString(const value::Value& node, Schema& schema) {
    const absl::string_view format = node["format"].str();
    if (format == "byte") {
      schema.kind = Schema::Kind::kBytes;
      Expose(schema, SimpleType(Type::Kind::kBytes));
    } else if (format == "duration") {
      schema.kind = Schema::Kind::kDuration;
      Expose(schema, SimpleType(Type::Kind::kDuration));
    } else if (format == "date") {
      schema.kind = Schema::Kind::kDate;
      Expose(schema, SimpleType(Type::Kind::kTimestamp));
    } else if (format == "date-time") {
      schema.kind = Schema::Kind::kTimestamp;
      Expose(schema, SimpleType(Type::Kind::kTimestamp));
    } else {
      schema.kind = Schema::Kind::kString;
      Expose(schema, SimpleType(Type::Kind::kString));
    }
  }
};

}  // namespace

const SchemaField* Schema::FindKey(absl::string_view key) const {
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), key,
                       [](const SchemaField& field, absl::string_view k) { return field.key < k; });
  return found != fields.end() && found->key == key ? &*found : nullptr;
}

const SchemaField* Schema::FindName(absl::string_view name) const {
  if (const SchemaField* field = FindKey(name); field != nullptr && field->name == name) {
    return field;
  }
  for (const SchemaField& field : fields) {
    if (field.name == name && !name.empty()) return &field;
  }
  return nullptr;
}

SchemaPtr SchemaFromOpenApi(const value::Value& node, bool resource_root) {
  return Builder().Build(node, resource_root, "selfType");
}

std::string EscapeName(absl::string_view key) {
  if (key.empty() || absl::ascii_isdigit(static_cast<unsigned char>(key[0]))) return "";
  if (std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved)) {
    return absl::StrCat("__", key, "__");
  }
  std::string name;
  for (size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (c == '_' && i + 1 < key.size() && key[i + 1] == '_') {
      name += "__underscores__";
      ++i;
    } else if (c == '.') {
      name += "__dot__";
    } else if (c == '-') {
      name += "__dash__";
    } else if (c == '/') {
      name += "__slash__";
    } else if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
      name += c;
    } else {
      return "";
    }
  }
  return name;
}

}  // namespace sluice::cel
