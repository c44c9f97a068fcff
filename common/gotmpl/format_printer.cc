// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/format_printer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/gotmpl/number_format.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {

void FormatPrinter::Append(absl::string_view text) {
  if (!status_.ok()) return;
  if (text.size() > limits_.bytes - out_.size()) {
    status_ = absl::ResourceExhaustedError(
        absl::StrCat("the printed text exceeds the limit of ", limits_.bytes, " bytes"));
    return;
  }
  out_.append(text.data(), text.size());
}

void FormatPrinter::AppendVerb(char32_t verb) {
  std::string text;
  text::AppendCharacter(verb, text);
  Append(text);
}

absl::StatusOr<std::string> FormatPrinter::Finish() && {
  if (!status_.ok()) return status_;
  return std::move(out_);
}

void FormatPrinter::Print(const Value& value, char32_t verb) {
  if (value.is_untyped_nil()) {
    if (verb == 'T' || verb == 'v') {
      Pad("<nil>");
    } else {
      PrintBad(value, verb);
    }
    return;
  }
  if (verb == 'T') {
    Pad(Truncated(value.type_name()));
  } else if (verb == 'p') {
    PrintAddress(value, verb);
  } else if (value.type() == &types::kBytes) {
    PrintByteSlice(value, verb, "[]byte");
  } else if (!PrintByMethod(value, verb)) {
    PrintValue(value, verb, 0);
  }
}

bool FormatPrinter::PrintByMethod(const Value& value, char32_t verb) {
  if (nested_bad_ || value.is_untyped_nil()) return false;
  if (verb == 'w') {
    PrintBad(value, verb);
    return true;
  }
  const Type& type = *value.type();
  const bool is_nil_pointer = type.kind == Kind::kPointer && value.is_nil();
  if (flags_.sharp_v) {
    if (type.go_text == nullptr) return false;
    Pad(Truncated(is_nil_pointer ? "<nil>" : type.go_text(value)));
    return true;
  }
  if (type.text == nullptr || verb >= 0x80 ||
      !absl::StrContains("vsxXq", static_cast<char>(verb))) {
    return false;
  }
  if (is_nil_pointer) {
    Append("<nil>");
  } else {
    PrintText(value, type.text(value), verb);
  }
  return true;
}

void FormatPrinter::PrintBad(const Value& value, char32_t verb) {
  const bool outer = std::exchange(nested_bad_, true);
  Append("%!");
  AppendVerb(verb);
  Append("(");
  Append(value.type_name());
  if (!value.is_untyped_nil()) {
    Append("=");
    Print(value, 'v');
  }
  Append(")");
  nested_bad_ = outer;
}

void FormatPrinter::PrintValue(const Value& value, char32_t verb, size_t depth) {
  if (!status_.ok()) return;
  if (depth > limits_.depth) {
    status_ = absl::ResourceExhaustedError(
        absl::StrCat("the printed value nests deeper than ", limits_.depth));
    return;
  }
  switch (value.kind()) {
    case Kind::kBool:
      return PrintBool(value, verb);
    case Kind::kFloat32:
      return PrintFloat(value, value.number(), 32, verb);
    case Kind::kFloat64:
      return PrintFloat(value, value.number(), 64, verb);
    case Kind::kComplex128:
      return PrintComplex(value, verb);
    case Kind::kString:
      return PrintText(value, value.text(), verb);
    case Kind::kMap:
      return PrintMap(value, verb, depth);
    case Kind::kStruct:
      return PrintStruct(value, verb, depth);
    case Kind::kSlice:
      return PrintSlice(value, verb, depth);
    case Kind::kPointer:
      return PrintPointer(value, verb, depth);
    case Kind::kFunc:
      return PrintAddress(value, verb);
    case Kind::kInvalid:
    case Kind::kInterface:
      return Append("<nil>");
    default:
      return PrintInteger(value, verb);
  }
}

void FormatPrinter::PrintElement(const Type& slot, const Value& value, char32_t verb,
                                 size_t depth) {
  if (!value.is_untyped_nil()) {
    if (!PrintByMethod(value, verb)) PrintValue(value, verb, depth);
  } else if (flags_.sharp_v) {
    Append(slot.name);
    Append("(nil)");
  } else {
    Append("<nil>");
  }
}

