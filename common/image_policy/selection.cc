// SPDX-License-Identifier: Apache-2.0
#include "common/image_policy/selection.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/semver/version.h"

namespace sluice::image_policy {
namespace {

constexpr char kNothingFits[] = "unable to determine latest version from provided list";

absl::StatusOr<Order> ParseOrder(absl::string_view text) {
  if (text.empty() || text == "asc") return Order::kAscending;
  if (text == "desc") return Order::kDescending;
  return absl::InvalidArgumentError(absl::StrCat(
      "invalid policy: invalid order argument provided: '", text, "', must be one of: asc, desc"));
}

// Takes digits and the "_" between them off the front; how many digits, nothing for an "_" that is
// not between two.
std::optional<size_t> TakeDigits(absl::string_view& text, bool hex, bool digit_before,
                                 std::string& out) {
  size_t count = 0;
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    if (c == '_') {
      const bool before = count > 0 || digit_before;
      const bool after =
          text.size() > 1 && (hex ? absl::ascii_isxdigit(static_cast<unsigned char>(text[1]))
                                  : absl::ascii_isdigit(static_cast<unsigned char>(text[1])));
      if (!before || !after) return std::nullopt;
    } else if (hex ? absl::ascii_isxdigit(c) : absl::ascii_isdigit(c)) {
      out.push_back(static_cast<char>(c));
      ++count;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return count;
}

}  // namespace

std::optional<double> ParseGoFloat(absl::string_view text) {
  std::string out;
  if (absl::StartsWith(text, "+") || absl::StartsWith(text, "-")) {
    out.push_back(text.front());
    text.remove_prefix(1);
  }
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "inf" || lower == "infinity" || (lower == "nan" && out.empty())) {
    return std::strtod((out + lower).c_str(), nullptr);
  }
  const bool hex = absl::StartsWith(lower, "0x");
  if (hex) {
    out += "0x";
    text.remove_prefix(2);
  }
  const auto whole = TakeDigits(text, hex, hex, out);
  if (!whole.has_value()) return std::nullopt;
  std::optional<size_t> fraction = 0;
  if (absl::ConsumePrefix(&text, ".")) {
    out.push_back('.');
    fraction = TakeDigits(text, hex, false, out);
  }
  if (!fraction.has_value() || *whole + *fraction == 0) return std::nullopt;
  const bool has_exponent =
      !text.empty() &&
      absl::ascii_tolower(static_cast<unsigned char>(text.front())) == (hex ? 'p' : 'e');
  if (hex && !has_exponent) return std::nullopt;
  if (has_exponent) {
    out.push_back(hex ? 'p' : 'e');
    text.remove_prefix(1);
    if (absl::StartsWith(text, "+") || absl::StartsWith(text, "-")) {
      out.push_back(text.front());
      text.remove_prefix(1);
    }
    const auto digits = TakeDigits(text, false, false, out);
    if (!digits.has_value() || *digits == 0) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  const double number = std::strtod(out.c_str(), nullptr);
  return std::isinf(number) ? std::nullopt : std::optional(number);
}

absl::StatusOr<Selection> Selection::Create(const Rules& rules) {
  if (rules.semver_range.has_value()) {
    auto range = semver::Constraint::Parse(*rules.semver_range);
    if (!range.ok()) return Annotate(range.status(), "invalid policy");
    return Selection(Semver{*std::move(range)}, rules.filter);
  }
  if (rules.alphabetical_order.has_value()) {
    ASSIGN_OR_RETURN(const Order order, ParseOrder(*rules.alphabetical_order));
    return Selection(Alphabetical{order}, rules.filter);
  }
  if (rules.numerical_order.has_value()) {
    ASSIGN_OR_RETURN(const Order order, ParseOrder(*rules.numerical_order));
    return Selection(Numerical{order}, rules.filter);
  }
  return absl::InvalidArgumentError(
      "invalid policy: given ImagePolicyChoice object is invalid: none of semver, alphabetical and "
      "numerical is set");
}

absl::StatusOr<size_t> Selection::Best(std::span<const std::string> values) const {
  if (values.empty()) return absl::NotFoundError("version list argument cannot be empty");
  size_t best = values.size();
  if (const auto* semver = std::get_if<Semver>(&ordering_)) {
    semver::Version newest;
    for (size_t i = 0; i < values.size(); ++i) {
      auto version = semver::Version::ParseTag(values[i]);
      if (!version.ok() || !semver->range.Matches(*version)) continue;
      if (best != values.size() && *version <= newest) continue;
      best = i;
      newest = *std::move(version);
    }
    if (best == values.size()) return absl::NotFoundError(kNothingFits);
    return best;
  }
  if (const auto* alphabetical = std::get_if<Alphabetical>(&ordering_)) {
    best = 0;
    for (size_t i = 1; i < values.size(); ++i) {
      const bool better = alphabetical->order == Order::kAscending ? values[i] > values[best]
                                                                   : values[i] < values[best];
      if (better) best = i;
    }
    return best;
  }
  const Order order = std::get<Numerical>(ordering_).order;
  double chosen = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto number = ParseGoFloat(values[i]);
    if (!number.has_value()) {
      return absl::FailedPreconditionError(
          absl::StrCat("failed to parse invalid numeric value '", values[i], "'"));
    }
    const bool worse = order == Order::kAscending ? *number < chosen : *number > chosen;
    if (i > 0 && worse) continue;
    best = i;
    chosen = *number;
  }
  return best;
}

absl::StatusOr<std::string> Selection::Pick(std::span<const std::string> tags) const {
  if (!filter_.has_value()) {
    ASSIGN_OR_RETURN(const size_t best, Best(tags));
    return tags[best];
  }
  auto filtered = FilterTags(*filter_, tags);
  if (!filtered.ok()) return Annotate(filtered.status(), "failed to filter tags");
  ASSIGN_OR_RETURN(const size_t best, Best(filtered->values));
  return std::move(filtered->tags[best]);
}

}  // namespace sluice::image_policy
