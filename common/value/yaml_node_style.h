// The tag and the style that a node is printed with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_scalar_traits.h"

namespace sluice::value {

struct YamlNodeTag {
  std::string handle;  // "!!", "!", or empty: verbatim
  std::string suffix;
  // No tag, but a plain scalar would not be the string that the node is.
  bool force_quoting = false;

  size_t size() const { return handle.size() + suffix.size(); }
};

// The tag to write: one that was asked for, or without which the node would mean something else.
YamlNodeTag TagOf(const YamlNode& node);

// Part of a tag as it is written, with what may not stand there as %XX.
std::string EscapeTag(absl::string_view text);

// One of YamlNode's scalar styles, 0 for plain: the node's own, or one that can hold the text here.
uint8_t ScalarStyleOf(const YamlNode& node, const YamlNodeTag& tag, const YamlScalarTraits& traits,
                      bool in_flow, bool simple_key);

}  // namespace sluice::value
