// Arrays: how many, which, and equal ones.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/jsonschema/evaluation.h"

namespace sluice::jsonschema {
namespace {

// Equal for equal values.
size_t HashOf(const Value& value) {
  if (value.is_number()) return absl::HashOf(Number::Of(value).Key());
  if (value.is_string()) return absl::HashOf(value.str());
  size_t hash = absl::HashOf(static_cast<int>(value.kind()), value.bool_or(false), value.size());
  for (const Value& item : value.items()) hash = absl::HashOf(hash, HashOf(item));
  for (const value::Member& member : value.members()) {
    hash = absl::HashOf(hash, member.key, HashOf(member.value));
  }
  return hash;
}

std::string At(const std::vector<size_t>& indices) { return absl::StrJoin(indices, " "); }

}  // namespace

std::optional<std::pair<size_t, size_t>> FirstDuplicate(std::span<const Value> items) {
  absl::flat_hash_map<size_t, std::vector<size_t>> seen;
  for (size_t i = 0; i < items.size(); ++i) {
    std::vector<size_t>& same = seen[HashOf(items[i])];
    for (const size_t j : same) {
      if (Equal({&items[i], nullptr}, {&items[j], nullptr})) return std::pair(j, i);
    }
    same.push_back(i);
  }
  return std::nullopt;
}

void Application::CheckArray(const ArrayRules& rules) {
  const auto size = static_cast<int64_t>(value_.size());
  const auto counted = [&](absl::string_view keyword, int64_t want) {
    return absl::StrCat(keyword, ": got ", CountForMessage(size), ", want ", CountForMessage(want));
  };
  if (rules.min_items.has_value() && size < *rules.min_items) {
    Add([&] { return counted("minItems", *rules.min_items); });
  }
  if (rules.max_items.has_value() && size > *rules.max_items) {
    Add([&] { return counted("maxItems", *rules.max_items); });
  }
  if (rules.unique) CheckUnique();
  if (settled()) return;
  CheckItems(rules);
  if (rules.contains != nullptr && !settled()) CheckContains(rules);
}

void Application::CheckUnique() {
  evaluation_.Charge(value_.size());
  const auto duplicate = FirstDuplicate(value_.items());
  if (!duplicate.has_value()) return;
  Add([&] {
    return absl::StrCat("items at ", CountForMessage(static_cast<int64_t>(duplicate->first)),
                        " and ", CountForMessage(static_cast<int64_t>(duplicate->second)),
                        " are equal");
  });
}

void Application::CheckItems(const ArrayRules& rules) {
  const std::span<const Value> items = value_.items();
  const size_t prefix = std::min(rules.prefix.size(), items.size());
  for (size_t i = 0; i < prefix; ++i) AddIfAny(ApplyTo(*rules.prefix[i], items[i], i));
  if (rules.items != nullptr) {
    for (size_t i = prefix; i < items.size() && !settled(); ++i) {
      AddIfAny(ApplyTo(*rules.items, items[i], i));
    }
  }
  if (!rules.additional_allowed.value_or(true) && prefix < items.size()) {
    Add([&] {
      return absl::StrCat("last ", CountForMessage(static_cast<int64_t>(items.size() - prefix)),
                          " additionalItem(s) not allowed");
    });
  }
}

void Application::CheckContains(const ArrayRules& rules) {
  std::vector<FailurePtr> causes;
  std::vector<size_t> matched;
  for (size_t i = 0; i < value_.items().size(); ++i) {
    FailurePtr failure = ApplyTo(*rules.contains, value_.items()[i], i);
    if (failure != nullptr) {
      Keep(std::move(failure), causes);
      continue;
    }
    matched.push_back(i);
    if (schema_->draft >= 2020) unevaluated_.items.erase(i);
  }
  const auto count = static_cast<int64_t>(matched.size());
  const auto found = [&](absl::string_view word, int64_t want) {
    return absl::StrCat(word, " ", CountForMessage(want),
                        " items required to match contains schema, but matched ",
                        CountForMessage(count), " items at ", At(matched));
  };
  if (rules.min_contains.has_value()) {
    if (count < *rules.min_contains) {
      AddWithCauses(std::move(causes), [&] {
        if (count > 0) return found("min", *rules.min_contains);
        return absl::StrCat("min ", CountForMessage(*rules.min_contains),
                            " items required to match contains schema, but none matched");
      });
    }
  } else if (count == 0) {
    AddWithCauses(std::move(causes), [] { return "no items match contains schema"; });
  }
  if (rules.max_contains.has_value() && count > *rules.max_contains) {
    Add([&] { return found("max", *rules.max_contains); });
  }
}

}  // namespace sluice::jsonschema