void FormatPrinter::PrintBool(const Value& value, char32_t verb) {
  if (verb != 't' && verb != 'v') return PrintBad(value, verb);
  Pad(value.boolean() ? "true" : "false");
}

void FormatPrinter::PrintInteger(const Value& value, char32_t verb) {
  const bool is_signed = value.type()->is_signed();
  const bool negative = is_signed && value.signed_integer() < 0;
  const uint64_t code =
      is_signed ? static_cast<uint64_t>(value.signed_integer()) : value.unsigned_integer();
  const uint64_t magnitude = negative ? 0 - code : code;
  switch (verb) {
    case 'v':
      if (!flags_.sharp_v || is_signed) return WriteInteger(magnitude, negative, 10, verb);
      flags_.sharp = true;
      WriteInteger(magnitude, negative, 16, verb);
      flags_.sharp = false;
      return;
    case 'd':
      return WriteInteger(magnitude, negative, 10, verb);
    case 'b':
      return WriteInteger(magnitude, negative, 2, verb);
    case 'o':
    case 'O':
      return WriteInteger(magnitude, negative, 8, verb);
    case 'x':
    case 'X':
      return WriteInteger(magnitude, negative, 16, verb);
    case 'c':
      return WriteCharacter(code, /*quoted=*/false);
    case 'q':
      return WriteCharacter(code, /*quoted=*/true);
    case 'U':
      return WriteUnicode(code);
    default:
      return PrintBad(value, verb);
  }
}

void FormatPrinter::PrintFloat(const Value& value, double number, int bits, char32_t verb) {
  switch (verb) {
    case 'v':
      return WriteFloat(number, 'g', -1, bits);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return WriteFloat(number, static_cast<char>(verb), -1, bits);
    case 'f':
    case 'F':
      return WriteFloat(number, 'f', 6, bits);
    case 'e':
    case 'E':
      return WriteFloat(number, static_cast<char>(verb), 6, bits);
    default:
      return PrintBad(value, verb);
  }
}

void FormatPrinter::PrintComplex(const Value& value, char32_t verb) {
  if (verb >= 0x80 || !absl::StrContains("vbgGxXfFeE", static_cast<char>(verb))) {
    return PrintBad(value, verb);
  }
  Append("(");
  PrintFloat(value, value.complex().real(), 64, verb);
  const bool plus = std::exchange(flags_.plus, true);
  PrintFloat(value, value.complex().imag(), 64, verb);
  flags_.plus = plus;
  Append("i)");
}

void FormatPrinter::PrintText(const Value& value, absl::string_view text, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) return WriteQuoted(text);
      return Pad(Truncated(text));
    case 's':
      return Pad(Truncated(text));
    case 'x':
    case 'X':
      return WriteHex(text, verb == 'X');
    case 'q':
      return WriteQuoted(text);
    default:
      return PrintBad(value, verb);
  }
}

void FormatPrinter::PrintByteSlice(const Value& value, char32_t verb, absl::string_view type_name) {
  switch (verb) {
    case 'v':
    case 'd':
      if (flags_.sharp_v) {
        Append(type_name);
        if (value.is_nil()) return Append("(nil)");
      }
      Append(flags_.sharp_v ? "{" : "[");
      for (size_t i = 0; i < value.text().size(); ++i) {
        if (i > 0) Separate();
        if (!status_.ok()) return;
        const auto byte = static_cast<unsigned char>(value.text()[i]);
        if (flags_.sharp_v) {
          WriteByte(byte);
        } else {
          WriteInteger(byte, false, 10, verb);
        }
      }
      return Append(flags_.sharp_v ? "}" : "]");
    case 's':
      return Pad(Truncated(value.text()));
    case 'x':
    case 'X':
      return WriteHex(value.text(), verb == 'X');
    case 'q':
      return WriteQuoted(value.text());
    default:
      return PrintValue(value, verb, 0);
  }
}

