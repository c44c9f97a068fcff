// Amounts of resources: quantity("1.5Gi").

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/cel/function.h"
#include "common/cel/print.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

constexpr absl::int128 kNano = 1'000'000'000;

// What is exact to a billionth and at most about 1.7e29. The reference has no largest amount.
class Quantity : public Opaque {
 public:
  explicit Quantity(absl::int128 nano) : nano_(nano) {}
  absl::string_view type_name() const override { return "kubernetes.Quantity"; }
  bool Equals(const Opaque& other) const override {
    return nano_ == static_cast<const Quantity&>(other).nano_;
  }
  std::string ToString() const override { return FormatDouble(AsDouble()); }

  absl::int128 nano() const { return nano_; }
  double AsDouble() const {
    // Whole parts first, so that what doubles can hold is exact.
    const absl::int128 whole = nano_ / kNano;
    const absl::int128 rest = nano_ % kNano;
    return static_cast<double>(whole) + static_cast<double>(rest) / 1e9;
  }
  std::optional<int64_t> AsInt() const {
    if (nano_ % kNano != 0) return std::nullopt;
    const absl::int128 whole = nano_ / kNano;
    if (whole < std::numeric_limits<int64_t>::min() ||
        whole > std::numeric_limits<int64_t>::max()) {
      return std::nullopt;
    }
    return static_cast<int64_t>(whole);
  }

 private:
  absl::int128 nano_;
};

constexpr absl::string_view kBadFormat =
    "quantities must match the regular expression "
    "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr absl::string_view kBadSuffix = "unable to parse quantity's suffix";
constexpr absl::string_view kTooLarge = "quantity is too large";

struct Suffix {
  absl::string_view text;
  int tens;
  int twos;
};
constexpr Suffix kSuffixes[] = {{"", 0, 0},    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},
                                {"k", 3, 0},   {"M", 6, 0},   {"G", 9, 0},   {"T", 12, 0},
                                {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
                                {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60}};

std::optional<Suffix> FindSuffix(absl::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  int exponent = 0;
  if (text.size() > 1 && (text[0] == 'e' || text[0] == 'E') &&
      absl::SimpleAtoi(text.substr(1), &exponent)) {
    return Suffix{"e", std::clamp(exponent, -1000, 1000), 0};
  }
  return std::nullopt;
}

// The amount, or null with what is wrong with `text`. More than nine decimal places are rounded up
// away from zero.
std::optional<absl::int128> Parse(absl::string_view text, absl::string_view& wrong) {
  wrong = kBadFormat;
  if (text.empty()) return std::nullopt;
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  absl::uint128 digits = 0;
  int places = 0;
  bool point = false;
  bool inexact = false;
  size_t length = 0;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) break;
    if (digits > absl::Uint128Max() / 10 - 10) {
      if (!point) {
        wrong = kTooLarge;
        return std::nullopt;
      }
      inexact = inexact || c != '0';
      continue;
    }
    digits = digits * 10 + static_cast<unsigned>(c - '0');
    places += point ? 1 : 0;
  }
  size_t end = std::min(text.find_first_not_of("eEinumkKMGTP", length), text.size());
  if (end < text.size() && (text[end] == '-' || text[end] == '+')) ++end;
  if (text.find_first_not_of("0123456789", end) != absl::string_view::npos) return std::nullopt;
  const std::optional<Suffix> suffix = FindSuffix(text.substr(length));
  wrong = kBadSuffix;
  if (!suffix.has_value()) return std::nullopt;

  wrong = kTooLarge;
  absl::uint128 amount = digits;
  for (int i = 0; i < suffix->twos; ++i) {
    if ((amount >> 126) != 0) return std::nullopt;
    amount <<= 1;
  }
  int tens = 9 - places + suffix->tens;
  for (; tens > 0 && amount != 0; --tens) {
    if (amount > absl::Uint128Max() / 10) return std::nullopt;
    amount *= 10;
  }
  for (; tens < 0; ++tens) {
    inexact = inexact || amount % 10 != 0;
    amount /= 10;
  }
  if (inexact) ++amount;
  if ((amount >> 127) != 0) return std::nullopt;
  const auto magnitude = static_cast<absl::int128>(amount);
  return negative ? -magnitude : magnitude;
}

bool IsQuantity(const Value& value) {
  return value.kind() == Kind::kOpaque && value.opaque().type_name() == "kubernetes.Quantity";
}
const Quantity& As(const Value& value) { return static_cast<const Quantity&>(value.opaque()); }

Value Make(absl::int128 nano, Arena& arena) { return Value::OfOpaque(arena.New<Quantity>(nano)); }

