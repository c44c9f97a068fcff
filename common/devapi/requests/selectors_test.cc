// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/selectors.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a label selector matches exactly the labels it describes", "[devapi]") {
  const std::vector<std::pair<std::string, Value>> ladder = {
      {"none", Value::EmptyObject()},
      {"web", Value{{"app", "web"}}},
      {"web1", Value{{"app", "web"}, {"tier", "1"}}},
      {"db2", Value{{"app", "db"}, {"tier", "2"}}},
      {"empty", Value{{"app", ""}}},
  };
  struct Row {
    const char* selector;
    std::vector<std::string> matches;
  };
  const Row rows[] = {
      {"", {"none", "web", "web1", "db2", "empty"}},
      {"app=web", {"web", "web1"}},
      {"app == web", {"web", "web1"}},
      {"app!=web", {"none", "db2", "empty"}},
      {"app", {"web", "web1", "db2", "empty"}},
      {"!app", {"none"}},
      {"app in (web, db)", {"web", "web1", "db2"}},
      {"app in (db,)", {"db2", "empty"}},
      {"app notin (web)", {"none", "db2", "empty"}},
      {"app=,tier notin (9)", {"empty"}},
      {"tier>1", {"db2"}},
      {"tier<2", {"web1"}},
      {"app,tier=1", {"web1"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    const LabelSelector selector = LabelSelector::Parse(row.selector).value();
    std::vector<std::string> matches;
    for (const auto& [name, labels] : ladder) {
      if (selector.Matches(labels)) matches.push_back(name);
    }
    CHECK(matches == row.matches);
  }
}

TEST_CASE("a label selector that is none is refused", "[devapi]") {
  for (const char* text :
       {"a b", "=x", "a in", "a in x", "a in (x", "a>b", ",", "a,,b", "!", "a=b=c"}) {
    CAPTURE(text);
    CHECK_FALSE(LabelSelector::Parse(text).ok());
  }
  CHECK_THAT(LabelSelector::Parse("a b").status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, "
                      "lt"));
}

TEST_CASE("a selector object says the same", "[devapi]") {
  const Value in = {{"key", "tier"}, {"operator", "In"}, {"values", Value(Value::Array{"1", "2"})}};
  const Value absent = {{"key", "gone"}, {"operator", "DoesNotExist"}};
  const LabelSelector selector =
      LabelSelector::FromObject(Value{{"matchLabels", Value{{"app", "web"}}},
                                      {"matchExpressions", Value(Value::Array{in, absent})}})
          .value();
  CHECK(selector.Matches(Value{{"app", "web"}, {"tier", "2"}}));
  CHECK_FALSE(selector.Matches(Value{{"app", "web"}, {"tier", "3"}}));
  CHECK_FALSE(selector.Matches(Value{{"app", "web"}, {"tier", "1"}, {"gone", ""}}));
  CHECK(LabelSelector::FromObject(Value::EmptyObject()).value().Matches(nullptr));
  const Value odd = {{"key", "a"}, {"operator", "Odd"}};
  CHECK_FALSE(
      LabelSelector::FromObject(Value{{"matchExpressions", Value(Value::Array{odd})}}).ok());
}

Resource Builtin(const std::string& plural) {
  Resource resource;
  resource.version = "v1";
  resource.plural = plural;
  resource.storage = plural;
  return resource;
}

TEST_CASE("a field selector compares the fields that a kind offers", "[devapi]") {
  const Value pod = {{"metadata", Value{{"name", "a"}, {"namespace", "n"}}},
                     {"spec", Value{{"nodeName", "node"}}},
                     {"status", Value{{"phase", "Running"}}}};
  struct Row {
    const char* selector;
    bool matches;
  };
  const Row rows[] = {
      {"metadata.name=a", true},        {"metadata.name==a,metadata.namespace=n", true},
      {"metadata.name!=a", false},      {"status.phase!=Failed,spec.nodeName=node", true},
      {"spec.hostNetwork=false", true}, {"status.podIP=", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    const FieldSelector selector = FieldSelector::Parse(row.selector).value();
    CHECK(selector.CheckSupported(Builtin("pods")).ok());
    CHECK(selector.Matches(Builtin("pods"), pod) == row.matches);
  }
  CHECK(FieldSelector::Parse("metadata.name=a\\,b").value().RequiredName() == "a,b");
  CHECK(FieldSelector::Parse("metadata.name!=a").value().RequiredName().empty());
  CHECK_FALSE(FieldSelector::Parse("x").ok());
  CHECK_FALSE(FieldSelector::Parse("spec.other=x").value().CheckSupported(Builtin("pods")).ok());
  CHECK_FALSE(
      FieldSelector::Parse("status.phase=x").value().CheckSupported(Builtin("configmaps")).ok());
}

}  // namespace
}  // namespace sluice::devapi
