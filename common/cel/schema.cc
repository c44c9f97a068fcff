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

// What one request can hold, and the least that values take in it, in bytes of JSON.
constexpr uint64_t kMaxRequestBytes = 3 * 1024 * 1024;
constexpr uint64_t kMinStringBytes = 2;    // ""
constexpr uint64_t kMinNumberBytes = 1;    // 0
constexpr uint64_t kMinBoolBytes = 4;      // true
constexpr uint64_t kMinListBytes = 2;      // []
constexpr uint64_t kMinDurationBytes = 2;  // 0s
constexpr uint64_t kMaxDurationBytes = 32;
constexpr uint64_t kDateBytes = 12;         // "2006-01-02" with quotes
constexpr uint64_t kMinDateTimeBytes = 22;  // "2006-01-02T15:04:05Z" with quotes
constexpr uint64_t kMaxDateTimeBytes = 37;

uint64_t NotNegative(const value::Value& number) {
  return static_cast<uint64_t>(std::max<int64_t>(0, number.int_or(0)));
}

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
      Expose(*schema, SimpleType(Type::Kind::kDyn), kMinNumberBytes,
             node.Has("maxLength") ? 4 * NotNegative(node["maxLength"]) : kMaxRequestBytes - 2);
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
      Expose(*schema, SimpleType(Type::Kind::kBool), kMinBoolBytes, 0);
    } else if (type == "number") {
      schema->kind = Schema::Kind::kDouble;
      Expose(*schema, SimpleType(Type::Kind::kDouble), kMinNumberBytes, 0);
    } else if (type == "integer") {
      schema->kind = Schema::Kind::kInt;
      Expose(*schema, SimpleType(Type::Kind::kInt), kMinNumberBytes, 0);
    }
    return schema;
  }

 private:
  static void Expose(Schema& schema, TypePtr type, uint64_t min_size, uint64_t max_elements) {
    schema.exposed = true;
    schema.type = std::move(type);
    schema.min_serialized_size = min_size;
    schema.max_elements = max_elements;
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
      const uint64_t entry = schema.items->min_serialized_size + 6;
      Expose(schema, MapOf(SimpleType(Type::Kind::kString), schema.items->type), kMinListBytes,
             node.Has("maxProperties") ? NotNegative(node["maxProperties"])
                                       : (kMaxRequestBytes - 2) / entry);
      return;
    }
    schema.kind = Schema::Kind::kObject;
    uint64_t min_size = 2;
    for (const value::Member& member : node["properties"].members()) {
      SchemaField field;
      field.key = member.key;
      field.name = EscapeName(member.key);
      field.schema = Child(member.value, absl::StrCat(type_name, ".", field.name));
      field.has_default = member.value.Has("default");
      for (const value::Value& required : node["required"].items()) {
        field.required = field.required || required.str() == member.key;
      }
      if (field.schema->exposed && field.required && !field.has_default) {
        min_size += member.key.size() + field.schema->min_serialized_size + 4;
      }
      schema.fields.push_back(std::move(field));
    }
    Expose(schema, StructType(type_name, &schema), min_size, 0);
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
    Expose(schema, ListOf(schema.items->type), kMinListBytes,
           node.Has("maxItems") ? NotNegative(node["maxItems"])
                                : (kMaxRequestBytes - 2) / (schema.items->min_serialized_size + 1));
  }

  static void BuildString(const value::Value& node, Schema& schema) {
    const absl::string_view format = node["format"].str();
    if (format == "byte") {
      schema.kind = Schema::Kind::kBytes;
      Expose(schema, SimpleType(Type::Kind::kBytes), kMinStringBytes,
             node.Has("maxLength") ? NotNegative(node["maxLength"]) : kMaxRequestBytes - 2);
    } else if (format == "duration") {
      schema.kind = Schema::Kind::kDuration;
      Expose(schema, SimpleType(Type::Kind::kDuration), kMinDurationBytes, kMaxDurationBytes);
    } else if (format == "date") {
      schema.kind = Schema::Kind::kDate;
      Expose(schema, SimpleType(Type::Kind::kTimestamp), kDateBytes, kDateBytes);
    } else if (format == "date-time") {
      schema.kind = Schema::Kind::kTimestamp;
      Expose(schema, SimpleType(Type::Kind::kTimestamp), kMinDateTimeBytes, kMaxDateTimeBytes);
    } else {
      schema.kind = Schema::Kind::kString;
      uint64_t longest = kMaxRequestBytes - 2;
      if (node.Has("maxLength")) {
        longest = 4 * NotNegative(node["maxLength"]);
      } else if (!node["enum"].empty()) {
        longest = 0;
        for (const value::Value& allowed : node["enum"].items()) {
          longest = std::max<uint64_t>(longest, allowed.str().size());
        }
      }
      Expose(schema, SimpleType(Type::Kind::kString), kMinStringBytes, longest);
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
