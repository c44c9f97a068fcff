// Merge patches (RFC 7386): the patch between two documents leads from one to the
// other.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/merge_patch.h"
#include "absl/strings/match.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(merge_patch, input) {
  const auto sections = Sections(input);
  const auto document = value::ParseYaml(sections.begin()->second);
  const auto patch = value::ParseYaml(sections.rbegin()->second);
  if (!document.ok() || !patch.ok()) return;
  const Value patched = value::ApplyMergePatch(*document, *patch);
  // A merge patch cannot say null, and what it makes of one in a list is the reference's.
  if (absl::StrContains(value::FormatJson(patched), "null")) return;
  Require(value::ApplyMergePatch(patched, *patch) == patched, "patching again changes nothing",
          value::FormatJson(patched));
  const Value created = value::CreateMergePatch(*document, patched);
  Require(value::ApplyMergePatch(*document, created) == patched,
          "a patch leads from one to the other", value::FormatJson(created));
}

}  // namespace sluice::fuzz
