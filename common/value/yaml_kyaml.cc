// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/yaml.h"
#include "common/value/yaml_aliases.h"
#include "common/value/yaml_decode.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_resources.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_writer.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

bool HasComments(const YamlNode& node) {
  return !node.head_comment.empty() || !node.line_comment.empty() || !node.foot_comment.empty();
}

// Whether the printed node certainly means what the node does. Comments, folded texts and line
// breaks other than "\n" may not, and in flow style a plain scalar can need quotes that change it.
bool PrintsFaithfully(const YamlNode& node, bool in_flow, bool is_key) {
  if (HasComments(node)) return false;
  if (node.kind == Kind::kScalar) {
    if ((node.style & (YamlNode::kTagged | YamlNode::kFolded)) != 0) return false;
    if (absl::StrContains(node.value, "\xE2\x80")) return false;
    if ((node.style & YamlNode::kScalarStyles) != 0 || node.tag == "!!str") return true;
    if (node.value.empty()) return !in_flow && !is_key;
    return !in_flow || AnalyzeYamlScalar(node.value, YamlDialect::kV3).flow_plain;
  }
  if (node.kind == Kind::kAlias) return true;
  if (node.kind == Kind::kDocument && node.content[0]->kind == Kind::kScalar) return false;
  const bool flow = in_flow || (node.style & YamlNode::kFlow) != 0;
  const bool mapping = node.kind == Kind::kMapping;
  for (size_t i = 0; i < node.content.size(); ++i) {
    if (!PrintsFaithfully(*node.content[i], flow, mapping && i % 2 == 0)) return false;
  }
  return true;
}

absl::StatusOr<Value> Decode(const YamlNode& node) {
  ASSIGN_OR_RETURN(DecodedYaml decoded, DecodeYamlNode(node, DecodeTarget::kMapOrList));
  return DecodedYamlToValue(std::move(decoded));
}

}  // namespace

absl::StatusOr<Value> KyamlNodeToValue(const YamlNode& node) {
  if (PrintsFaithfully(node, /*in_flow=*/false, /*is_key=*/false)) {
    absl::StatusOr<Value> value = Decode(node);
    // The lines in messages are those of the printed text.
    if (value.ok()) return value;
  }
  ASSIGN_OR_RETURN(const auto reread, ParseYamlNode(FormatYamlNode(node)));
  if (reread == nullptr) return Value::EmptyObject();
  return Decode(*reread);
}

absl::StatusOr<std::vector<YamlDocument>> ParseKyaml(absl::string_view text) {
  ASSIGN_OR_RETURN(const auto parts, SplitYamlResources(text));
  std::vector<YamlDocument> documents;
  absl::Status unusable;  // kyaml reads the whole file before it looks at what is in it
  for (const YamlPart& part : parts) {
    auto node = ParseYamlNode(part.text);
    if (!node.ok()) return Annotate(node.status(), "MalformedYAMLError");
    if (!unusable.ok() || *node == nullptr || (*node)->content[0]->tag == "!!null") continue;
    const int line = part.line + std::max((*node)->content[0]->line - 1, 0);
    if (unusable = ExpandYamlAliases(**node); !unusable.ok()) continue;
    if (auto value = KyamlNodeToValue(**node); value.ok()) {
      documents.push_back(YamlDocument{line, *std::move(value)});
    } else {
      unusable = value.status();
    }
  }
  RETURN_IF_ERROR(unusable);
  return documents;
}

}  // namespace sluice::value
