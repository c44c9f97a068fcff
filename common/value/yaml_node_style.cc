// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_node_style.h"

#include "absl/strings/match.h"
#include "common/value/yaml_chars.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

}  // namespace

YamlNodeTag TagOf(const YamlNode& node) {
  YamlNodeTag tag;
  if (node.tag.empty()) return tag;
  const std::string short_tag = ShortYamlTag(node.tag);
  if ((node.style & YamlNode::kTagged) == 0) {
    if (node.kind == Kind::kScalar) {
      if (short_tag == "!!str" && (node.style & YamlNode::kScalarStyles) != 0) return tag;
      const YamlScalar scalar = ResolveYamlScalar(node.value, YamlDialect::kV3);
      // A "<<" is a string to go-yaml's resolver, so that merge keys print as "!!merge <<".
      if (short_tag == YamlTagOf(scalar)) return tag;
      if (short_tag == "!!str") {
        tag.force_quoting = true;
        return tag;
      }
    } else if (short_tag == (node.kind == Kind::kMapping ? "!!map" : "!!seq")) {
      return tag;
    }
  }
  if (absl::StartsWith(short_tag, "!!")) {
    tag.handle = "!!";
    tag.suffix = short_tag.substr(2);
  } else if (absl::StartsWith(short_tag, "!")) {
    tag.handle = "!";
    tag.suffix = short_tag.substr(1);
  } else {
    tag.suffix = short_tag;
  }
  return tag;
}

std::string EscapeTag(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char& c : text) {
    if (IsYamlClass(&c, internal::kUri) && c != '!' && c != '%') {
      out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

uint8_t ScalarStyleOf(const YamlNode& node, const YamlNodeTag& tag, const YamlScalarTraits& traits,
                      bool in_flow, bool simple_key) {
  uint8_t style = 0;
  for (const uint8_t candidate :
       {YamlNode::kDoubleQuoted, YamlNode::kSingleQuoted, YamlNode::kLiteral, YamlNode::kFolded}) {
    if ((node.style & candidate) != 0) {
      style = candidate;
      break;
    }
  }
  if (style == 0 && absl::StrContains(node.value, '\n')) {
    style = YamlNode::kLiteral;
  } else if (style == 0 && tag.force_quoting) {
    style = YamlNode::kDoubleQuoted;
  }
  if (simple_key && traits.multiline) style = YamlNode::kDoubleQuoted;
  if (style == 0) {
    const bool plain = in_flow ? traits.flow_plain : traits.block_plain;
    if (!plain || (node.value.empty() && (in_flow || simple_key))) {
      style = YamlNode::kSingleQuoted;
    }
  }
  if (style == YamlNode::kSingleQuoted && !traits.single_quoted) style = YamlNode::kDoubleQuoted;
  if ((style == YamlNode::kLiteral || style == YamlNode::kFolded) &&
      (!traits.block || in_flow || simple_key)) {
    style = YamlNode::kDoubleQuoted;
  }
  return style;
}

}  // namespace sluice::value
