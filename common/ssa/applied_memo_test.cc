// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applied_memo.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const kube::Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};

Value ConfigMap(const char* name, const char* data, const char* version = "") {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", name}, {"namespace", "default"}, {"resourceVersion", version}}},
          {"data", {{"key", data}}}};
}

LiveFacts Live(const char* name, const char* data, const char* version) {
  return LiveFacts::Of(ConfigMap(name, data, version), {}, kNow);
}

struct Memo : AppliedMemo {
  using AppliedMemo::AppliedMemo;
  // Applied as `desired`, which made it `live`.
  void Noted(const Value& desired, const LiveFacts& live) {
    Note(ObjectId::Of(desired), kConfigMaps, FingerprintOf(desired), live, kNow);
  }
  bool Knows(const Value& desired, const LiveFacts& live, absl::Time now = kNow) const {
    return Holds(ObjectId::Of(desired), FingerprintOf(desired), live, now);
  }
};

struct View : LiveView {
  std::map<std::string, Sight> sights;  // by name
  Sight Find(const kube::Resource&, const kube::ObjectKey& key) override {
    return sights[key.name];
  }
};

TEST_CASE("a memo holds what was noted, and nothing near it", "[ssa]") {
  Memo memo(absl::Hours(1));
  const Value desired = ConfigMap("a", "1");
  CHECK_FALSE(memo.Knows(desired, Live("a", "1", "7")));
  memo.Noted(desired, Live("a", "1", "7"));
  CHECK(memo.Knows(desired, Live("a", "1", "7")));
  CHECK(memo.Knows(desired, Live("a", "1", "7"), kNow + absl::Minutes(59)));
  CHECK(memo.Knows(desired, Live("a", "1", "9")));  // a status was written, say

  CHECK_FALSE(memo.Knows(desired, Live("a", "edited", "8")));                    // by somebody
  CHECK_FALSE(memo.Knows(ConfigMap("a", "2"), Live("a", "1", "7")));             // wanted otherwise
  CHECK_FALSE(memo.Knows(ConfigMap("b", "1"), Live("b", "1", "7")));             // another object
  CHECK_FALSE(memo.Knows(desired, Live("a", "1", "7"), kNow + absl::Hours(1)));  // too long ago
}

TEST_CASE("the last note of an object counts", "[ssa]") {
  Memo memo;
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", "7"));
  memo.Noted(ConfigMap("a", "2"), Live("a", "2", "8"));
  CHECK_FALSE(memo.Knows(ConfigMap("a", "1"), Live("a", "1", "7")));
  CHECK(memo.Knows(ConfigMap("a", "2"), Live("a", "2", "8")));
}

TEST_CASE("an answer without a resourceVersion proves nothing", "[ssa]") {
  Memo memo;
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", ""));
  CHECK_FALSE(memo.Knows(ConfigMap("a", "1"), Live("a", "1", "")));
}

TEST_CASE("a watch that lags behind our own write is not believed", "[ssa]") {
  Memo memo;
  const ObjectId id = ObjectId::Of(ConfigMap("a", "1"));
  CHECK_FALSE(memo.IsAheadOf(id, std::nullopt));  // never written
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", "7"));
  CHECK(memo.IsAheadOf(id, std::nullopt));
  CHECK(memo.IsAheadOf(id, Live("a", "0", "6")));
  CHECK_FALSE(memo.IsAheadOf(id, Live("a", "1", "7")));
  CHECK_FALSE(memo.IsAheadOf(id, Live("a", "edited", "8")));
}

TEST_CASE("a complete apply is confirmed as long as every object is as it was left", "[ssa]") {
  Memo memo;
  View view;
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", "7"));
  memo.Noted(ConfigMap("b", "1"), Live("b", "1", "8"));
  view.sights["a"] = {true, Live("a", "1", "7")};
  view.sights["b"] = {true, Live("b", "1", "8")};
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());  // nothing is complete yet
  const ChangeSet applied = {{ObjectId::Of(ConfigMap("b", "1")), Action::kCreated},
                             {ObjectId::Of(ConfigMap("a", "1")), Action::kConfigured}};
  memo.Complete(applied);
  const auto confirmed = memo.Confirm(view, kNow);
  REQUIRE(confirmed.has_value());
  REQUIRE(confirmed->size() == 2);
  CHECK((*confirmed)[0].ToString() == "ConfigMap/default/b unchanged");
  CHECK((*confirmed)[1].ToString() == "ConfigMap/default/a unchanged");

  CHECK_FALSE(memo.Confirm(view, kNow + absl::Hours(1)).has_value());
  view.sights["a"] = {true, Live("a", "1", "12")};  // its status
  CHECK(memo.Confirm(view, kNow).has_value());
  view.sights["a"] = {true, Live("a", "edited", "13")};
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());
  view.sights["a"] = {true, Live("a", "0", "6")};  // lags behind
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());
  view.sights["a"] = {true, std::nullopt};
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());
  view.sights["a"] = {};
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());
}

TEST_CASE("objects that were left alone cannot be confirmed without a look", "[ssa]") {
  Memo memo;
  View view;
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", "7"));
  view.sights["a"] = {true, Live("a", "1", "7")};
  memo.Complete({{ObjectId::Of(ConfigMap("a", "1")), Action::kUnchanged},
                 {ObjectId::Of(ConfigMap("s", "1")), Action::kSkipped}});
  CHECK_FALSE(memo.Confirm(view, kNow).has_value());
}

TEST_CASE("a change that the last apply did not make contradicts it", "[ssa]") {
  Memo memo;
  memo.Noted(ConfigMap("a", "1"), Live("a", "1", "7"));
  const auto contradicts = [&](const char* name, const std::optional<LiveFacts>& now) {
    return memo.Contradicts(kConfigMaps, {"default", name}, now);
  };
  CHECK_FALSE(contradicts("a", Live("a", "1", "7")));  // our own write
  CHECK_FALSE(contradicts("a", Live("a", "0", "6")));  // what was before it
  CHECK_FALSE(contradicts("a", Live("a", "1", "8")));  // a status
  CHECK(contradicts("a", Live("a", "edited", "8")));
  CHECK(contradicts("a", std::nullopt));
  CHECK_FALSE(contradicts("b", std::nullopt));  // not ours
}

}  // namespace
}  // namespace sluice::ssa