Value FromString(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  absl::string_view wrong;
  const std::optional<absl::int128> nano = Parse(args[0].text(), wrong);
  return nano.has_value() ? Make(*nano, arena) : Value::StaticError(wrong);
}
Value IsQuantityText(Args args, Arena&) {
  if (!args[0].is_string()) return NoMatch();
  absl::string_view wrong;
  return Value::Bool(Parse(args[0].text(), wrong).has_value());
}
Value Sign(Args args, Arena&) {
  if (!IsQuantity(args[0])) return NoMatch();
  const absl::int128 nano = As(args[0]).nano();
  return Value::Int(nano < 0 ? -1 : nano > 0 ? 1 : 0);
}
Value IsInteger(Args args, Arena&) {
  return IsQuantity(args[0]) ? Value::Bool(As(args[0]).AsInt().has_value()) : NoMatch();
}
Value AsInteger(Args args, Arena&) {
  if (!IsQuantity(args[0])) return NoMatch();
  const std::optional<int64_t> number = As(args[0]).AsInt();
  if (!number.has_value()) return Value::StaticError("cannot convert value to integer");
  return Value::Int(*number);
}
Value AsFloat(Args args, Arena&) {
  return IsQuantity(args[0]) ? Value::Double(As(args[0]).AsDouble()) : NoMatch();
}

int Order(Args args) {
  const absl::int128 a = As(args[0]).nano();
  const absl::int128 b = As(args[1]).nano();
  return a < b ? -1 : a > b ? 1 : 0;
}
bool AreQuantities(Args args) { return IsQuantity(args[0]) && IsQuantity(args[1]); }
Value CompareTo(Args args, Arena&) {
  return AreQuantities(args) ? Value::Int(Order(args)) : NoMatch();
}
Value IsGreater(Args args, Arena&) {
  return AreQuantities(args) ? Value::Bool(Order(args) > 0) : NoMatch();
}
Value IsLess(Args args, Arena&) {
  return AreQuantities(args) ? Value::Bool(Order(args) < 0) : NoMatch();
}

Value AddTimes(Args args, int sign, Arena& arena) {
  if (!IsQuantity(args[0])) return NoMatch();
  absl::int128 other = 0;
  if (IsQuantity(args[1])) {
    other = As(args[1]).nano();
  } else if (args[1].is_int()) {
    other = absl::int128(args[1].integer()) * kNano;
  } else {
    return NoMatch();
  }
  // Each is below 2^127: added halves tell whether the sum is.
  const absl::int128 left = As(args[0]).nano();
  const absl::int128 right = sign * other;
  const absl::int128 half = left / 2 + right / 2;
  const absl::int128 limit = absl::Int128Max() / 2 - 1;
  if (half > limit || half < -limit) return Value::StaticError(kTooLarge);
  return Make(left + right, arena);
}
Value Add(Args args, Arena& arena) { return AddTimes(args, 1, arena); }
Value Subtract(Args args, Arena& arena) { return AddTimes(args, -1, arena); }

}  // namespace

std::vector<Function> QuantityFunctions() {
  std::vector<Function> functions = {
      {"quantity", {"string_to_quantity: string -> kubernetes.Quantity"}, FromString},
      {"isQuantity", {"is_quantity_string: string -> bool"}, IsQuantityText},
      {"sign", {"quantity_sign: kubernetes.Quantity -> int"}, Sign},
      {"isInteger", {"quantity_is_integer: .kubernetes.Quantity -> bool"}, IsInteger},
      {"asInteger", {"quantity_get_int: .kubernetes.Quantity -> int"}, AsInteger},
      {"asApproximateFloat", {"quantity_get_float: .kubernetes.Quantity -> double"}, AsFloat},
      {"compareTo",
       {"quantity_compare_to: .kubernetes.Quantity, kubernetes.Quantity -> int"},
       CompareTo},
      {"isGreaterThan",
       {"quantity_is_greater_than: .kubernetes.Quantity, kubernetes.Quantity -> bool"},
       IsGreater},
      {"isLessThan",
       {"quantity_is_less_than: .kubernetes.Quantity, kubernetes.Quantity -> bool"},
       IsLess},
      {"add",
       {"quantity_add: .kubernetes.Quantity, kubernetes.Quantity -> kubernetes.Quantity",
        "quantity_add_int: .kubernetes.Quantity, int -> kubernetes.Quantity"},
       Add},
      {"sub",
       {"quantity_sub: .kubernetes.Quantity, kubernetes.Quantity -> kubernetes.Quantity",
        "quantity_sub_int: .kubernetes.Quantity, int -> kubernetes.Quantity"},
       Subtract},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
