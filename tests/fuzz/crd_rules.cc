// Validation rules of CRDs: the first section is a schema with a "rules" list of {rule, message,
// messageExpression}, the second an object. Rules stay within their budget.

// SPDX-License-Identifier: Apache-2.0
#include "common/cel/rule.h"
#include "common/cel/schema.h"
#include "common/value/yaml.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(crd_rules, input) {
  const auto sections = Sections(input);
  const auto node = value::ParseYaml(sections.begin()->second);
  const auto self = value::ParseYaml(sections.rbegin()->second);
  if (!node.ok() || !self.ok()) return;
  const cel::SchemaPtr schema = cel::SchemaFromOpenApi(*node, /*resource_root=*/false);
  uint64_t budget = 200'000;
  int rules = 0;
  for (const Value& text : (*node)["rules"].items()) {
    if (++rules > 20) break;
    const cel::RuleText rule = {std::string(text["rule"].str()), std::string(text["message"].str()),
                                std::string(text["messageExpression"].str()),
                                text["optionalOldSelf"].bool_or(false)};
    const auto compiled = cel::Rule::Compile(rule, schema, cel::RuleAge::kNew);
    if (!compiled.ok()) {
      Require(!compiled.status().message().empty(), "a refused rule says why");
      continue;
    }
    const uint64_t before = budget;
    (void)(*compiled)->Check(*self, &*self, budget);
    Require(budget <= before, "a rule takes of the budget");
  }
}

}  // namespace sluice::fuzz
