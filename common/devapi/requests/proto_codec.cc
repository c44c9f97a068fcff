// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/proto_codec.h"

#include <cstring>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/resource.h"
#include "common/value/json.h"
#include "proto_data.h"

namespace sluice::devapi {
namespace {

constexpr int kMaxDepth = 100;
constexpr absl::string_view kMagic("k8s\0", 4);

absl::Status Malformed() { return absl::InvalidArgumentError("proto: malformed message"); }

// One field as it stands in the bytes.
struct Wire {
  uint64_t number = 0;
  uint64_t integer = 0;     // varints and fixed numbers
  absl::string_view bytes;  // length-delimited
  bool delimited = false;
};

class WireReader {
 public:
  explicit WireReader(absl::string_view bytes) : bytes_(bytes) {}

  bool AtEnd() const { return bytes_.empty(); }

  absl::StatusOr<uint64_t> Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) return Malformed();
      const auto byte = static_cast<unsigned char>(bytes_[0]);
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Malformed();
  }

  absl::StatusOr<Wire> Next() {
    ASSIGN_OR_RETURN(const uint64_t tag, Varint());
    Wire wire;
    wire.number = tag >> 3;
    switch (tag & 7) {
      case 0: {
        ASSIGN_OR_RETURN(wire.integer, Varint());
        return wire;
      }
      case 1:
        return Fixed(wire, 8);
      case 2: {
        ASSIGN_OR_RETURN(const uint64_t size, Varint());
        if (size > bytes_.size()) return Malformed();
        wire.delimited = true;
        wire.bytes = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return wire;
      }
      case 5:
        return Fixed(wire, 4);
      default:
        return Malformed();
    }
  }

 private:
  absl::StatusOr<Wire> Fixed(Wire wire, size_t size) {
    if (bytes_.size() < size) return Malformed();
    std::memcpy(&wire.integer, bytes_.data(), size);  // little-endian, as are we
    bytes_.remove_prefix(size);
    return wire;
  }

  absl::string_view bytes_;
};

struct Field {
  std::string name;
  char mark = 0;    // '*' repeated, '%' map
  char scalar = 0;  // 0 for a message
  size_t message = 0;
  bool inlined = false;
};

struct Message {
  absl::string_view name;
  absl::flat_hash_map<uint64_t, Field> fields;

  bool Is(absl::string_view last) const {
    return absl::EndsWith(name, last) && name[name.size() - last.size() - 1] == '.';
  }
};

}  // namespace

struct ProtoCodec::Table {
  std::vector<Message> messages;
  absl::flat_hash_map<absl::string_view, size_t> by_name;
  std::once_flag once;

  void Load();

  absl::StatusOr<Value> Read(const Message& message, absl::string_view bytes, int depth) const;
  // The messages whose JSON is no object of their fields; true if it is one of them.
  absl::StatusOr<bool> ReadSpecial(const Message& message, absl::string_view bytes, int depth,
                                   Value& out) const;
  absl::Status Add(const Field& field, const Wire& wire, int depth, Value& object) const;
  absl::StatusOr<Value> Single(const Field& field, const Wire& wire, int depth) const;
  absl::Status AddToMap(const Field& field, absl::string_view entry, int depth, Value& map) const;
};

void ProtoCodec::Table::Load() {
  absl::string_view text;
  for (const proto_data::EmbeddedFile& file : proto_data::EmbeddedFiles()) text = file.content;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> cells =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    Message message;
    message.name = cells.first;
    for (absl::string_view cell : absl::StrSplit(cells.second, ',', absl::SkipEmpty())) {
      const std::vector<absl::string_view> parts = absl::StrSplit(cell, ':');
      Field field;
      absl::string_view name = parts[1];
      field.inlined = absl::StartsWith(name, "(");
      if (field.inlined) name = name.substr(1, name.size() - 2);
      field.name = std::string(name);
      absl::string_view type = parts[2];
      if (type[0] == '*' || type[0] == '%') {
        field.mark = type[0];
        type.remove_prefix(1);
      }
      if (!absl::SimpleAtoi(type, &field.message)) field.scalar = type[0];
      uint64_t number = 0;
      if (absl::SimpleAtoi(parts[0], &number)) message.fields.emplace(number, std::move(field));
    }
    by_name.emplace(message.name, messages.size());
    messages.push_back(std::move(message));
  }
}

