// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/condition.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"

namespace sluice::api {
namespace {

constexpr size_t kMaxMessage = 32768;

// Stalled, Reconciling, Ready first; then newer generations; then by name (fluxcd/pkg
// runtime/conditions).
auto SortKey(const Condition& condition) {
  const int rank = condition.type == kStalled       ? 0
                   : condition.type == kReconciling ? 1
                   : condition.type == kReady       ? 2
                                                    : 3;
  const int64_t age = rank == 3 ? -condition.observed_generation : 0;
  return std::make_tuple(rank, age, absl::string_view(condition.type));
}

ConditionStatus ParseConditionStatus(absl::string_view text) {
  if (text == "True") return ConditionStatus::kTrue;
  if (text == "False") return ConditionStatus::kFalse;
  return ConditionStatus::kUnknown;
}

bool Contains(std::span<const absl::string_view> list, absl::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

absl::string_view ConditionStatusName(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue:
      return "True";
    case ConditionStatus::kFalse:
      return "False";
    case ConditionStatus::kUnknown:
      return "Unknown";
  }
  return "";
}

Conditions Conditions::Decode(const Value& list) {
  Conditions conditions;
  for (const Value& item : list.items()) {
    Condition condition;
    condition.type = std::string(item["type"].str());
    if (condition.type.empty()) continue;
    condition.status = ParseConditionStatus(item["status"].str());
    condition.reason = std::string(item["reason"].str());
    condition.message = std::string(item["message"].str());
    condition.observed_generation = item["observedGeneration"].int_or(0);
    condition.last_transition_time =
        ParseRfc3339(item["lastTransitionTime"].str()).value_or(absl::UnixEpoch());
    conditions.list_.push_back(std::move(condition));
  }
  return conditions;
}

Value Conditions::Encode() const {
  Value list = Value::EmptyArray();
  for (const Condition& condition : list_) {
    Value item = {{"type", condition.type},
                  {"status", ConditionStatusName(condition.status)},
                  {"reason", condition.reason},
                  {"message", condition.message},
                  {"lastTransitionTime", FormatRfc3339(condition.last_transition_time)}};
    if (condition.observed_generation > 0) {
      item.Set("observedGeneration", condition.observed_generation);
    }
    list.Append(std::move(item));
  }
  return list;
}

const Condition* Conditions::Find(absl::string_view type) const {
  const auto it =
      std::find_if(list_.begin(), list_.end(), [&](const Condition& c) { return c.type == type; });
  return it == list_.end() ? nullptr : &*it;
}

bool Conditions::IsTrue(absl::string_view type) const {
  const Condition* condition = Find(type);
  return condition != nullptr && condition->status == ConditionStatus::kTrue;
}

bool Conditions::IsFalse(absl::string_view type) const {
  const Condition* condition = Find(type);
  return condition != nullptr && condition->status == ConditionStatus::kFalse;
}

void Conditions::Set(absl::string_view type, ConditionStatus status, absl::string_view reason,
                     absl::string_view message, int64_t generation, absl::Time now) {
  std::string text(message);
  if (text.size() > kMaxMessage) text = absl::StrCat(message.substr(0, kMaxMessage - 3), "...");
  Condition next = {std::string(type), status,     std::string(reason),
                    std::move(text),   generation, now};
  if (const Condition* old = Find(type); old != nullptr && old->status == next.status &&
                                         old->reason == next.reason &&
                                         old->message == next.message) {
    next.last_transition_time = old->last_transition_time;
  }
  Delete(type);
  list_.push_back(std::move(next));
  std::stable_sort(list_.begin(), list_.end(),
                   [](const Condition& a, const Condition& b) { return SortKey(a) < SortKey(b); });
}

void Conditions::Delete(absl::string_view type) {
  std::erase_if(list_, [&](const Condition& c) { return c.type == type; });
}

void Summarize(const SummaryRule& rule, int64_t generation, absl::Time now,
               Conditions& conditions) {
  const auto group = [&](const Condition& condition) {
    const bool positive = Contains(rule.positive, condition.type);
    switch (condition.status) {
      case ConditionStatus::kTrue:
        return positive ? 2 : 0;
      case ConditionStatus::kFalse:
        return positive ? 1 : 3;
      case ConditionStatus::kUnknown:
        return 4;
    }
    return 4;
  };
  const Condition* deciding = nullptr;
  for (absl::string_view type : rule.order) {
    const Condition* condition = conditions.Find(type);
    if (condition == nullptr) continue;
    if (deciding == nullptr || group(*condition) < group(*deciding)) deciding = condition;
  }
  if (deciding == nullptr) return;
  constexpr std::array kReadyByGroup = {ConditionStatus::kFalse, ConditionStatus::kFalse,
                                        ConditionStatus::kTrue, ConditionStatus::kTrue,
                                        ConditionStatus::kUnknown};
  const Condition source = *deciding;
  conditions.Set(kReady, kReadyByGroup[static_cast<size_t>(group(source))], source.reason,
                 source.message, generation, now);
}

}  // namespace sluice::api
