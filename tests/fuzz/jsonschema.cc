// JSON Schema: the first line of the input is a value, the rest a schema. Whatever they are, the
// limits hold, and the same question gets the same answer.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "common/jsonschema/schema.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(jsonschema, input) {
  const size_t line = std::min(input.find('\n'), input.size());
  const auto instance = value::ParseJson(input.substr(0, line));
  jsonschema::Options options;
  options.limits = {.max_schema_bytes = 1 << 20,
                    .max_documents = 16,
                    .max_schemas = 10'000,
                    .max_depth = 300,
                    .max_steps = 50'000,
                    .max_findings = 20,
                    .max_message_bytes = 10'000};
  const auto schema =
      jsonschema::Schema::Parse(input.substr(std::min(line + 1, input.size())), options);
  if (!schema.ok()) {
    Require(!schema.status().message().empty(), "a refused schema says why");
    return;
  }
  if (!instance.ok()) return;
  const absl::Status status = schema->Validate(*instance);
  Require(schema->Validate(*instance) == status, "the answer is the same again", status.message());
  if (status.ok()) return;
  Require(status.message().size() <= 10'100, "the text is bounded", status.message());
  const auto lines = std::count(status.message().begin(), status.message().end(), '\n');
  Require(lines <= 20, "the findings are bounded", status.message());
}

}  // namespace sluice::fuzz
