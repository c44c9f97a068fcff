// One value printed as one verb: the part of fmt that sprint and printf share. Not for use outside
// of format.cc.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/format.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

// What stands between the percent sign and the verb.
struct FormatFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;   // %+v; `plus` is false then
  bool sharp_v = false;  // %#v; `sharp` is false then
  std::optional<size_t> width = std::nullopt;
  std::optional<size_t> precision = std::nullopt;
};

class FormatPrinter {
 public:
  explicit FormatPrinter(const FormatLimits& limits) : limits_(limits) {}

  FormatFlags& flags() { return flags_; }
  void Append(absl::string_view text);
  void AppendVerb(char32_t verb);
  // An operand.
  void Print(const Value& value, char32_t verb);

  absl::StatusOr<std::string> Finish() &&;

 private:
  void PrintValue(const Value& value, char32_t verb, size_t depth);
  // An element whose slot has the type `slot`.
  void PrintElement(const Type& slot, const Value& value, char32_t verb, size_t depth);
  // Whether a method of the value gave its text.
  bool PrintByMethod(const Value& value, char32_t verb);
  void PrintBad(const Value& value, char32_t verb);
  void PrintBool(const Value& value, char32_t verb);
  void PrintInteger(const Value& value, char32_t verb);
  void PrintFloat(const Value& value, double number, int bits, char32_t verb);
  void PrintComplex(const Value& value, char32_t verb);
  void PrintText(const Value& value, absl::string_view text, char32_t verb);
  void PrintByteSlice(const Value& value, char32_t verb, absl::string_view type_name);
  void PrintMap(const Value& value, char32_t verb, size_t depth);
  void PrintStruct(const Value& value, char32_t verb, size_t depth);
  void PrintSlice(const Value& value, char32_t verb, size_t depth);
  void PrintPointer(const Value& value, char32_t verb, size_t depth);
  void PrintAddress(const Value& value, char32_t verb);

  void WriteInteger(uint64_t magnitude, bool negative, int base, char32_t verb);
  void WriteUnicode(uint64_t code);
  void WriteCharacter(uint64_t code, bool quoted);
  void WriteFloat(double number, char form, int precision, int bits);
  void WriteHex(absl::string_view bytes, bool upper_case);
  void WriteQuoted(absl::string_view text);
  void WriteByte(uint8_t byte);
  void Separate();
  // `text` filled to the width, on the left with zeros if asked for and not `plain`.
  void Pad(absl::string_view text, bool plain = false);
  void Fill(size_t count, char with);
  absl::string_view Truncated(absl::string_view text) const;

  const FormatLimits limits_;
  FormatFlags flags_;
  std::string out_;
  bool nested_bad_ = false;  // inside of %!verb(...): methods are not asked
  absl::Status status_;
};

}  // namespace sluice::gotmpl
