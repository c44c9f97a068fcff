// Substitution: within its budgets, and what has nothing to be done is left as it is, unless a NUL
// ends it, as in the reference.

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "common/envsubst/manifest.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(envsubst, input) {
  static const auto* const kVariables = new std::map<std::string, std::string>{
      {"a", "${a}"}, {"empty", ""}, {"path", "a/b/c"}, {"text", "some text"}};
  const auto lookup = [](absl::string_view name) -> const std::string* {
    const auto found = kVariables->find(std::string(name));
    return found == kVariables->end() ? nullptr : &found->second;
  };
  for (const bool strict : {false, true}) {
    const envsubst::Options options = {
        .strict = strict, .max_bytes = 100'000, .max_work = 1'000'000};
    const auto text = envsubst::Expand(input, lookup, options);
    if (!text.ok()) continue;
    Require(text->size() <= options.max_bytes, "the result is within its budget");
    Require(absl::StrContains(input, "$") || absl::StrContains(input, '\0') || *text == input,
            "plain text stays", *text);
  }
  if (const auto manifest = value::ParseYaml(input); manifest.ok()) {
    (void)envsubst::ExpandManifest(*manifest, lookup,
                                   {.max_bytes = 100'000, .max_work = 1'000'000});
  }
}

}  // namespace sluice::fuzz
