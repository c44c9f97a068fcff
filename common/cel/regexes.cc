// find and findAll of Kubernetes.

// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <vector>

#include "common/cel/function.h"
#include "common/cel/regex.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

bool AreTexts(Args args) { return args[0].is_string() && args[1].is_string(); }

Value Find(Args args, Arena& arena) {
  if (!AreTexts(args)) return NoMatch();
  const auto regex = CompileRegex(args[1].text());
  if (!regex.ok()) return Value::Error(regex.status().message(), arena);
  absl::string_view match;
  if (!regex->Find(args[0].text(), 0, {&match, 1})) return Value::String("");
  return Value::String(match);
}

// The matches from left to right; an empty one does not directly follow another.
Value FindAll(Args args, Arena& arena) {
  if (!AreTexts(args) || (args.size() == 3 && !args[2].is_int())) return NoMatch();
  const auto regex = CompileRegex(args[1].text());
  if (!regex.ok()) return Value::Error(regex.status().message(), arena);
  const absl::string_view text = args[0].text();
  int64_t left = args.size() == 3 ? args[2].integer() : -1;
  if (left < 0) left = std::numeric_limits<int64_t>::max();
  std::vector<Value> found;
  size_t at = 0;
  size_t previous_end = absl::string_view::npos;
  while (left > 0 && at <= text.size()) {
    absl::string_view match;
    if (!regex->Find(text, at, {&match, 1})) break;
    const auto start = static_cast<size_t>(match.data() - text.data());
    const bool empty_after_match = match.empty() && start == previous_end;
    if (!empty_after_match) {
      found.push_back(Value::String(match));
      --left;
    }
    previous_end = start + match.size();
    at = !match.empty() ? previous_end
                        : start + std::max<size_t>(1, text::DecodeFirst(text.substr(start)).size);
  }
  Value* const items = arena.AllocateArray<Value>(found.size());
  std::copy(found.begin(), found.end(), items);
  return MakeList(items, found.size(), arena);
}

}  // namespace

std::vector<Function> RegexFunctions() {
  std::vector<Function> functions = {
      {"find", {"string_find_string: .string, string -> string"}, Find, Mismatch::kPlain},
      {"findAll",
       {"string_find_all_string: .string, string -> list(string)",
        "string_find_all_string_int: .string, string, int -> list(string)"},
       FindAll,
       Mismatch::kPlain},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
