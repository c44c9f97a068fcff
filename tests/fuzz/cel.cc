// CEL: whatever is written can be parsed, checked and evaluated within its limits, and gives the
// same answer twice.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "common/cel/program.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

constexpr char kSelf[] = R"({"a":1,"d":1.5,"e":[],"l":[1,2,3],"m":{"k":"v"},"n":null,"s":"str"})";

void Try(const cel::Program& program, const cel::Bindings& bindings) {
  const cel::Limits limits{.cost = 100'000, .iterations = 10'000, .memory = size_t{1} << 20};
  uint64_t cost = 0;
  const auto first = program.EvaluateToText(bindings, limits, &cost);
  uint64_t cost_again = 0;
  const auto again = program.EvaluateToText(bindings, limits, &cost_again);
  const std::string text = first.ok() ? *first : std::string(first.status().message());
  Require(first.ok() == again.ok() && cost == cost_again, "CEL costs the same again", text);
  Require(text == (again.ok() ? *again : std::string(again.status().message())),
          "CEL gives the same answer again", text);
  Require(program.Evaluate(bindings, limits).value.ok() == first.ok(),
          "CEL values become documents", text);
}

}  // namespace

FUZZ_TARGET(cel, input) {
  static const value::Value* const kDocument = new value::Value(value::ParseJson(kSelf).value());
  cel::Bindings bindings;
  bindings.Bind("self", *kDocument);
  const auto parsed = cel::Program::Parse(input, cel::Features::Flux());
  if (parsed.ok()) Try(**parsed, bindings);
  const auto checked =
      cel::Program::Compile(input, {{"self", nullptr}}, cel::Features::KubernetesStored());
  if (checked.ok()) Try(**checked, bindings);
}

}  // namespace sluice::fuzz
