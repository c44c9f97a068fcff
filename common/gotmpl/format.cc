// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/format.h"

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "common/gotmpl/format_printer.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {
namespace {

// Widths, precisions and operand numbers beyond this are not taken for numbers.
constexpr size_t kMaxNumber = 1'000'000;

// Reads a format from left to right and prints its operands.
class FormatReader {
 public:
  FormatReader(absl::string_view format, std::span<const Value> operands,
               const FormatLimits& limits)
      : format_(format), operands_(operands), printer_(limits) {}

  absl::StatusOr<std::string> Run() && {
    while (at_ < format_.size()) {
      const size_t percent = std::min(format_.find('%', at_), format_.size());
      printer_.Append(format_.substr(at_, percent - at_));
      at_ = percent + 1;
      if (percent < format_.size()) Directive();
    }
    if (!reordered_ && next_ < operands_.size()) PrintExtra();
    return std::move(printer_).Finish();
  }

 private:
  bool AtEnd() const { return at_ >= format_.size(); }

  void Directive() {
    good_number_ = true;
    printer_.flags() = FormatFlags();
    if (ReadFlags()) return;
    bool after_index = ReadIndex();
    if (!AtEnd() && format_[at_] == '*') {
      ++at_;
      ReadStarWidth();
      after_index = false;
    } else {
      printer_.flags().width = ReadNumber();
      if (after_index && printer_.flags().width) good_number_ = false;  // %[3]2d
    }
    if (at_ + 1 < format_.size() && format_[at_] == '.') {
      ++at_;
      if (after_index) good_number_ = false;  // %[3].2d
      after_index = ReadIndex();
      if (!AtEnd() && format_[at_] == '*') {
        ++at_;
        ReadStarPrecision();
        after_index = false;
      } else {
        printer_.flags().precision = ReadNumber().value_or(0);
      }
    }
    if (!after_index) ReadIndex();
    if (AtEnd()) {
      printer_.Append("%!(NOVERB)");
      return;
    }
    const text::Decoded verb = text::DecodeFirst(format_.substr(at_));
    at_ += verb.size;
    PrintOperand(verb.character);
  }

  // The flags; also the whole directive if a lower-case verb follows them, which is the usual case
  // and the only one in which a missing number of an operand does not matter.
  bool ReadFlags() {
    FormatFlags& flags = printer_.flags();
    for (; !AtEnd(); ++at_) {
      switch (format_[at_]) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = true;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          if (!absl::ascii_islower(format_[at_]) || next_ >= operands_.size()) return false;
          PrintOperand(static_cast<char32_t>(format_[at_++]));
          return true;
      }
    }
    return false;
  }

  std::optional<size_t> ReadNumber() {
    std::optional<size_t> number;
    for (; !AtEnd() && absl::ascii_isdigit(format_[at_]); ++at_) {
      if (number.value_or(0) > kMaxNumber) {
        at_ = format_.size();
        return std::nullopt;
      }
      number = number.value_or(0) * 10 + static_cast<size_t>(format_[at_] - '0');
    }
    return number;
  }

  // [n]: whether one stood here, good or not.
  bool ReadIndex() {
    if (AtEnd() || format_[at_] != '[') return false;
    reordered_ = true;
    const size_t close = format_.find(']', at_);
    if (format_.size() - at_ < 3 || close == absl::string_view::npos) {
      good_number_ = false;
      ++at_;
      return false;
    }
    const absl::string_view digits = format_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    size_t number = 0;
    bool is_number = !digits.empty();
    for (const char c : digits) {
      if (!absl::ascii_isdigit(c) || number > kMaxNumber) {
        is_number = false;
        break;
      }
      number = number * 10 + static_cast<size_t>(c - '0');
    }
    if (is_number && number >= 1 && number <= operands_.size()) {
      next_ = number - 1;
      return true;
    }
    good_number_ = false;
    return is_number;
  }

  // The operand of a star; none if it is missing, no integer or too large.
  std::optional<int64_t> StarOperand() {
    if (next_ >= operands_.size()) return std::nullopt;
    const Value& operand = operands_[next_++];
    if (operand.type() == nullptr || !operand.type()->is_integer()) return std::nullopt;
    const int64_t number = operand.type()->is_signed()
                               ? operand.signed_integer()
                               : static_cast<int64_t>(operand.unsigned_integer());
    const auto bound = static_cast<int64_t>(kMaxNumber);
    if (number > bound || number < -bound) return std::nullopt;
    return number;
  }

  void ReadStarWidth() {
    FormatFlags& flags = printer_.flags();
    const std::optional<int64_t> width = StarOperand();
    if (!width) {
      printer_.Append("%!(BADWIDTH)");
      return;
    }
    if (*width < 0) {
      flags.minus = true;
      flags.zero = false;
    }
    flags.width = static_cast<size_t>(*width < 0 ? -*width : *width);
  }

  void ReadStarPrecision() {
    const std::optional<int64_t> precision = StarOperand();
    if (!precision || *precision < 0) {
      printer_.Append("%!(BADPREC)");
      return;
    }
    printer_.flags().precision = static_cast<size_t>(*precision);
  }

  void PrintOperand(char32_t verb) {
    if (verb == '%') {
      printer_.Append("%");
      return;
    }
    if (!good_number_ || next_ >= operands_.size()) {
      printer_.Append("%!");
      printer_.AppendVerb(verb);
      printer_.Append(good_number_ ? "(MISSING)" : "(BADINDEX)");
      return;
    }
    if (verb == 'v') {
      FormatFlags& flags = printer_.flags();
      flags.sharp_v = std::exchange(flags.sharp, false);
      flags.plus_v = std::exchange(flags.plus, false);
    }
    printer_.Print(operands_[next_++], verb);
  }

  void PrintExtra() {
    printer_.flags() = FormatFlags();
    printer_.Append("%!(EXTRA ");
    for (size_t i = next_; i < operands_.size(); ++i) {
      if (i > next_) printer_.Append(", ");
      printer_.Append(operands_[i].type_name());
      if (operands_[i].is_untyped_nil()) continue;
      printer_.Append("=");
      printer_.Print(operands_[i], 'v');
    }
    printer_.Append(")");
  }

  absl::string_view format_;
  std::span<const Value> operands_;
  FormatPrinter printer_;
  size_t at_ = 0;
  size_t next_ = 0;  // operand
  bool reordered_ = false;
  bool good_number_ = true;
};

}  // namespace

absl::StatusOr<std::string> Sprint(std::span<const Value> operands, const FormatLimits& limits) {
  FormatPrinter printer(limits);
  bool after_string = true;
  for (const Value& operand : operands) {
    if (!after_string && !operand.is_string()) printer.Append(" ");
    printer.Print(operand, 'v');
    after_string = operand.is_string();
  }
  return std::move(printer).Finish();
}

absl::StatusOr<std::string> Sprintln(std::span<const Value> operands, const FormatLimits& limits) {
  FormatPrinter printer(limits);
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) printer.Append(" ");
    printer.Print(operands[i], 'v');
  }
  printer.Append("\n");
  return std::move(printer).Finish();
}

absl::StatusOr<std::string> Sprintf(absl::string_view format, std::span<const Value> operands,
                                    const FormatLimits& limits) {
  return FormatReader(format, operands, limits).Run();
}

std::string ToText(const Value& value) {
  return Sprint(std::span(&value, 1), FormatLimits()).value_or("...");
}

}  // namespace sluice::gotmpl
