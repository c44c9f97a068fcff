// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/operators.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/fs/glob.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::envsubst {
namespace {

absl::Status TooLarge(const Budget& budget) {
  return absl::ResourceExhaustedError(
      absl::StrCat("variable substitution gives more than ", budget.max_bytes, " bytes"));
}

std::string FirstMapped(absl::string_view value, char32_t (*map)(char32_t)) {
  std::string mapped;
  if (value.empty()) return mapped;
  const text::Decoded first = text::DecodeFirst(value);
  text::AppendCharacter(map(first.character), mapped);
  absl::StrAppend(&mapped, value.substr(first.size));
  return mapped;
}

// Go's strconv.Atoi: no blanks, 64 bits.
std::optional<int64_t> Integer(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "-")) absl::ConsumePrefix(&digits, "+");
  const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return absl::ascii_isdigit(c);
  });
  int64_t number = 0;
  if (!all_digits || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

// Where a position or a length is no number the whole value comes back, as in bash.
absl::StatusOr<std::string> Substring(absl::string_view value,
                                      const std::vector<std::string>& arguments) {
  const auto size = static_cast<int64_t>(value.size());
  std::optional<int64_t> position = Integer(arguments[0]);
  if (!position.has_value()) return std::string(value);
  if (*position < 0) position = std::max<int64_t>(size + *position, 0);
  std::optional<int64_t> length = size;
  if (arguments.size() > 1) {
    length = Integer(arguments[1]);
    if (!length.has_value()) return std::string(value);
    // The reference crashes where the end is before the start, or beyond any number.
    int64_t end = 0;
    if (__builtin_add_overflow(*position, *length, &end) || (end < *position && end < size)) {
      return absl::InvalidArgumentError(
          absl::StrCat("substring length ", *length, " at ", *position, " is out of range"));
    }
  }
  if (*position >= size || *length < 0) return std::string();
  return std::string(value.substr(static_cast<size_t>(*position), static_cast<size_t>(*length)));
}

std::string Reversed(absl::string_view text) {
  std::vector<char32_t> characters;
  while (!text.empty()) {
    const text::Decoded first = text::DecodeFirst(text);
    characters.push_back(first.character);
    text.remove_prefix(first.size);
  }
  std::string reversed;
  for (auto it = characters.rbegin(); it != characters.rend(); ++it) {
    text::AppendCharacter(*it, reversed);
  }
  return reversed;
}

// The bytes of the shortest or longest prefix of `value`, not the empty one, that `pattern`
// matches; 0 if none does.
absl::StatusOr<size_t> MatchingPrefix(absl::string_view value, absl::string_view pattern,
                                      bool longest, Budget& budget) {
  const fs::Glob glob(pattern, fs::Glob::Slash::kOrdinary);
  for (size_t i = 1; i <= value.size(); ++i) {
    const size_t size = longest ? value.size() + 1 - i : i;
    size_t steps = 0;
    const bool matches = glob.Matches(value.substr(0, size), &steps);
    RETURN_IF_ERROR(budget.Spend(steps));
    if (matches) return size;
  }
  return 0;
}

absl::StatusOr<std::string> Trimmed(absl::string_view op, absl::string_view value,
                                    absl::string_view pattern, Budget& budget) {
  const bool longest = op.size() > 1;
  if (op[0] == '#') {
    ASSIGN_OR_RETURN(const size_t size, MatchingPrefix(value, pattern, longest, budget));
    return std::string(value.substr(size));
  }
  // A suffix is a prefix of the text the other way round. That the pattern is turned as text, too,
  // and so loses its classes and escapes, is the reference's way.
  const std::string reversed = Reversed(value);
  ASSIGN_OR_RETURN(const size_t size, MatchingPrefix(reversed, Reversed(pattern), longest, budget));
  return Reversed(absl::string_view(reversed).substr(size));
}

// The first or every `from` replaced by `to`. An empty one stands before each character and at the
// end.
absl::StatusOr<std::string> Replaced(absl::string_view value, absl::string_view from,
                                     absl::string_view to, bool all, const Budget& budget) {
  std::string replaced;
  bool more = true;
  for (bool first = true; more; first = false) {
    size_t at = 0;
    if (!from.empty()) {
      at = value.find(from);
      if (at == absl::string_view::npos) break;
    } else if (!first) {
      if (value.empty()) break;
      at = text::DecodeFirst(value).size;
    }
    absl::StrAppend(&replaced, value.substr(0, at), to);
    if (replaced.size() > budget.max_bytes) return TooLarge(budget);
    value.remove_prefix(at + from.size());
    more = all;
  }
  absl::StrAppend(&replaced, value);
  return replaced;
}

absl::StatusOr<std::string> ReplacedAsTold(absl::string_view op, absl::string_view value,
                                           const std::vector<std::string>& arguments,
                                           const Budget& budget) {
  const std::string& from = arguments[0];
  absl::string_view to;
  if (arguments.size() > 1) to = arguments[1];
  if (op == "/" || op == "//") return Replaced(value, from, to, op == "//", budget);
  // Without a replacement the anchored forms do nothing.
  if (arguments.size() != 2) return std::string(value);
  absl::string_view rest = value;
  if (op == "/#" && absl::ConsumePrefix(&rest, from)) return absl::StrCat(to, rest);
  if (op == "/%" && absl::ConsumeSuffix(&rest, from)) return absl::StrCat(rest, to);
  return std::string(value);
}

}  // namespace

absl::Status Budget::Spend(uint64_t amount) {
  if (amount > work_left) {
    return absl::ResourceExhaustedError("variable substitution takes too long");
  }
  work_left -= amount;
  return absl::OkStatus();
}

bool GivesDefault(absl::string_view op) { return op == "=" || (op.size() == 2 && op[0] == ':'); }

absl::StatusOr<std::string> Apply(absl::string_view op, absl::string_view value,
                                  const std::vector<std::string>& arguments, Budget& budget) {
  RETURN_IF_ERROR(budget.Spend(value.size() + 1));
  absl::StatusOr<std::string> result = std::string();
  if (GivesDefault(op)) {
    result = value.empty() ? absl::StrJoin(arguments, "") : std::string(value);
  } else if (op == "#" && arguments.empty()) {
    result = absl::StrCat(value.size());
  } else if (op == "^") {
    result = FirstMapped(value, text::ToUpper);
  } else if (op == "^^") {
    result = text::ToUpper(value);
  } else if (op == ",") {
    result = FirstMapped(value, text::ToLower);
  } else if (op == ",,") {
    result = text::ToLower(value);
  } else if (op == ":") {
    result = Substring(value, arguments);
  } else if (absl::StartsWith(op, "#") || absl::StartsWith(op, "%")) {
    result = Trimmed(op, value, arguments[0], budget);
  } else if (absl::StartsWith(op, "/")) {
    result = ReplacedAsTold(op, value, arguments, budget);
  } else {
    result = std::string(value);  // no operator, or the mixed "^," that does nothing
  }
  if (result.ok() && result->size() > budget.max_bytes) return TooLarge(budget);
  return result;
}

}  // namespace sluice::envsubst
