// SPDX-License-Identifier: Apache-2.0
#include "common/cel/rule.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::cel {
namespace {

using ::sluice::testing::StatusIs;

value::Value Json(const char* text) { return value::ParseJson(text).value(); }

SchemaPtr TheSchema() {
  return SchemaFromOpenApi(Json(R"({"type":"object","properties":{
      "min":{"type":"integer"}, "max":{"type":"integer"}, "name":{"type":"string"},
      "free":{"x-kubernetes-int-or-string":true},
      "list":{"type":"array","items":{"type":"integer"}}}})"),
                           /*resource_root=*/false);
}

TEST_CASE("a rule holds, fails with its message, or says why it cannot be tried", "[cel][rule]") {
  struct Row {
    RuleText text;
    const char* self;
    const char* old_self;  // null: none
    Verdict::Kind kind;
    const char* detail;
  };
  using Kind = Verdict::Kind;
  const Row rows[] = {
      {{"self.min <= self.max"}, R"({"min":1,"max":2})", nullptr, Kind::kHolds, ""},
      {{"self.min <= self.max"},
       R"({"min":3,"max":2})",
       nullptr,
       Kind::kFails,
       "failed rule: self.min <= self.max"},
      {{"self.min <= self.max", " too large\n"},
       R"({"min":3,"max":2})",
       nullptr,
       Kind::kFails,
       "too large"},
      {{"self.min <= self.max", "m", "'min is ' + string(self.min)"},
       R"({"min":3,"max":2})",
       nullptr,
       Kind::kFails,
       "min is 3"},
      // A message expression that fails gives way to the message.
      {{"self.min <= self.max", "m", "'name is ' + self.name"},
       R"({"min":3,"max":2})",
       nullptr,
       Kind::kFails,
       "m"},
      {{"self.min <= self.max"},
       R"({"min":1})",
       nullptr,
       Kind::kError,
       "no such key: max evaluating rule: self.min <= self.max"},
      {{"self.free + 1 == 2"},
       R"({"free":"x"})",
       nullptr,
       Kind::kError,
       "'no such overload': call arguments did not match a supported operator, function or macro "
       "signature for rule: self.free + 1 == 2"},
      {{"self.name == oldSelf.name"}, R"({"name":"a"})", nullptr, Kind::kHolds, ""},
      {{"self.name == oldSelf.name", "is immutable"},
       R"({"name":"a"})",
       R"({"name":"b"})",
       Kind::kFails,
       "is immutable"},
      {{"oldSelf.hasValue() || self.name == 'first'", "m", "", true},
       R"({"name":"a"})",
       nullptr,
       Kind::kFails,
       "m"},
      {{"!oldSelf.hasValue() || oldSelf.value().name == 'b'", "m", "", true},
       R"({"name":"a"})",
       R"({"name":"b"})",
       Kind::kHolds,
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.rule, row.self);
    const auto rule = Rule::Compile(row.text, TheSchema(), RuleAge::kNew);
    REQUIRE(rule.ok());
    const value::Value self = Json(row.self);
    const value::Value old_self = row.old_self == nullptr ? value::Value() : Json(row.old_self);
    uint64_t budget = kRuleBudget;
    const Verdict verdict =
        (*rule)->Check(self, row.old_self == nullptr ? nullptr : &old_self, budget);
    CHECK(verdict.kind == row.kind);
    CHECK(verdict.detail == row.detail);
  }
}

TEST_CASE("a rule that does not compile says so in the API server's words", "[cel][rule]") {
  struct Row {
    RuleText text;
    absl::StatusCode code;
    const char* message;
  };
  constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
  const Row rows[] = {
      {{"self.nix"}, kInvalid, "compilation failed: ERROR: <input>:1:5: undefined field 'nix'\n"},
      {{"self.min"}, kInvalid, "cel expression must evaluate to a bool"},
      {{"true", "", "1"}, kInvalid, "messageExpression must evaluate to a string"},
      {{"true", "", "1 +"}, kInvalid, "messageExpression compilation failed: ERROR: <input>:1:4: "},
      {{"  "}, absl::StatusCode::kNotFound, "the rule is empty"},
      {{"self.list.sort() == self.list"}, kInvalid, "undeclared reference to 'sort'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.rule, row.text.message_expression);
    CHECK_THAT(Rule::Compile(row.text, TheSchema(), RuleAge::kNew).status(),
               StatusIs(row.code, row.message));
  }
}

TEST_CASE("rules end where their cost does", "[cel][rule]") {
  value::Value self = value::Value::EmptyObject();
  value::Value list = value::Value::EmptyArray();
  for (int i = 0; i < 1000; ++i) list.Append(i);
  self.Set("list", list);
  const auto cheap = Rule::Compile({"self.list.all(x, x >= 0)"}, TheSchema(), RuleAge::kNew);
  const auto dear = Rule::Compile({"self.list.all(x, self.list.all(y, y >= 0))", "slow"},
                                  TheSchema(), RuleAge::kNew);
  REQUIRE(cheap.ok());
  REQUIRE(dear.ok());

  uint64_t budget = kRuleBudget;
  CHECK((*cheap)->Check(self, nullptr, budget).kind == Verdict::Kind::kHolds);
  const uint64_t cost = kRuleBudget - budget;

  Verdict verdict = (*dear)->Check(self, nullptr, budget);
  CHECK(verdict.kind == Verdict::Kind::kExceeds);
  CHECK(verdict.detail ==
        "'operation cancelled: actual cost limit exceeded': no further validation rules will be "
        "run due to call cost exceeds limit for rule: slow");

  budget = cost;
  CHECK((*cheap)->Check(self, nullptr, budget).kind == Verdict::Kind::kHolds);
  CHECK(budget == 0);
  budget = cost - 1;
  verdict = (*cheap)->Check(self, nullptr, budget);
  CHECK(verdict.kind == Verdict::Kind::kExceeds);
  CHECK(verdict.detail ==
        "validation failed due to running out of cost budget, no further validation rules will be "
        "run");
}

}  // namespace
}  // namespace sluice::cel
