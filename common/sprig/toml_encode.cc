// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/number_format.h"
#include "common/sprig/convert.h"
#include "common/sprig/duration_type.h"
#include "common/sprig/time_layout.h"
#include "common/sprig/time_types.h"
#include "common/sprig/toml.h"
#include "common/sprig/toml_key.h"

namespace sluice::sprig {
namespace {

using gotmpl::Kind;
using gotmpl::Session;
using gotmpl::Value;

// What a value is in TOML.
enum class TomlKind : uint8_t { kNothing, kScalar, kArray, kTable, kTables };

// A member of a map or struct.
struct Entry {
  absl::string_view name;
  Value value;
};

absl::Status NoTable() { return Failure("toml: top-level values must be Go maps or structs"); }

// Pointers followed, but for those that marshal themselves.
Value Followed(Value value) {
  while (value.kind() == Kind::kPointer && !value.is_nil() &&
         value.type()->marshal_text == nullptr) {
    value = value.Pointee();
  }
  return value;
}

std::string FloatText(double number) {
  if (std::isnan(number)) return std::signbit(number) ? "-nan" : "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string text = gotmpl::FormatFloat(number, 'g', -1, 64);
  if (text.find_first_of("e.") == std::string::npos) text += ".0";
  return text;
}

std::string TimeText(const Moment& moment) {
  for (const TomlTimeForm& form : TomlTimeForms()) {
    if (form.location == moment.location && form.location != LocalLocation()) {
      return FormatTime(Moment(moment.instant, UtcLocation()), form.layout);
    }
  }
  return FormatTime(moment, "2006-01-02T15:04:05.999999999Z07:00");
}

class Encoder {
 public:
  explicit Encoder(Session& session) : session_(session) {}

  // `key` is empty for the document itself.
  absl::Status Encode(std::vector<std::string>& key, const Value& value);
  std::string Take() { return std::move(out_); }

 private:
  absl::StatusOr<TomlKind> KindOf(const Value& value, size_t depth);
  // Tables last, each part in order.
  absl::Status Members(const Value& value, size_t depth, std::vector<Entry>& direct,
                       std::vector<Entry>& tables);
  absl::Status Table(std::vector<std::string>& key, const Value& value);
  absl::Status Tables(std::vector<std::string>& key, const Value& value);
  absl::Status Inside(std::vector<std::string>& key, const Value& value);
  absl::Status KeyValue(const std::vector<std::string>& key, const Value& value);
  absl::Status Element(const Value& value, size_t depth);
  absl::Status InlineTable(const Value& value, size_t depth);
  absl::Status List(const Value& value, size_t depth);

  absl::Status Visit(size_t depth) {
    RETURN_IF_ERROR(session_.ChargeSteps(1));
    RETURN_IF_ERROR(session_.CheckFunction(out_.size()));
    if (depth <= session_.limits().value_depth) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the value nests deeper than ", session_.limits().value_depth));
  }
  void NewLine() {
    if (!out_.empty()) out_ += '\n';
  }
  void Indent(const std::vector<std::string>& key) { out_.append(2 * (key.size() - 1), ' '); }