void FormatPrinter::PrintMap(const Value& value, char32_t verb, size_t depth) {
  if (flags_.sharp_v) {
    Append(value.type_name());
    if (value.is_nil()) return Append("(nil)");
  }
  Append(flags_.sharp_v ? "{" : "map[");
  bool first = true;
  if (value.map() != nullptr) {
    for (const auto& [key, member] : *value.map()) {
      if (!status_.ok()) return;
      if (!std::exchange(first, false)) Separate();
      if (const auto map_key = value.type()->map_key; map_key != nullptr) {
        const Value key_value = map_key(key);
        PrintElement(*key_value.type(), key_value, verb, depth + 1);
      } else {
        PrintText(Value::String(key), key, verb);
      }
      Append(":");
      PrintElement(*value.type()->elem, member, verb, depth + 1);
    }
  }
  Append(flags_.sharp_v ? "}" : "]");
}

void FormatPrinter::PrintStruct(const Value& value, char32_t verb, size_t depth) {
  const std::span<const Field> fields = value.type()->fields;
  if (flags_.sharp_v) Append(value.type_name());
  Append("{");
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) Separate();
    if (flags_.plus_v || flags_.sharp_v) {
      Append(fields[i].name);
      Append(":");
    }
    PrintElement(*fields[i].type, value.field(i), verb, depth + 1);
  }
  Append("}");
}

void FormatPrinter::PrintSlice(const Value& value, char32_t verb, size_t depth) {
  const Type& type = *value.type();
  const bool as_bytes = verb == 's' || verb == 'q' || verb == 'x' || verb == 'X';
  if (type.elem == &types::kUint8 && as_bytes) return PrintByteSlice(value, verb, type.name);
  if (flags_.sharp_v) {
    Append(type.name);
    if (value.is_nil()) return Append("(nil)");
  }
  Append(flags_.sharp_v ? "{" : "[");
  for (size_t i = 0; i < value.size(); ++i) {
    if (!status_.ok()) return;
    if (i > 0) Separate();
    PrintElement(*type.elem, value.at(i), verb, depth + 1);
  }
  Append(flags_.sharp_v ? "}" : "]");
}

void FormatPrinter::PrintPointer(const Value& value, char32_t verb, size_t depth) {
  const Kind pointee = value.type()->elem->kind;
  if (depth == 0 && !value.is_nil() &&
      (pointee == Kind::kStruct || pointee == Kind::kSlice || pointee == Kind::kMap)) {
    Append("&");
    return PrintElement(*value.type()->elem, value.Pointee(), verb, depth + 1);
  }
  PrintAddress(value, verb);
}

// An address says nothing that is the same tomorrow, but Go prints one, and so do we.
void FormatPrinter::PrintAddress(const Value& value, char32_t verb) {
  const void* target = value.object().get();
  if (value.kind() == Kind::kFunc) target = value.function().get();
  if (value.kind() == Kind::kMap) target = value.map().get();
  if (value.kind() == Kind::kSlice) target = value.items().data();
  const Kind kind = value.kind();
  if (kind != Kind::kPointer && kind != Kind::kFunc && kind != Kind::kMap && kind != Kind::kSlice) {
    return PrintBad(value, verb);
  }
  const auto address = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(target));
  const bool sharp = flags_.sharp;
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) {
        Append(absl::StrCat("(", value.type_name(), ")(",
                            value.is_nil() ? "nil" : "0x" + FormatUint(address, 16), ")"));
        return;
      }
      if (value.is_nil()) return Pad("<nil>");
      [[fallthrough]];
    case 'p':
      flags_.sharp = !sharp;
      WriteInteger(address, false, 16, 'v');
      flags_.sharp = sharp;
      return;
    case 'b':
      return WriteInteger(address, false, 2, verb);
    case 'o':
      return WriteInteger(address, false, 8, verb);
    case 'd':
      return WriteInteger(address, false, 10, verb);
    case 'x':
    case 'X':
      return WriteInteger(address, false, 16, verb);
    default:
      return PrintBad(value, verb);
  }
}

}  // namespace sluice::gotmpl
