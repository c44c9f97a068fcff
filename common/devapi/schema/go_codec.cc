// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/go_codec.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/quantity.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

// The last two parts of a definition's name, as Go prints the type: "v1.DeploymentSpec".
std::string GoTypeName(absl::string_view definition) {
  const std::vector<absl::string_view> parts = absl::StrSplit(definition, '.');
  return absl::StrCat(parts[parts.size() - 2], ".", parts.back());
}

absl::string_view LastPart(absl::string_view definition) {
  return definition.substr(definition.rfind('.') + 1);
}

std::string GoTypeOf(const Schema& schema) {
  if (!schema.definition.empty()) return GoTypeName(schema.definition);
  switch (schema.type) {
    case SchemaType::kArray:
      return absl::StrCat("[]", GoTypeOf(*schema.items));
    case SchemaType::kObject:
      return absl::StrCat("map[string]",
                          schema.additional == nullptr ? "string" : GoTypeOf(*schema.additional));
    case SchemaType::kInteger:
      return schema.checks != nullptr && schema.checks->format == "int32" ? "int32" : "int64";
    case SchemaType::kBoolean:
      return "bool";
    case SchemaType::kNumber:
      return "float64";
    default:
      return "string";
  }
}

absl::string_view JsonKind(const Value& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  return value.is_bool() ? "bool" : "number";
}

bool IsDefinition(const Schema& schema, absl::string_view name) {
  return !schema.definition.empty() && LastPart(schema.definition) == name &&
         absl::StartsWith(schema.definition, "io.k8s.api");
}

// Types that read and write themselves.
enum class Special { kNone, kTime, kMicroTime, kQuantity, kIntOrString, kRaw };

Special SpecialOf(const Schema& schema) {
  if (schema.definition.empty()) return Special::kNone;
  if (IsDefinition(schema, "Time")) return Special::kTime;
  if (IsDefinition(schema, "MicroTime")) return Special::kMicroTime;
  if (IsDefinition(schema, "Quantity")) return Special::kQuantity;
  if (IsDefinition(schema, "IntOrString")) return Special::kIntOrString;
  for (const char* raw : {"RawExtension", "FieldsV1", "JSON", "JSONSchemaPropsOrArray",
                          "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray", "Patch"}) {
    if (IsDefinition(schema, raw)) return Special::kRaw;
  }
  return Special::kNone;
}

Value ZeroOf(const Schema& schema) {
  switch (SpecialOf(schema)) {
    case Special::kQuantity:
      return "0";
    case Special::kIntOrString:
      return 0;
    case Special::kTime:
    case Special::kMicroTime:
    case Special::kRaw:
      return Value();
    case Special::kNone:
      break;
  }
  switch (schema.type) {
    case SchemaType::kString:
      return "";
    case SchemaType::kInteger:
    case SchemaType::kNumber:
      return 0;
    case SchemaType::kBoolean:
      return false;
    default:
      return Value();
  }
}

bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return !value.bool_or(false);
    case Value::Kind::kString:
      return value.str().empty();
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      return value.empty();
    default:
      return value.double_or(1) == 0;
  }
}

class Decoder {
 public:
  std::vector<std::string> TakeUnknown() {
    std::sort(unknown_.begin(), unknown_.end());
    return std::move(unknown_);
  }
  // The first type error; decoding goes on after one.
  const absl::Status& status() const { return status_; }

  // For errors: the innermost struct, and the Go type of the value, "" if it follows from the
  // schema.
  struct Place {
    absl::string_view structure;
    absl::string_view go_type;
  };

  // `value` is not null.
  Value Decode(const Schema& schema, const Value& value, const Place& place,
               const FieldPath& path) {
    switch (SpecialOf(schema)) {
      case Special::kTime:
        return DecodeTime(value, false);
      case Special::kMicroTime:
        return DecodeTime(value, true);
      case Special::kQuantity:
        return DecodeQuantity(value);
      case Special::kIntOrString:
        return DecodeIntOrString(value);
      case Special::kRaw:
        return value;
      case Special::kNone:
        break;
    }
    switch (schema.type) {
      case SchemaType::kAny:
        return value;
      case SchemaType::kString:
        return DecodeText(schema, value, place, path);
      case SchemaType::kBoolean:
        return value.is_bool() ? value : Mismatch(schema, value, place, path);
      case SchemaType::kInteger:
        return DecodeInteger(schema, value, place, path);
      case SchemaType::kNumber:
        return value.is_number() ? value : Mismatch(schema, value, place, path);
      case SchemaType::kArray:
        return DecodeList(schema, value, place, path);
      case SchemaType::kObject:
        return schema.properties == nullptr ? DecodeMap(schema, value, place, path)
                                            : DecodeStruct(schema, value, place, path);
    }
    return value;
  }

