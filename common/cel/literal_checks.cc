// SPDX-License-Identifier: Apache-2.0
#include "common/cel/literal_checks.h"

#include <string>

#include "common/base/duration.h"
#include "common/cel/regex.h"
#include "common/cel/times.h"

namespace sluice::cel {
namespace {

const std::string* StringLiteral(const Expr& expr) {
  if (expr.kind != Expr::Kind::kConstant) return nullptr;
  return std::get_if<std::string>(&expr.constant);
}

void CheckCall(const Expr& call, std::vector<Issue>& issues) {
  const bool regex = call.name == "matches";
  const size_t index = regex && call.target == nullptr ? 1 : 0;
  if (index >= call.args.size()) return;
  const std::string* const literal = StringLiteral(*call.args[index]);
  if (literal == nullptr) return;
  bool good = true;
  if (regex) {
    good = Regex::Compile(*literal).ok();
  } else if (call.name == "duration") {
    good = ParseGoDuration(*literal).ok();
  } else if (call.name == "timestamp") {
    const auto time = ParseTimestamp(*literal);
    good = time.has_value() && time->seconds >= kMinSeconds && time->seconds <= kMaxSeconds;
  }
  if (!good) issues.push_back({call.args[index]->offset, "invalid " + call.name + " argument"});
}

}  // namespace

void CheckLiterals(const Expr& expr, std::vector<Issue>& issues) {
  if (expr.kind == Expr::Kind::kCall) CheckCall(expr, issues);
  if (expr.target != nullptr) CheckLiterals(*expr.target, issues);
  for (const Expr* arg : expr.args) CheckLiterals(*arg, issues);
  if (expr.loop == nullptr) return;
  for (const Expr* part : {expr.loop->range, expr.loop->initial, expr.loop->condition,
                           expr.loop->step, expr.loop->result}) {
    CheckLiterals(*part, issues);
  }
}

}  // namespace sluice::cel