  Session& session_;
  std::string out_;
};

absl::StatusOr<TomlKind> Encoder::KindOf(const Value& value, size_t depth) {
  RETURN_IF_ERROR(Visit(depth));
  if (value.is_nil()) return TomlKind::kNothing;
  if (value.type()->marshal_text != nullptr) return TomlKind::kScalar;
  switch (value.kind()) {
    case Kind::kMap:
    case Kind::kStruct:
      return TomlKind::kTable;
    case Kind::kSlice: {
      bool tables = value.size() > 0;
      // Bytes are numbers, none of them nil.
      for (const Value& item : value.items()) {
        ASSIGN_OR_RETURN(const TomlKind kind, KindOf(Followed(item), depth + 1));
        if (kind == TomlKind::kNothing) {
          return Failure("toml: cannot encode array with nil element");
        }
        tables = tables && kind == TomlKind::kTable;
      }
      return tables && !value.items().empty() ? TomlKind::kTables : TomlKind::kArray;
    }
    case Kind::kFunc:
    case Kind::kComplex128:
      return Failure(absl::StrCat("unsupported type: ", KindName(value)));
    default:
      return TomlKind::kScalar;
  }
}

absl::Status Encoder::Members(const Value& value, size_t depth, std::vector<Entry>& direct,
                              std::vector<Entry>& tables) {
  const auto add = [&](absl::string_view name, Value member) -> absl::Status {
    member = Followed(std::move(member));
    ASSIGN_OR_RETURN(const TomlKind kind, KindOf(member, depth));
    const bool table = kind == TomlKind::kTable || kind == TomlKind::kTables;
    (table ? tables : direct).push_back({name, std::move(member)});
    return absl::OkStatus();
  };
  if (value.kind() == Kind::kMap) {
    for (const auto& [name, member] : *value.map()) RETURN_IF_ERROR(add(name, member));
    return absl::OkStatus();
  }
  for (size_t i = 0; i < value.type()->fields.size(); ++i) {
    RETURN_IF_ERROR(add(value.type()->fields[i].name, value.field(i)));
  }
  return absl::OkStatus();
}

absl::Status Encoder::Encode(std::vector<std::string>& key, const Value& value) {
  ASSIGN_OR_RETURN(const TomlKind kind, KindOf(value, key.size()));
  switch (kind) {
    case TomlKind::kNothing:
      return absl::OkStatus();
    case TomlKind::kScalar:
    case TomlKind::kArray:
      return KeyValue(key, value);
    case TomlKind::kTable:
      return Table(key, value);
    case TomlKind::kTables:
      return Tables(key, value);
  }
  return absl::OkStatus();
}

absl::Status Encoder::Table(std::vector<std::string>& key, const Value& value) {
  if (key.size() == 1) NewLine();
  if (!key.empty()) {
    Indent(key);
    absl::StrAppend(&out_, "[", TomlKeyText(key), "]\n");
  }
  return Inside(key, value);
}

absl::Status Encoder::Tables(std::vector<std::string>& key, const Value& value) {
  if (key.empty()) return NoTable();
  for (const Value& item : value.items()) {
    const Value table = Followed(item);
    if (table.is_nil()) continue;
    NewLine();
    Indent(key);
    absl::StrAppend(&out_, "[[", TomlKeyText(key), "]]\n");
    RETURN_IF_ERROR(Inside(key, table));
  }
  return absl::OkStatus();
}

absl::Status Encoder::Inside(std::vector<std::string>& key, const Value& value) {
  RETURN_IF_ERROR(Visit(key.size()));
  std::vector<Entry> direct;
  std::vector<Entry> tables;
  RETURN_IF_ERROR(Members(value, key.size() + 1, direct, tables));
  for (const std::vector<Entry>* part : {&direct, &tables}) {
    for (const Entry& entry : *part) {
      if (entry.value.is_nil()) continue;
      key.emplace_back(entry.name);
      RETURN_IF_ERROR(Encode(key, entry.value));
      key.pop_back();
    }
  }
  return absl::OkStatus();
}

absl::Status Encoder::KeyValue(const std::vector<std::string>& key, const Value& value) {
  if (key.empty()) return Element(value, 0);
  Indent(key);
  absl::StrAppend(&out_, TomlKeyPart(key.back()), " = ");
  RETURN_IF_ERROR(Element(value, key.size()));
  out_ += '\n';
  return absl::OkStatus();
}

absl::Status Encoder::Element(const Value& value, size_t depth) {
  RETURN_IF_ERROR(Visit(depth));
  const gotmpl::Type& type = *value.type();
  if (&type == &TimeType()) {
    out_ += TimeText(MomentOf(value));
  } else if (type.marshal_text != nullptr) {
    out_ += TomlQuoted(type.marshal_text(value));
  } else if (&type == &DurationType()) {
    out_ += TomlQuoted(type.text(value));
  } else if (type.kind == Kind::kString) {
    out_ += TomlQuoted(value.text());
  } else if (type.kind == Kind::kBool) {
    out_ += value.boolean() ? "true" : "false";
  } else if (type.is_signed()) {
    absl::StrAppend(&out_, value.signed_integer());
  } else if (type.is_unsigned()) {
    absl::StrAppend(&out_, value.unsigned_integer());
  } else if (type.is_float()) {
    out_ += FloatText(value.number());
  } else if (type.kind == Kind::kSlice) {
    return List(value, depth);
  } else {
    return InlineTable(value, depth);
  }
  return absl::OkStatus();
}

absl::Status Encoder::List(const Value& value, size_t depth) {
  out_ += '[';
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out_ += ", ";
    RETURN_IF_ERROR(Element(Followed(value.at(i)), depth + 1));
  }
  out_ += ']';
  return absl::OkStatus();
}

// A nil member leaves the comma of the one before it, as in the reference.
absl::Status Encoder::InlineTable(const Value& value, size_t depth) {
  std::vector<Entry> direct;
  std::vector<Entry> tables;
  RETURN_IF_ERROR(Members(value, depth + 1, direct, tables));
  out_ += '{';
  const size_t count = direct.size() + tables.size();
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = i < direct.size() ? direct[i] : tables[i - direct.size()];
    if (entry.value.is_nil()) continue;
    absl::StrAppend(&out_, TomlKeyPart(entry.name), " = ");
    RETURN_IF_ERROR(Element(entry.value, depth + 1));
    if (i + 1 < count) out_ += ", ";
  }
  out_ += '}';
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> EncodeToml(const Value& value, Session& session) {
  if (value.is_untyped_nil()) {
    return absl::FailedPreconditionError("reflect: call of reflect.Value.Type on zero Value");
  }
  Encoder encoder(session);
  std::vector<std::string> key;
  RETURN_IF_ERROR(encoder.Encode(key, Followed(value)));
  return encoder.Take();
}

}  // namespace sluice::sprig
