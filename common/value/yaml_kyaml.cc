// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "common/value/yaml_aliases.h"
#include "common/value/yaml_decode.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_resources.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_scalar_traits.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

// The value of a document whose printed form certainly means what it does, which is nearly every
// one; so it need not be printed and read again. Comments, folded texts and line breaks other than
// "\n" may change, in flow style a plain scalar can need quotes that make it a string, and an empty
// one gets them. Rare things (tags, aliases, dates, keys that are no strings) are left to the long
// way, too.
class ShortCut {
 public:
  // False if there is no short cut.
  static bool Take(const YamlNode& node, Value& value) {
    if (node.kind != Kind::kDocument || HasComments(node)) return false;
    const YamlNode& root = *node.content[0];
    return root.kind != Kind::kScalar && Convert(root, (root.style & YamlNode::kFlow) != 0, value);
  }

 private:
  static bool HasComments(const YamlNode& node) {
    return !node.head_comment.empty() || !node.line_comment.empty() || !node.foot_comment.empty();
  }

  static bool IsPlainString(const YamlNode& node) {
    return node.kind == Kind::kScalar && node.tag == "!!str" &&
           (node.style & (YamlNode::kTagged | YamlNode::kFolded)) == 0 &&
           !absl::StrContains(node.value, "\xE2\x80") && !HasComments(node);
  }

  static bool Convert(const YamlNode& node, bool in_flow, Value& value) {
    if (IsPlainString(node)) {
      value = absl::string_view(node.value);
      return true;
    }
    if (HasComments(node) || (node.style & YamlNode::kTagged) != 0) return false;
    const bool flow = in_flow || (node.style & YamlNode::kFlow) != 0;
    switch (node.kind) {
      case Kind::kScalar:
        return Scalar(node, flow, value);
      case Kind::kSequence:
        return Sequence(node, flow, value);
      case Kind::kMapping:
        return Mapping(node, flow, value);
      default:
        return false;
    }
  }

  static bool Scalar(const YamlNode& node, bool flow, Value& value) {
    if (node.tag == "!!str" || (node.value.empty() && flow)) return false;
    if (flow && !AnalyzeYamlScalar(node.value, YamlDialect::kV3).flow_plain) return false;
    const YamlScalar scalar = ResolveYamlScalar(node.value, YamlDialect::kV3);
    switch (scalar.kind) {
      case YamlScalar::Kind::kNull:
        return true;
      case YamlScalar::Kind::kBool:
        value = scalar.boolean;
        return true;
      case YamlScalar::Kind::kInt:
        value = scalar.integer;
        return true;
      case YamlScalar::Kind::kUint:
        value = scalar.unsigned_integer;
        return true;
      case YamlScalar::Kind::kFloat:
        value = NumberFromDouble(scalar.number);
        return std::isfinite(scalar.number);
      default:
        return false;
    }
  }

  static bool Sequence(const YamlNode& node, bool flow, Value& value) {
    Value::Array items(node.content.size());
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Convert(*node.content[i], flow, items[i])) return false;
    }
    value = Value(std::move(items));
    return true;
  }

  static bool Mapping(const YamlNode& node, bool flow, Value& value) {
    Value::Object members(node.content.size() / 2);
    for (size_t i = 0; i < members.size(); ++i) {
      const YamlNode& key = *node.content[2 * i];
      if (!IsPlainString(key)) return false;
      members[i].key = key.value;
      if (!Convert(*node.content[2 * i + 1], flow, members[i].value)) return false;
    }
    value = Value::FromMembers(std::move(members));
    return value.size() == node.content.size() / 2;  // else a key comes twice
  }
};

absl::StatusOr<Value> Decode(const YamlNode& node) {
  ASSIGN_OR_RETURN(DecodedYaml decoded, DecodeYamlNode(node, DecodeTarget::kMapOrList));
  return DecodedYamlToValue(std::move(decoded));
}

}  // namespace

absl::StatusOr<Value> KyamlNodeToValue(const YamlNode& node) {
  if (Value value; ShortCut::Take(node, value)) return value;
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
