// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/expand.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/envsubst/operators.h"
#include "common/envsubst/parser.h"
#include "common/text/quote.h"

namespace sluice::envsubst {
namespace {

class Evaluator {
 public:
  Evaluator(Lookup lookup, const Options& options)
      : lookup_(lookup),
        strict_(options.strict),
        budget_{.max_bytes = options.max_bytes, .work_left = options.max_work} {}

  absl::StatusOr<std::string> EvaluateAll(const std::vector<Node>& nodes) {
    std::string text;
    for (const Node& node : nodes) {
      ASSIGN_OR_RETURN(const std::string piece, Evaluate(node));
      if (piece.size() > budget_.max_bytes - text.size()) {
        return absl::ResourceExhaustedError(
            absl::StrCat("variable substitution gives more than ", budget_.max_bytes, " bytes"));
      }
      text += piece;
    }
    return text;
  }

 private:
  // Arguments first: an absent variable in them is reported before that of the substitution.
  absl::StatusOr<std::string> Evaluate(const Node& node) {
    if (node.name.empty()) return node.plain;
    std::vector<std::string> arguments;
    for (const Node& argument : node.arguments) {
      ASSIGN_OR_RETURN(std::string text, Evaluate(argument));
      arguments.push_back(std::move(text));
    }
    const std::string* value = lookup_(node.name);
    if (value == nullptr && strict_ && !GivesDefault(node.op)) {
      return absl::InvalidArgumentError(
          absl::StrCat("variable not set (strict mode): ", text::Quote(node.name)));
    }
    return Apply(node.op, value == nullptr ? absl::string_view() : *value, arguments, budget_);
  }

  Lookup lookup_;
  bool strict_;
  Budget budget_;
};

}  // namespace

absl::StatusOr<std::string> Expand(absl::string_view text, Lookup lookup, const Options& options) {
  ASSIGN_OR_RETURN(const std::vector<Node> nodes, Parse(text));
  return Evaluator(lookup, options).EvaluateAll(nodes);
}

absl::Status CheckName(absl::string_view name) {
  bool valid = !name.empty() && !absl::ascii_isdigit(name[0]);
  for (const char c : name) valid &= absl::ascii_isalnum(c) || c == '_';
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("'", name, "' var name is invalid, must match ",
                                                 "'^[_[:alpha:]][_[:alpha:][:digit:]]*$'"));
}

}  // namespace sluice::envsubst
