// Templates with sprig's functions, run on a small tree of values within small budgets: they end,
// in a text within the budget or in an error.

// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "common/gotmpl/document.h"
#include "common/gotmpl/template_set.h"
#include "common/sprig/sprig.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

class Environment : public gotmpl::Environment {
 public:
  absl::Time Now() override { return absl::FromUnixSeconds(1'700'000'000); }
  std::string RandomBytes(size_t count) override { return std::string(count, '\x5A'); }
  std::optional<absl::TimeZone> FindTimeZone(absl::string_view) override { return std::nullopt; }
};

constexpr absl::string_view kData = R"({
  "str": "a, b\u00e9", "int": 3, "float": 2.5, "neg": -7, "yes": true, "nul": null,
  "list": [1, "two", null, [3], {"k": "v"}], "map": {"a": 1, "b": {"c": [true]}}
})";

const gotmpl::FunctionTable& Functions() {
  static const gotmpl::FunctionTable& functions = *[] {
    auto* table = new gotmpl::FunctionTable();
    sprig::AddFunctions(*table);
    table->Add({.name = "include",
                .parameters = {&gotmpl::types::kString, &gotmpl::types::kAny},
                .result = &gotmpl::types::kString,
                .code = [](gotmpl::Call& call) -> absl::StatusOr<gotmpl::Value> {
                  std::string out;
                  const absl::Status status =
                      call.templates()->Execute(call.text(0), call[1], call.session(), out);
                  if (!status.ok()) return status;
                  return gotmpl::Value::String(std::move(out));
                }});
    return table;
  }();
  return functions;
}

}  // namespace

FUZZ_TARGET(gotmpl_run, input) {
  static const value::Value& document = *new value::Value(value::ParseJson(kData).value());
  gotmpl::TemplateSet set("root", Functions(), gotmpl::MissingKey::kZero);
  if (!set.Parse("t", input).ok()) return;
  // Below what a certificate or a password costs.
  const gotmpl::Limits limits{.steps = 20'000,
                              .iterations = 5'000,
                              .output_bytes = 1 << 16,
                              .function_bytes = 1 << 18,
                              .elements = 20'000,
                              .template_depth = 1'000,
                              .execution_depth = 50,
                              .value_depth = 100};
  Environment environment;
  gotmpl::Session session(limits, &environment);
  std::string out;
  const absl::Status status =
      set.Execute("t", gotmpl::FromDocument(document, gotmpl::Numbers::kFloats), session, out);
  Require(out.size() <= limits.output_bytes, "the output is within its budget");
  Require(session.steps() <= limits.steps + 1, "the steps are within their budget");
  Require(status.ok() || !status.message().empty(), "an error says something");
}

}  // namespace sluice::fuzz
