// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/condition.h"

#include <catch2/catch.hpp>

#include "common/api/meta/names.h"

namespace sluice::api {
namespace {

const absl::Time kT0 = absl::FromUnixSeconds(1767225600);
const absl::Time kT1 = kT0 + absl::Seconds(10);

TEST_CASE("the transition time moves only when a condition changes", "[api]") {
  Conditions conditions;
  conditions.Set(kReady, ConditionStatus::kTrue, "Succeeded", "stored", 1, kT0);
  conditions.Set(kReady, ConditionStatus::kTrue, "Succeeded", "stored", 2, kT1);
  CHECK(conditions.Find(kReady)->last_transition_time == kT0);
  CHECK(conditions.Find(kReady)->observed_generation == 2);
  conditions.Set(kReady, ConditionStatus::kFalse, "Failed", "no", 2, kT1);
  CHECK(conditions.Find(kReady)->last_transition_time == kT1);
}

TEST_CASE("conditions are kept in Flux's order and survive encoding", "[api]") {
  Conditions conditions;
  for (const char* type : {"FetchFailed", "ArtifactInStorage", kReady, kReconciling, kStalled}) {
    conditions.Set(type, ConditionStatus::kTrue, "R", "m", 1, kT0);
  }
  const Conditions again = Conditions::Decode(conditions.Encode());
  std::vector<std::string> types;
  for (const Condition& condition : again.all()) types.push_back(condition.type);
  CHECK(types == std::vector<std::string>{kStalled, kReconciling, kReady, "ArtifactInStorage",
                                          "FetchFailed"});
  CHECK(again.Encode() == conditions.Encode());
}

TEST_CASE("Ready follows the worst condition, in the kind's order", "[api]") {
  constexpr absl::string_view kOrder[] = {"FetchFailed", "ArtifactOutdated", "ArtifactInStorage",
                                          kStalled, kReconciling};
  constexpr absl::string_view kPositive[] = {"ArtifactInStorage"};
  const SummaryRule rule = {kOrder, kPositive};
  Conditions conditions;
  Summarize(rule, 1, kT0, conditions);
  CHECK_FALSE(conditions.Has(kReady));

  conditions.Set("ArtifactInStorage", ConditionStatus::kTrue, "Succeeded", "stored", 1, kT0);
  Summarize(rule, 1, kT0, conditions);
  CHECK(conditions.IsTrue(kReady));
  CHECK(conditions.Find(kReady)->message == "stored");

  conditions.Set("FetchFailed", ConditionStatus::kTrue, "GitOperationFailed", "no route", 1, kT0);
  Summarize(rule, 1, kT0, conditions);
  CHECK(conditions.IsFalse(kReady));
  CHECK(conditions.Find(kReady)->reason == "GitOperationFailed");
}

TEST_CASE("messages are cut at the schema's bound", "[api]") {
  Conditions conditions;
  conditions.Set(kReady, ConditionStatus::kTrue, "R", std::string(40000, 'x'), 1, kT0);
  CHECK(conditions.Find(kReady)->message.size() == 32768);
}

}  // namespace
}  // namespace sluice::api
