// Which of a repository's tags an ImagePolicy picks (spec.policy and spec.filterTags).
//
//   ASSIGN_OR_RETURN(const Selection selection, Selection::Create(rules));
//   ASSIGN_OR_RETURN(const std::string tag, selection.Pick(tags));

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image_policy/tag_filter.h"
#include "common/semver/constraint.h"

namespace sluice::image_policy {

enum class Order { kAscending, kDescending };

// A policy as it is written; absent parts are nullopt. Of several orderings the first here counts.
struct Rules {
  std::optional<std::string> semver_range;
  std::optional<std::string> alphabetical_order;  // "asc", "desc"; "" is "asc"
  std::optional<std::string> numerical_order;     // the same
  std::optional<TagFilterRules> filter;
};

// Immutable, thread-safe.
class Selection {
 public:
  // kInvalidArgument, in Flux's words, for rules without an ordering or one that cannot be used:
  // "invalid policy: …". The filter is only looked at by Pick(), as Flux does.
  static absl::StatusOr<Selection> Create(const Rules& rules);

  // The tag picked from `tags`. kInvalidArgument "failed to filter tags: …" for a filter that does
  // not compile; kNotFound if no tag is left or fits; kFailedPrecondition for a tag that is no
  // number where numbers are compared.
  //
  // Of values that compare equal, the first counts for versions and the last for numbers.
  absl::StatusOr<std::string> Pick(std::span<const std::string> tags) const;

 private:
  struct Semver {
    semver::Constraint range;
  };
  struct Alphabetical {
    Order order;
  };
  struct Numerical {
    Order order;
  };
  using Ordering = std::variant<Semver, Alphabetical, Numerical>;

  Selection(Ordering ordering, std::optional<TagFilterRules> filter)
      : ordering_(std::move(ordering)), filter_(std::move(filter)) {}

  absl::StatusOr<size_t> Best(std::span<const std::string> values) const;

  Ordering ordering_;
  std::optional<TagFilterRules> filter_;
};

// Go's strconv.ParseFloat(text, 64) without its error: digits with "_" between them, exponents,
// hexadecimal with "p", "inf", "nan". Nothing for other text and for what is too large.
std::optional<double> ParseGoFloat(absl::string_view text);

}  // namespace sluice::image_policy
