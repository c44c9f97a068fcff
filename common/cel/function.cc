// SPDX-License-Identifier: Apache-2.0
#include "common/cel/function.h"

#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::cel {
namespace {

constexpr absl::string_view kNoMatchText = "no match";

// The types of a list, split at commas outside parentheses.
std::vector<TypePtr> ParseTypes(absl::string_view text) {
  std::vector<TypePtr> types;
  size_t start = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != ',' || depth != 0) continue;
    const absl::string_view type = absl::StripAsciiWhitespace(text.substr(start, i - start));
    if (!type.empty()) types.push_back(ParseType(type));
    start = i + 1;
  }
  return types;
}

Overload ParseSignature(absl::string_view text, Implementation call) {
  Overload overload;
  overload.call = call;
  const size_t colon = text.find(": ");
  const size_t arrow = text.find("-> ");
  if (colon == absl::string_view::npos || arrow == absl::string_view::npos) std::abort();
  overload.id = std::string(text.substr(0, colon));
  absl::string_view args = text.substr(colon + 2, arrow - colon - 2);
  overload.member = absl::ConsumePrefix(&args, ".");
  overload.args = ParseTypes(args);
  overload.result = ParseType(text.substr(arrow + 3));
  return overload;
}

struct Table {
  std::vector<Function> functions;
  absl::flat_hash_map<absl::string_view, std::vector<const Function*>> by_name;
};

const Table& TheTable() {
  static const Table* const kTable = [] {
    auto* const table = new Table;
    for (std::vector<Function> (*const family)() :
         {OperatorFunctions, ConversionFunctions, ListFunctions, StringFunctions, TimeFunctions,
          CollectionFunctions, OptionalFunctions, QuantityFunctions, NetworkFunctions, UrlFunctions,
          VersionFunctions, NamedFormatFunctions, RegexFunctions}) {
      for (Function& function : family()) table->functions.push_back(std::move(function));
    }
    for (const Function& function : table->functions) {
      table->by_name[function.name].push_back(&function);
    }
    return table;
  }();
  return *kTable;
}

}  // namespace

Value NoMatch() { return Value::StaticError(kNoMatchText); }
bool IsNoMatch(const Value& value) {
  return value.is_error() && value.text().data() == kNoMatchText.data();
}

Function::Function(absl::string_view function_name, std::vector<absl::string_view> signatures,
                   Implementation implementation, Mismatch how)
    : name(function_name), call(implementation), mismatch(how) {
  for (const absl::string_view signature : signatures) {
    overloads.push_back(ParseSignature(signature, implementation));
  }
}

std::span<const Function* const> FindFunctions(absl::string_view name) {
  const auto found = TheTable().by_name.find(name);
  if (found == TheTable().by_name.end()) return {};
  return found->second;
}

bool IsAvailable(const Function& function, const Features& features) {
  return function.needs == nullptr || features.*function.needs;
}

Value MismatchError(absl::string_view name, Mismatch mismatch, std::span<const Value> args,
                    Arena& arena) {
  if (mismatch == Mismatch::kPlain) return Value::NoSuchOverload();
  if (mismatch == Mismatch::kNamed) {
    return Value::Error(absl::StrCat("no such overload: ", name), arena);
  }
  std::string types;
  for (const Value& arg : args) {
    absl::StrAppend(&types, types.empty() ? "" : ", ", arg.type_name());
  }
  return Value::Error(absl::StrCat("no such overload: ", name, "(", types, ")"), arena);
}

}  // namespace sluice::cel
