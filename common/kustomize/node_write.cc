// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/node_write.h"

#include <memory>

#include "common/kustomize/node_value.h"
#include "common/value/json.h"
#include "common/value/yaml_node.h"

namespace sluice::kustomize {
namespace {

std::unique_ptr<value::YamlNode> ToYamlNode(const Node& node, size_t depth) {
  using Kind = value::YamlNode::Kind;
  if (depth > value::kMaxDepth) return nullptr;
  auto result = std::make_unique<value::YamlNode>();
  if (node.kind == Node::Kind::kNone) {
    result->value = "null";
    return result;
  }
  result->kind = node.is_map() ? Kind::kMapping : node.is_list() ? Kind::kSequence : Kind::kScalar;
  result->style = node.style;
  result->tag = std::string(node.tag == Node::Tag::kOther ? node.other_tag : TagName(node.tag));
  result->value = std::string(node.text);
  if (node.comments != nullptr) {
    result->head_comment = node.comments->head;
    result->line_comment = node.comments->line;
    result->foot_comment = node.comments->foot;
  }
  for (const Node* child : node.content) {
    std::unique_ptr<value::YamlNode> converted = ToYamlNode(*child, depth + 1);
    if (converted == nullptr) return nullptr;
    result->content.push_back(std::move(converted));
  }
  return result;
}

}  // namespace

absl::StatusOr<std::string> WriteYaml(const Node* node) {
  if (node == nullptr) return std::string("null\n");
  const std::unique_ptr<value::YamlNode> tree = ToYamlNode(*node, 0);
  if (tree == nullptr) return absl::ResourceExhaustedError("document nests too deep");
  return value::FormatYamlNode(*tree);
}

}  // namespace sluice::kustomize
