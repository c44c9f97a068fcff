// SPDX-License-Identifier: Apache-2.0
#include <yaml.h>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "common/value/yaml_decode.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {
namespace {

class NodeBuilder {
 public:
  explicit NodeBuilder(absl::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~NodeBuilder() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  // The first document, nullptr if there is none.
  absl::StatusOr<std::unique_ptr<YamlNode>> Document() {
    RETURN_IF_ERROR(Next());
    RETURN_IF_ERROR(Next());
    if (event_.type == YAML_STREAM_END_EVENT) return nullptr;
    auto document = std::make_unique<YamlNode>();
    document->kind = YamlNode::Kind::kDocument;
    RETURN_IF_ERROR(Next());
    ASSIGN_OR_RETURN(auto root, Node(0));
    document->content.push_back(std::move(root));
    return document;
  }

 private:
  absl::Status Next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("yaml: line ", parser_.problem_mark.line + 1, ": ",
                     parser_.problem != nullptr ? parser_.problem : "unreadable"));
  }

  static absl::string_view Text(const yaml_char_t* text) {
    return text == nullptr ? absl::string_view() : reinterpret_cast<const char*>(text);
  }

  // The node that starts at the current event; leaves the event after it current.
  absl::StatusOr<std::unique_ptr<YamlNode>> Node(size_t depth) {
    auto node = std::make_unique<YamlNode>();
    node->line = static_cast<int>(event_.start_mark.line) + 1;
    node->column = static_cast<int>(event_.start_mark.column) + 1;
    if (depth > kMaxDepth) return absl::InvalidArgumentError("yaml: exceeded max depth of 500");
    switch (event_.type) {
      case YAML_ALIAS_EVENT:
        node->kind = YamlNode::Kind::kAlias;
        node->value = std::string(Text(event_.data.alias.anchor));
        node->alias = anchors_[node->value];
        if (node->alias == nullptr) {
          return absl::InvalidArgumentError(
              absl::StrCat("yaml: unknown anchor '", node->value, "' referenced"));
        }
        RETURN_IF_ERROR(Next());
        return node;
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event_.data.scalar;
        node->value.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        node->tag = ShortYamlTag(Text(scalar.tag));
        if (scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE) node->style = YamlNode::kSingleQuoted;
        if (scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) node->style = YamlNode::kDoubleQuoted;
        if (scalar.style == YAML_LITERAL_SCALAR_STYLE) node->style = YamlNode::kLiteral;
        if (scalar.style == YAML_FOLDED_SCALAR_STYLE) node->style = YamlNode::kFolded;
        Anchor(*node, scalar.anchor);
        RETURN_IF_ERROR(Next());
        return node;
      }
      case YAML_SEQUENCE_START_EVENT:
        node->kind = YamlNode::Kind::kSequence;
        Anchor(*node, event_.data.sequence_start.anchor);
        break;
      case YAML_MAPPING_START_EVENT:
        node->kind = YamlNode::Kind::kMapping;
        Anchor(*node, event_.data.mapping_start.anchor);
        break;
      default:
        return absl::InvalidArgumentError("yaml: unexpected event");
    }
    RETURN_IF_ERROR(Next());
    while (event_.type != YAML_SEQUENCE_END_EVENT && event_.type != YAML_MAPPING_END_EVENT) {
      ASSIGN_OR_RETURN(auto child, Node(depth + 1));
      node->content.push_back(std::move(child));
    }
    RETURN_IF_ERROR(Next());
    return node;
  }

  void Anchor(YamlNode& node, const yaml_char_t* anchor) {
    node.anchor = std::string(Text(anchor));
    if (!node.anchor.empty()) anchors_[node.anchor] = &node;
  }

  yaml_parser_t parser_;
  yaml_event_t event_ = {};
  absl::flat_hash_map<std::string, YamlNode*> anchors_;
};

// The parts between separator lines ("\n---", then blanks or a comment) and the line each starts
// on.
absl::StatusOr<std::vector<std::pair<int, std::string>>> SplitDocuments(const std::string& text) {
  std::vector<std::pair<int, std::string>> parts;
  int line = 1;
  size_t start = 0;
  size_t from = 0;
  while (true) {
    const size_t separator = text.find("\n---", from);
    const size_t end = separator == std::string::npos ? separator : text.find('\n', separator + 1);
    if (end == std::string::npos) break;
    const absl::string_view rest = absl::StripAsciiWhitespace(
        absl::string_view(text).substr(separator + 4, end - separator - 4));
    if (!rest.empty() && rest[0] != '#') {
      return absl::InvalidArgumentError(absl::StrCat("invalid document separator: --- ", rest));
    }
    parts.emplace_back(line, text.substr(start, separator + 1 - start));
    line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(start),
                                        text.begin() + static_cast<std::ptrdiff_t>(end + 1), '\n'));
    start = from = end + 1;
  }
  parts.emplace_back(line, text.substr(start));
  return parts;
}

}  // namespace

absl::StatusOr<std::vector<YamlDocument>> ParseKyaml(absl::string_view text) {
  std::vector<YamlDocument> documents;
  if (text.empty()) return documents;
  ASSIGN_OR_RETURN(const auto parts, SplitDocuments(absl::StrReplaceAll(text, {{"\r\n", "\n"}})));
  for (const auto& [line, part] : parts) {
    NodeBuilder builder(part);
    ASSIGN_OR_RETURN(const auto node, builder.Document());
    if (node == nullptr) continue;
    ASSIGN_OR_RETURN(DecodedYaml decoded, DecodeYamlNode(*node, DecodeTarget::kMapOrList));
    ASSIGN_OR_RETURN(Value value, DecodedYamlToValue(std::move(decoded)));
    if (!value.is_null()) documents.push_back(YamlDocument{line, std::move(value)});
  }
  return documents;
}

}  // namespace sluice::value