 private:
  void Fail(std::string message) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(message);
  }

  Value Mismatch(const Schema& schema, const Value& value, const Place& place,
                 const FieldPath& path) {
    return MismatchOf(schema, JsonKind(value), place, path);
  }

  Value MismatchOf(const Schema& schema, absl::string_view kind, const Place& place,
                   const FieldPath& path) {
    const std::string type = place.go_type.empty() ? GoTypeOf(schema) : std::string(place.go_type);
    if (place.structure.empty()) {
      Fail(absl::StrCat("json: cannot unmarshal ", kind, " into Go value of type ", type));
    } else {
      Fail(absl::StrCat("json: cannot unmarshal ", kind, " into Go struct field ", place.structure,
                        ".", path.Fields(), " of type ", type));
    }
    return ZeroOf(schema);
  }

  Value DecodeTime(const Value& value, bool micro) {
    if (!value.is_string()) {
      Fail(absl::StrCat("json: cannot unmarshal ", JsonKind(value),
                        " into Go value of type string"));
      return Value();
    }
    const absl::StatusOr<absl::Time> time = ParseRfc3339(value.str());
    if (!time.ok()) {
      const absl::string_view layout =
          micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
      Fail(absl::StrCat("parsing time ", value::FormatJson(value), " as \"", layout,
                        "\": cannot parse ", value::FormatJson(value), " as \"2006\""));
      return Value();
    }
    if (!micro) return FormatRfc3339(*time);
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", *time, absl::UTCTimeZone());
  }

  Value DecodeQuantity(const Value& value) {
    const std::string text =
        value.is_string() ? std::string(value.str()) : value::FormatJson(value);
    absl::StatusOr<std::string> canonical = CanonicalQuantity(text);
    if (canonical.ok()) return *canonical;
    Fail(std::string(canonical.status().message()));
    return "0";
  }

  Value DecodeIntOrString(const Value& value) {
    if (value.is_string()) return value;
    const int64_t number = value.int_or(std::numeric_limits<int64_t>::max());
    if (value.is_number() && std::abs(number) <= std::numeric_limits<int32_t>::max()) return value;
    const std::string kind = value.is_number() ? absl::StrCat("number ", value::FormatJson(value))
                                               : std::string(JsonKind(value));
    Fail(absl::StrCat("json: cannot unmarshal ", kind, " into Go value of type int32"));
    return 0;
  }

  Value DecodeText(const Schema& schema, const Value& value, const Place& place,
                   const FieldPath& path) {
    if (!value.is_string()) return Mismatch(schema, value, place, path);
    if (schema.checks == nullptr || schema.checks->format != "byte") return value;
    std::string bytes;
    std::string text(value.str());
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    const auto bad = std::find_if_not(text.begin(), text.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/' || c == '=';
    });
    if (bad != text.end() || text.size() % 4 != 0 || !absl::Base64Unescape(text, &bytes)) {
      const auto offset = bad != text.end() ? static_cast<size_t>(bad - text.begin())
                                            : text.size() - text.size() % 4;
      Fail(absl::StrCat("illegal base64 data at input byte ", offset));
      return "";
    }
    return absl::Base64Escape(bytes);
  }

  Value DecodeInteger(const Schema& schema, const Value& value, const Place& place,
                      const FieldPath& path) {
    if (!value.is_number()) return Mismatch(schema, value, place, path);
    const bool narrow = schema.checks != nullptr && schema.checks->format == "int32";
    const int64_t number = value.int_or(std::numeric_limits<int64_t>::max());
    const bool fits = value.kind() == Value::Kind::kInt &&
                      (!narrow || (number >= std::numeric_limits<int32_t>::min() &&
                                   number <= std::numeric_limits<int32_t>::max()));
    if (fits) return value;
    return MismatchOf(schema, absl::StrCat("number ", value::FormatJson(value)), place, path);
  }

  // An element of a list or map; null becomes the zero value.
  Value DecodeElement(const Schema& schema, const Value& value, const Place& place,
                      const FieldPath& path) {
    if (!value.is_null()) return Decode(schema, value, place, path);
    if (schema.type == SchemaType::kObject && schema.properties != nullptr &&
        SpecialOf(schema) == Special::kNone) {
      return Decode(schema, Value::EmptyObject(), place, path);
    }
    return ZeroOf(schema);
  }

  Value DecodeList(const Schema& schema, const Value& value, const Place& place,
                   const FieldPath& path) {
    if (!value.is_array()) return Mismatch(schema, value, place, path);
    const Place below = {place.structure, ""};
    Value::Array items;
    items.reserve(value.size());
    for (size_t i = 0; i < value.size(); ++i) {
      const FieldPath child = path.Index(i);
      items.push_back(DecodeElement(*schema.items, value.at(i), below, child));
    }
    return Value(std::move(items));
  }

  Value DecodeMap(const Schema& schema, const Value& value, const Place& place,
                  const FieldPath& path) {
    if (!value.is_object()) return Mismatch(schema, value, place, path);
    if (schema.additional == nullptr) return value;
    const Place below = {place.structure, ""};
    Value::Object members;
    members.reserve(value.size());
    for (const value::Member& member : value.members()) {
      const FieldPath child = path.Key(member.key);
      members.push_back(
          {member.key, DecodeElement(*schema.additional, member.value, below, child)});
    }
    return Value::FromMembers(std::move(members));
  }

  Value DecodeStruct(const Schema& schema, const Value& value, const Place& place,
                     const FieldPath& path) {
    if (!value.is_object()) return Mismatch(schema, value, place, path);
    const absl::string_view structure = LastPart(schema.definition);
    Value::Object members;
    for (const value::Member& member : value.members()) {
      if (schema.Find(member.key) == nullptr) {
        const FieldPath child = path.Child(member.key);
        unknown_.push_back(child.Dotted());
      }
    }
    for (const Property& property : schema.properties->all) {
      const FieldPath child = path.Child(property.name);
      const Place below = {structure, property.go_type};
      std::optional<Value> member = DecodeMember(property, value[property.name], below, child);
      if (member.has_value()) members.push_back({property.name, *std::move(member)});
    }
    return Value::FromMembers(std::move(members));
  }

  // What is written for a field, nothing if it is left out.
  std::optional<Value> DecodeMember(const Property& property, const Value& value,
                                    const Place& place, const FieldPath& path) {
    const Schema& schema = *property.schema;
    Value decoded = value.is_null() ? Value() : Decode(schema, value, place, path);
    const bool absent = value.is_null();
    switch (property.go) {
      case GoField::kNone:
      case GoField::kPointer:
        if (absent) return std::nullopt;
        return decoded;
      case GoField::kPointerOrNull:
        return decoded;
      case GoField::kOmitEmpty:
        if (absent || IsZero(decoded)) return std::nullopt;
        return decoded;
      case GoField::kZero:
        return absent ? ZeroOf(schema) : decoded;
      case GoField::kListOrNull:
        if (absent || decoded.empty()) return Value();
        return decoded;
      case GoField::kStruct:
        return absent ? Decode(schema, Value::EmptyObject(), place, path) : decoded;
      case GoField::kMarshaler:
        return absent ? ZeroOf(schema) : decoded;
      case GoField::kOmitZeroMarshaler:
        if (absent || decoded.is_null()) return std::nullopt;
        return decoded;
    }
    return decoded;
  }

  std::vector<std::string> unknown_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<GoDecoded> GoDecode(const Schema& schema, const Value& value) {
  Decoder decoder;
  Value decoded = decoder.Decode(schema, value, {}, FieldPath());
  if (!decoder.status().ok()) return decoder.status();
  return GoDecoded{std::move(decoded), decoder.TakeUnknown()};
}

}  // namespace sluice::devapi
