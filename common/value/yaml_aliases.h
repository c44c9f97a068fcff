// Documents without anchors, aliases and merge keys: kyaml's DeAnchor, which kustomize applies to
// everything it reads.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/value/yaml_node.h"

namespace sluice::value {

// Replaces aliases by copies of what they stand for and merge keys by what they bring in. As in
// kyaml a quoted "<<" key is dropped too, and a null key comes twice.
//
// kInvalidArgument for an anchor that contains itself, for merge keys that bring in no mapping, and
// beyond go-yaml's bound on expansion, which kyaml does not have. The document is then half done.
absl::Status ExpandYamlAliases(YamlNode& document);

// A copy; its aliases stand for the nodes that the original's do.
std::unique_ptr<YamlNode> CopyYamlNode(const YamlNode& node);

}  // namespace sluice::value