absl::StatusOr<Value> ProtoCodec::Table::Single(const Field& field, const Wire& wire,
                                                int depth) const {
  switch (field.scalar) {
    case 0:
      if (!wire.delimited) return Malformed();
      return Read(messages[field.message], wire.bytes, depth + 1);
    case 's':
      return wire.delimited ? absl::StatusOr<Value>(Value(wire.bytes)) : Malformed();
    case 'y':
      return wire.delimited ? absl::StatusOr<Value>(Value(absl::Base64Escape(wire.bytes)))
                            : Malformed();
    case 'b':
      return Value(wire.integer != 0);
    case 'd': {
      double number = 0;
      std::memcpy(&number, &wire.integer, sizeof(number));
      return Value(number);
    }
    default:
      return Value(static_cast<int64_t>(wire.integer));
  }
}

absl::Status ProtoCodec::Table::AddToMap(const Field& field, absl::string_view entry, int depth,
                                         Value& map) const {
  WireReader reader(entry);
  std::string key;
  Value value;
  if (field.scalar == 's' || field.scalar == 'y') value = "";
  if (field.scalar == 0) {
    ASSIGN_OR_RETURN(value, Read(messages[field.message], "", depth + 1));
  }
  while (!reader.AtEnd()) {
    ASSIGN_OR_RETURN(const Wire wire, reader.Next());
    if (wire.number == 1) key = std::string(wire.bytes);
    if (wire.number == 2) {
      ASSIGN_OR_RETURN(value, Single(field, wire, depth));
    }
  }
  map.Set(key, std::move(value));
  return absl::OkStatus();
}

