// SPDX-License-Identifier: Apache-2.0
#include "common/cel/rule.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace sluice::cel {
namespace {

constexpr size_t kMaxMessageBytes = 5 * 1024;
constexpr absl::string_view kOutOfBudget =
    "validation failed due to running out of cost budget, no further validation rules will be run";

absl::StatusOr<std::shared_ptr<const Program>> CompileTo(
    Type::Kind kind, const std::string& expression, const std::vector<Variable>& variables,
    const Features& features, absl::string_view subject, absl::string_view wrong_type) {
  auto program = Program::Compile(expression, variables, features);
  if (!program.ok()) {
    const bool planned = !absl::StartsWith(program.status().message(), "ERROR: ");
    const absl::string_view step = planned ? "instantiation failed" : "compilation failed";
    return Annotate(program.status(), absl::StrCat(subject, step));
  }
  if ((*program)->type()->kind != kind) return absl::InvalidArgumentError(wrong_type);
  return program;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Rule>> Rule::Compile(const RuleText& text,
                                                          const SchemaPtr& schema, RuleAge age) {
  if (absl::StripAsciiWhitespace(text.rule).empty()) {
    return absl::NotFoundError("the rule is empty");
  }
  if (schema == nullptr || !schema->exposed) {
    return absl::FailedPreconditionError("failed to convert to declType for CEL validation rules");
  }
  const Features features =
      age == RuleAge::kNew ? Features::KubernetesNew() : Features::KubernetesStored();
  const std::vector<Variable> variables = {{"self", schema},
                                           {"oldSelf", schema, text.optional_old_self}};
  auto rule = std::shared_ptr<Rule>(new Rule);
  rule->text_ = text;
  rule->schema_ = schema;
  auto program = CompileTo(Type::Kind::kBool, text.rule, variables, features, "",
                           "cel expression must evaluate to a bool");
  if (!program.ok()) return program.status();
  rule->rule_ = *std::move(program);
  rule->uses_old_self_ = rule->rule_->variables().count("oldSelf") != 0;
  if (!text.message_expression.empty()) {
    auto message = CompileTo(Type::Kind::kString, text.message_expression, variables, features,
                             "messageExpression ", "messageExpression must evaluate to a string");
    if (!message.ok()) return message.status();
    rule->message_ = *std::move(message);
  }
  return std::shared_ptr<const Rule>(std::move(rule));
}

std::string Rule::Name() const {
  const absl::string_view name = text_.message.empty() ? text_.rule : text_.message;
  return std::string(absl::StripAsciiWhitespace(name));
}

Verdict Rule::Check(const value::Value& self, const value::Value* old_self,
                    uint64_t& budget) const {
  if (budget == 0) return {Verdict::Kind::kExceeds, std::string(kOutOfBudget)};
  if (uses_old_self_ && old_self == nullptr && !text_.optional_old_self) return {};
  Bindings bindings;
  bindings.Bind("self", self, schema_.get());
  if (text_.optional_old_self) {
    bindings.BindOptional("oldSelf", old_self, schema_.get());
  } else if (old_self != nullptr) {
    bindings.Bind("oldSelf", *old_self, schema_.get());
  }
  const Outcome outcome = rule_->Evaluate(bindings, {.cost = kExpressionCostLimit});
  if (outcome.cost > budget) {
    budget = 0;
    return {Verdict::Kind::kExceeds, std::string(kOutOfBudget)};
  }
  budget -= outcome.cost;
  if (!outcome.value.ok()) {
    const absl::string_view why = outcome.value.status().message();
    if (absl::StartsWith(why, "no such overload")) {
      return {Verdict::Kind::kError,
              absl::StrCat("'", why,
                           "': call arguments did not match a supported operator, function or "
                           "macro signature for rule: ",
                           Name())};
    }
    if (absl::StartsWith(why, "operation cancelled: ")) {
      return {Verdict::Kind::kExceeds,
              absl::StrCat("'", why,
                           "': no further validation rules will be run due to call cost exceeds "
                           "limit for rule: ",
                           Name())};
    }
    return {Verdict::Kind::kError, absl::StrCat(why, " evaluating rule: ", Name())};
  }
  if (outcome.value->bool_or(false)) return {};
  return Failure(bindings, budget);
}

Verdict Rule::Failure(const Bindings& bindings, uint64_t& budget) const {
  Verdict verdict{Verdict::Kind::kFails,
                  text_.message.empty() ? absl::StrCat("failed rule: ", Name()) : Name()};
  if (message_ == nullptr) return verdict;
  const Outcome outcome = message_->Evaluate(bindings, {.cost = kExpressionCostLimit});
  if (outcome.cost > budget) {
    budget = 0;
    return {Verdict::Kind::kExceeds,
            "messageExpression evaluation failed due to running out of cost budget, no further "
            "validation rules will be run"};
  }
  budget -= outcome.cost;
  if (!outcome.value.ok()) {
    if (!absl::StartsWith(outcome.value.status().message(), "operation cancelled: ")) {
      return verdict;
    }
    return {Verdict::Kind::kExceeds,
            absl::StrCat("no further validation rules will be run due to call cost exceeds limit "
                         "for messageExpression: \"",
                         text_.message_expression, "\"")};
  }
  const absl::string_view message = absl::StripAsciiWhitespace(outcome.value->str());
  const bool usable =
      !message.empty() && message.size() <= kMaxMessageBytes && !absl::StrContains(message, '\n');
  if (usable) verdict.detail = std::string(message);
  return verdict;
}

}  // namespace sluice::cel
