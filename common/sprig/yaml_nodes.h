// Template values as go-yaml v3 prints them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/value.h"
#include "common/value/yaml_node.h"

namespace sluice::sprig {

// Structs by their fields' names in lower case, in their order; bytes as numbers; times as such.
// kInvalidArgument for functions, kResourceExhausted if the value nests too deeply or is too large.
absl::StatusOr<std::unique_ptr<value::YamlNode>> ToYamlNode(const gotmpl::Value& value,
                                                            gotmpl::Session& session);

}  // namespace sluice::sprig
