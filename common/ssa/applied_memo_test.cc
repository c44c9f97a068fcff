// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applied_memo.h"

#include <catch2/catch.hpp>

namespace sluice::ssa {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

Value ConfigMap(const char* name, const char* data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"namespace", "default"}}},
          {"data", {{"key", data}}}};
}

AppliedMemo::Entry Entry(const char* actor, const Value& desired) {
  return AppliedMemo::Entry(actor, ObjectId::Of(desired), desired);
}

TEST_CASE("a memo holds what was noted, and nothing near it", "[ssa]") {
  AppliedMemo memo(absl::Hours(1));
  const auto noted = Entry("", ConfigMap("a", "1"));
  CHECK_FALSE(memo.Holds(noted, "7", kNow));
  memo.Note(noted, "7", kNow);
  CHECK(memo.Holds(noted, "7", kNow));
  CHECK(memo.Holds(Entry("", ConfigMap("a", "1")), "7", kNow + absl::Minutes(59)));

  CHECK_FALSE(memo.Holds(noted, "8", kNow));                                 // changed by somebody
  CHECK_FALSE(memo.Holds(Entry("", ConfigMap("a", "2")), "7", kNow));        // wanted otherwise
  CHECK_FALSE(memo.Holds(Entry("", ConfigMap("b", "1")), "7", kNow));        // another object
  CHECK_FALSE(memo.Holds(Entry("tenant", ConfigMap("a", "1")), "7", kNow));  // another user
  CHECK_FALSE(memo.Holds(noted, "7", kNow + absl::Hours(1)));                // too long ago
}

TEST_CASE("the last note of an object counts", "[ssa]") {
  AppliedMemo memo;
  memo.Note(Entry("", ConfigMap("a", "1")), "7", kNow);
  memo.Note(Entry("", ConfigMap("a", "2")), "8", kNow);
  CHECK_FALSE(memo.Holds(Entry("", ConfigMap("a", "1")), "7", kNow));
  CHECK(memo.Holds(Entry("", ConfigMap("a", "2")), "8", kNow));
}

TEST_CASE("an answer without a resourceVersion proves nothing", "[ssa]") {
  AppliedMemo memo;
  memo.Note(Entry("", ConfigMap("a", "1")), "", kNow);
  CHECK_FALSE(memo.Holds(Entry("", ConfigMap("a", "1")), "", kNow));
}

TEST_CASE("a memo does not grow beyond its capacity", "[ssa]") {
  AppliedMemo memo(absl::Hours(1), 2);
  for (const char* name : {"a", "b", "c"}) memo.Note(Entry("", ConfigMap(name, "1")), "7", kNow);
  CHECK_FALSE(memo.Holds(Entry("", ConfigMap("a", "1")), "7", kNow));
  CHECK(memo.Holds(Entry("", ConfigMap("c", "1")), "7", kNow));
}

}  // namespace
}  // namespace sluice::ssa
