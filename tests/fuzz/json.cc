// JSON: what is read can be printed and read again.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/json.h"

#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(json, input) {
  const auto value = value::ParseJson(input);
  if (!value.ok()) return;
  const std::string printed = value::FormatJson(*value);
  const auto reread = value::ParseJson(printed);
  Require(reread.ok(), "printed JSON can be read", printed);
  // A whole double comes back as an integer, so the texts are compared.
  Require(value::FormatJson(*reread) == printed, "JSON is printed the same again", printed);
  const std::string indented = value::FormatJson(*value, {.indent = 2, .escape_html = false});
  const auto other = value::ParseJson(indented);
  Require(other.ok() && *other == *reread, "indented JSON means the same", indented);
}

}  // namespace sluice::fuzz
