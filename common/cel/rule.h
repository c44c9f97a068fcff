// Rules of a CustomResourceDefinition (x-kubernetes-validations), as an API server 1.34 compiles
// and applies them.
//
//   const SchemaPtr schema = SchemaFromOpenApi(node, resource_root);
//   const auto rule = Rule::Compile({.rule = "self.min <= self.max"}, schema, RuleAge::kNew);
//   uint64_t budget = kRuleBudget;                     // for all rules of one object
//   const Verdict verdict = (*rule)->Check(self, old_self, budget);
//   if (verdict.kind != Verdict::Kind::kHolds) ...     // verdict.detail is what the user sees

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "common/cel/program.h"
#include "common/cel/schema.h"
#include "common/value/value.h"

namespace sluice::cel {

// What the evaluation of one expression may cost, and that of all rules on one object.
inline constexpr uint64_t kExpressionCostLimit = 1'000'000;
inline constexpr uint64_t kRuleBudget = 10'000'000;

// One entry of x-kubernetes-validations.
struct RuleText {
  std::string rule;
  std::string message;             // "" if there is none
  std::string message_expression;  // "" if there is none
  bool optional_old_self = false;
};

// New rules may use what the previous minor version of the API server has as well; stored ones
// everything.
enum class RuleAge { kNew, kStored };

struct [[nodiscard]] Verdict {
  enum class Kind {
    kHolds,    // or does not apply: it compares with an old value, and there is none
    kFails,    // detail is the message of the rule
    kError,    // it could not be evaluated; detail says why and names the rule
    kExceeds,  // the budget or the limit of one expression is used up: no more rules are tried
  };
  Kind kind = Kind::kHolds;
  // The whole text after the field's path and value.
  std::string detail;
};

// Immutable, so safe to check from several threads.
class Rule {
 public:
  // kInvalidArgument with the text that the API server shows: "compilation failed: ERROR: …",
  // "cel expression must evaluate to a bool", "messageExpression …". kNotFound if the rule is
  // blank: it is none. kFailedPrecondition if `schema` is not exposed to expressions.
  static absl::StatusOr<std::shared_ptr<const Rule>> Compile(const RuleText& text,
                                                             const SchemaPtr& schema, RuleAge age);

  // Whether the rule names oldSelf.
  bool uses_old_self() const { return uses_old_self_; }
  const RuleText& text() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return text_; }

  // Tries the rule on `self`, which is not null and was of the schema's type, with `old_self` or
  // null. What it costs is taken from `budget`.
  Verdict Check(const value::Value& self, const value::Value* old_self, uint64_t& budget) const;

 private:
  Rule() = default;

  // The rule's own message, or what its messageExpression makes.
  Verdict Failure(const Bindings& bindings, uint64_t& budget) const;
  std::string Name() const;

  RuleText text_;
  SchemaPtr schema_;
  std::shared_ptr<const Program> rule_;
  std::shared_ptr<const Program> message_;  // null if there is none
  bool uses_old_self_ = false;
};

}  // namespace sluice::cel