absl::Status ProtoCodec::Table::Add(const Field& field, const Wire& wire, int depth,
                                    Value& object) const {
  if (field.mark == '%') {
    if (!wire.delimited) return Malformed();
    return AddToMap(field, wire.bytes, depth, object.Ensure(field.name));
  }
  ASSIGN_OR_RETURN(Value value, Single(field, wire, depth));
  if (field.mark == '*') {
    Value* list = object.FindMutable(field.name);
    if (list == nullptr) list = &object.Set(field.name, Value::EmptyArray());
    list->Append(std::move(value));
  } else if (field.inlined) {
    for (const value::Member& member : value.members()) object.Set(member.key, member.value);
  } else {
    object.Set(field.name, std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ProtoCodec::Table::ReadSpecial(const Message& message, absl::string_view bytes,
                                                    int depth, Value& out) const {
  const bool time = message.Is("v1.Time") || message.Is("v1.MicroTime");
  const bool json = message.Is("RawExtension") || message.Is("FieldsV1") || message.Is("v1.JSON");
  const bool list = message.Is("ExtraValue") || message.Is("Verbs");
  const bool choice = message.Is("JSONSchemaPropsOrArray") || message.Is("JSONSchemaPropsOrBool") ||
                      message.Is("JSONSchemaPropsOrStringArray");
  if (!time && !json && !list && !choice && !message.Is("Quantity") && !message.Is("IntOrString")) {
    return false;
  }
  WireReader reader(bytes);
  Wire fields[4] = {};
  Value items = Value::EmptyArray();
  while (!reader.AtEnd()) {
    ASSIGN_OR_RETURN(const Wire wire, reader.Next());
    if (wire.number < 4) fields[wire.number] = wire;
    if (list) items.Append(wire.bytes);
    if (choice && wire.number == 2 && message.Is("JSONSchemaPropsOrArray")) {
      ASSIGN_OR_RETURN(Value schema, Single(message.fields.at(2), wire, depth));
      items.Append(std::move(schema));
    } else if (choice && wire.number == 2 && message.Is("JSONSchemaPropsOrStringArray")) {
      items.Append(wire.bytes);
    }
  }
  if (time) {
    if (bytes.empty()) return true;  // the zero time is null
    const absl::Time at = absl::FromUnixSeconds(static_cast<int64_t>(fields[1].integer)) +
                          absl::Nanoseconds(static_cast<int64_t>(fields[2].integer));
    out = message.Is("v1.Time")
              ? Value(FormatRfc3339(at))
              : Value(absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()));
  } else if (json) {
    if (!fields[1].bytes.empty()) {
      ASSIGN_OR_RETURN(out, value::ParseJson(fields[1].bytes));
    }
  } else if (list) {
    out = std::move(items);
  } else if (message.Is("Quantity")) {
    out = fields[1].bytes.empty() ? Value("0") : Value(fields[1].bytes);
  } else if (message.Is("IntOrString")) {
    const bool text = fields[1].integer == 1;
    out = text ? Value(fields[3].bytes)
               : Value(static_cast<int64_t>(static_cast<int32_t>(fields[2].integer)));
  } else if (!items.empty()) {
    out = std::move(items);
  } else {
    // A schema, or whether there may be anything.
    const uint64_t schema = message.Is("JSONSchemaPropsOrBool") ? 2 : 1;
    if (fields[schema].delimited) {
      ASSIGN_OR_RETURN(out, Single(message.fields.at(schema), fields[schema], depth));
    } else if (schema == 2) {
      out = fields[1].integer != 0;
    }
  }
  return true;
}

absl::StatusOr<Value> ProtoCodec::Table::Read(const Message& message, absl::string_view bytes,
                                              int depth) const {
  if (depth > kMaxDepth) return absl::InvalidArgumentError("proto: too many levels");
  Value object;
  ASSIGN_OR_RETURN(const bool special, ReadSpecial(message, bytes, depth, object));
  if (special) return object;
  object = Value::EmptyObject();
  WireReader reader(bytes);
  while (!reader.AtEnd()) {
    ASSIGN_OR_RETURN(const Wire wire, reader.Next());
    const auto field = message.fields.find(wire.number);
    if (field == message.fields.end()) continue;  // of a newer version
    RETURN_IF_ERROR(Add(field->second, wire, depth, object));
  }
  return object;
}

ProtoCodec::ProtoCodec(const BuiltinKinds& kinds)
    : kinds_(kinds), table_(std::make_unique<Table>()) {}

ProtoCodec::~ProtoCodec() = default;

const ProtoCodec::Table& ProtoCodec::table() const {
  std::call_once(table_->once, [this] { table_->Load(); });
  return *table_;
}

absl::StatusOr<Value> ProtoCodec::Decode(absl::string_view bytes) const {
  if (!absl::StartsWith(bytes, kMagic)) {
    return absl::InvalidArgumentError(
        "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  WireReader envelope(bytes.substr(kMagic.size()));
  std::string api_version;
  std::string kind;
  absl::string_view raw;
  while (!envelope.AtEnd()) {
    ASSIGN_OR_RETURN(const Wire wire, envelope.Next());
    if (wire.number == 2) raw = wire.bytes;
    if (wire.number != 1) continue;
    WireReader type(wire.bytes);
    while (!type.AtEnd()) {
      ASSIGN_OR_RETURN(const Wire part, type.Next());
      if (part.number == 1) api_version = std::string(part.bytes);
      if (part.number == 2) kind = std::string(part.bytes);
    }
  }
  const auto [group, version] = SplitApiVersion(api_version);
  const Schema* schema = kinds_.SchemaOf(group, version, kind);
  // Options are known to every version, but published under one name.
  const absl::string_view name = kind == "DeleteOptions"
                                     ? "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
                                 : schema != nullptr ? schema->definition
                                                     : absl::string_view();
  const auto found = table().by_name.find(name);
  if (found == table().by_name.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no kind \"", kind, "\" is registered for version \"", api_version, "\" in protobuf"));
  }
  ASSIGN_OR_RETURN(Value object, table().Read(table().messages[found->second], raw, 0));
  object.Set("apiVersion", api_version);
  object.Set("kind", kind);
  return object;
}

}  // namespace sluice::devapi
