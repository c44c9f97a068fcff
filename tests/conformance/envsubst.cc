// The corpus "envsubst": what Flux's post-build substitution makes of a text.

// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/expand.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/conformance/corpus.h"
#include "tests/conformance/kinds.h"

namespace sluice::conformance {
namespace {

using Variables = std::map<std::string, std::string>;

absl::StatusOr<std::string> Expand(absl::string_view text, const Variables& variables,
                                   bool strict) {
  return envsubst::Expand(text,
                          [&](absl::string_view name) -> const std::string* {
                            const auto found = variables.find(std::string(name));
                            return found == variables.end() ? nullptr : &found->second;
                          },
                          {.strict = strict});
}

std::vector<Mismatch> RunText(const Value& recorded) {
  Variables variables;
  for (const value::Member& variable : recorded["vars"].members()) {
    variables[variable.key] = std::string(variable.value.str());
  }
  const absl::StatusOr<std::string> actual =
      Expand(recorded["template"].str(), variables, recorded["strict"].bool_or(false));
  const std::string printed =
      actual.ok() ? *actual : absl::StrCat("error: ", actual.status().message());
  if (const Value* error = recorded.Find("error"); error != nullptr) {
    // Where the peer crashes it is enough to fail; otherwise the words are the same.
    const bool crash = recorded["panic"].bool_or(false);
    if (!actual.ok() && (crash || actual.status().message() == error->str())) return {};
    return {{"error", std::string(error->str()), printed}};
  }
  std::string expected(recorded["expected"].str());
  if (const Value* bytes = recorded.Find("expectedBase64"); bytes != nullptr) {
    absl::Base64Unescape(bytes->str(), &expected);
  }
  if (actual.ok() && *actual == expected) return {};
  return {{"expected", expected, printed}};
}

}  // namespace

absl::Status RunEnvsubst(const std::filesystem::path& path, Report& report) {
  ASSIGN_OR_RETURN(const Value cases, LoadCases(path));
  for (const Value& recorded : cases.items()) {
    report.Add(recorded["id"].str(), RunText(recorded));
  }
  return absl::OkStatus();
}

}  // namespace sluice::conformance
