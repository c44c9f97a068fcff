// How a text may be written in YAML: the emitter's analysis of scalars.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {

// In which styles a text can be written.
struct YamlScalarTraits {
  bool multiline = false;
  bool flow_plain = true;
  bool block_plain = true;
  bool single_quoted = true;
  bool block = true;  // literal, folded
  // Has characters that JSON leaves as they are and a YAML reader does not take, or takes for line
  // breaks: DEL, C1 controls with NEL, U+FFFE and U+FFFF.
  bool unreadable = false;
};

// `text` must be valid UTF-8. v2 refuses block styles for text with tabs.
YamlScalarTraits AnalyzeYamlScalar(absl::string_view text, YamlDialect dialect);

}  // namespace sluice::value
