// JSON patch: the first section is the document, the second the operations. The document stays as
// it was, and a patch gives one result.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/json_patch.h"

#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(json_patch, input) {
  const auto sections = Sections(input);
  const auto document = value::ParseYaml(sections.begin()->second);
  const auto operations = value::ParseYaml(sections.rbegin()->second);
  if (!document.ok() || !operations.ok()) return;
  const std::string before = value::FormatJson(*document);
  const value::JsonPatchLimits limits = {.max_operations = 200, .max_copied_bytes = 100'000};
  const auto result = value::ApplyJsonPatch(*document, *operations, limits);
  Require(value::FormatJson(*document) == before, "the document stays as it was", before);
  if (!result.ok()) return;
  const auto again = value::ApplyJsonPatch(*document, *operations, limits);
  Require(again.ok() && *again == *result, "a patch has one result", before);
  Require(value::ParseJson(value::FormatJson(*result)).ok(), "the result is a document", before);
}

}  // namespace sluice::fuzz
