// status.conditions: what a controller reports about one object.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

enum class ConditionStatus { kTrue, kFalse, kUnknown };
absl::string_view ConditionStatusName(ConditionStatus status);

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  int64_t observed_generation = 0;
  absl::Time last_transition_time;
};

// The list in the order Flux keeps: Stalled and Reconciling, Ready, then by type. Not thread-safe.
class Conditions {
 public:
  // Entries without a type are dropped.
  static Conditions Decode(const Value& list);
  Value Encode() const;

  // nullptr if there is none of that type.
  const Condition* Find(absl::string_view type) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  bool IsTrue(absl::string_view type) const;
  bool IsFalse(absl::string_view type) const;
  bool Has(absl::string_view type) const { return Find(type) != nullptr; }

  // Adds or replaces the condition of that type. `now` becomes its transition time if status,
  // reason or message differ from before. Messages over 32,768 bytes are cut with "...", as the
  // schema allows no longer ones.
  void Set(absl::string_view type, ConditionStatus status, absl::string_view reason,
           absl::string_view message, int64_t generation, absl::Time now);
  void Delete(absl::string_view type);

  std::span<const Condition> all() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return list_; }

 private:
  std::vector<Condition> list_;
};

// How a kind's conditions add up to Ready (spec/source.md §7.5). In `order`, the first condition of
// the worst group decides: a negative one that is True, a positive one that is False, a positive
// one that is True, a negative one that is False, an Unknown one.
struct SummaryRule {
  std::span<const absl::string_view> order;
  std::span<const absl::string_view> positive;  // all others are bad when True
};
// Sets Ready; leaves the list alone if none of `rule.order` is there.
void Summarize(const SummaryRule& rule, int64_t generation, absl::Time now, Conditions& conditions);

}  // namespace sluice::api
