// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_node.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/key_order.h"
#include "common/value/utf8.h"
#include "common/value/yaml_parser.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_writer.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

class NodeReader {
 public:
  explicit NodeReader(absl::string_view text) : parser_(text, YamlScanner::Comments::kKeep) {
    Advance();  // the stream's start
    if (!failed_) Advance();
  }

  // The next document, nullptr at the end.
  absl::StatusOr<std::unique_ptr<YamlNode>> Next() {
    if (failed_) return error_;
    if (event_.kind == YamlEvent::Kind::kStreamEnd) return nullptr;
    anchors_.clear();
    std::unique_ptr<YamlNode> document = Make(Kind::kDocument, "");
    Advance();
    if (!failed_) document->content.push_back(Node());
    if (failed_) return error_;
    document->foot_comment = event_.foot_comment;  // of the document's end
    after_document_ = true;
    return document;
  }

  // Goes on to the next document, which may fail.
  void SkipDocumentEnd() {
    if (after_document_) Advance();
    after_document_ = false;
  }

 private:
  void Advance() {
    if (parser_.Next(event_)) return;
    failed_ = true;
    error_ = absl::InvalidArgumentError(parser_.error().Message(/*v3=*/true));
  }

  std::unique_ptr<YamlNode> Make(Kind kind, absl::string_view default_tag) {
    auto node = std::make_unique<YamlNode>();
    node->kind = kind;
    node->line = event_.start.line + 1;
    node->column = event_.start.column + 1;
    if (kind != Kind::kAlias && !event_.tag.empty() && event_.tag != "!") {
      node->tag = ShortYamlTag(event_.tag);
      node->style = YamlNode::kTagged;
    } else {
      node->tag = std::string(default_tag);
    }
    node->head_comment = std::move(event_.head_comment);
    node->line_comment = std::move(event_.line_comment);
    node->foot_comment = std::move(event_.foot_comment);
    return node;
  }

  void Anchor(YamlNode& node) {
    if (event_.anchor.empty()) return;
    node.anchor = std::string(event_.anchor);
    anchors_[event_.anchor] = &node;
  }

  // The node that begins at event_; leaves event_ after it. Unusable after a failure.
  std::unique_ptr<YamlNode> Node() {
    switch (event_.kind) {
      case YamlEvent::Kind::kAlias:
        return Alias();
      case YamlEvent::Kind::kScalar:
        return Scalar();
      case YamlEvent::Kind::kSequenceStart:
        return Sequence();
      default:
        return Mapping();
    }
  }

  std::unique_ptr<YamlNode> Alias() {
    std::unique_ptr<YamlNode> node = Make(Kind::kAlias, "");
    node->value = std::string(event_.anchor);
    const auto found = anchors_.find(event_.anchor);
    if (found == anchors_.end()) {
      failed_ = true;
      error_ = absl::InvalidArgumentError(
          absl::StrCat("yaml: unknown anchor '", node->value, "' referenced"));
      return node;
    }
    node->alias = found->second;
    Advance();
    return node;
  }

  std::unique_ptr<YamlNode> Scalar() {
    uint8_t style = 0;
    switch (event_.style) {
      case YamlScalarStyle::kPlain:
        break;
      case YamlScalarStyle::kSingleQuoted:
        style = YamlNode::kSingleQuoted;
        break;
      case YamlScalarStyle::kDoubleQuoted:
        style = YamlNode::kDoubleQuoted;
        break;
      case YamlScalarStyle::kLiteral:
        style = YamlNode::kLiteral;
        break;
      case YamlScalarStyle::kFolded:
        style = YamlNode::kFolded;
        break;
    }
    absl::string_view tag = "!!str";
    if (style == 0) {
      tag = event_.value == "<<" ? "!!merge"
                                 : YamlTagOf(ResolveYamlScalar(event_.value, YamlDialect::kV3));
    }
    std::unique_ptr<YamlNode> node = Make(Kind::kScalar, tag);
    node->style |= style;
    node->value = std::string(event_.value);
    Anchor(*node);
    Advance();
    return node;
  }

  std::unique_ptr<YamlNode> Sequence() {
    std::unique_ptr<YamlNode> node = Make(Kind::kSequence, "!!seq");
    if (event_.flow) node->style |= YamlNode::kFlow;
    Anchor(*node);
    Advance();
    while (!failed_ && event_.kind != YamlEvent::Kind::kSequenceEnd) {
      node->content.push_back(Node());
    }
    if (failed_) return node;
    node->line_comment = event_.line_comment;
    node->foot_comment = event_.foot_comment;
    Advance();
    return node;
  }

  std::unique_ptr<YamlNode> Mapping() {
    std::unique_ptr<YamlNode> node = Make(Kind::kMapping, "!!map");
    const bool block = !event_.flow;
    if (!block) node->style |= YamlNode::kFlow;
    auto& content = node->content;
    Anchor(*node);
    Advance();
    while (!failed_ && event_.kind != YamlEvent::Kind::kMappingEnd) {
      content.push_back(Node());
      if (failed_) return node;
      YamlNode& key = *content.back();
      // A foot that was read with the key is that of the pair before it.
      if (block && !key.foot_comment.empty() && content.size() > 2) {
        content[content.size() - 3]->foot_comment = std::move(key.foot_comment);
        key.foot_comment.clear();
      }
      content.push_back(Node());
      YamlNode& value = *content.back();
      if (key.foot_comment.empty()) key.foot_comment.swap(value.foot_comment);
    }
    if (failed_) return node;
    node->line_comment = event_.line_comment;
    node->foot_comment = event_.foot_comment;
    if (block && !node->foot_comment.empty() && content.size() > 1) {
      content[content.size() - 2]->foot_comment = std::move(node->foot_comment);
      node->foot_comment.clear();
    }
    Advance();
    return node;
  }

  YamlParser parser_;
  YamlEvent event_;
  bool failed_ = false;
  bool after_document_ = false;
  absl::Status error_;
  absl::flat_hash_map<absl::string_view, YamlNode*> anchors_;
};

std::unique_ptr<YamlNode> ScalarNode(absl::string_view tag, std::string value, uint8_t style) {
  auto node = std::make_unique<YamlNode>();
  node->tag = std::string(tag);
  node->value = std::move(value);
  node->style = style;
  return node;
}

std::unique_ptr<YamlNode> StringNode(absl::string_view text) {
  if (!IsValidUtf8(text)) {
    std::string encoded = EncodeYamlBinary(text);
    const uint8_t style = absl::StrContains(encoded, '\n') ? YamlNode::kLiteral : 0;
    return ScalarNode("!!binary", std::move(encoded), style | YamlNode::kTagged);
  }
  uint8_t style = 0;
  if (absl::StrContains(text, '\n')) {
    style = YamlNode::kLiteral;
  } else if (LooksTypedInYaml(text)) {
    style = YamlNode::kDoubleQuoted;
  }
  return ScalarNode("!!str", std::string(text), style);
}

}  // namespace

std::string YamlNode::ShortTag() const {
  const bool unset = tag.empty() || tag == "!";
  if (!unset) return ShortYamlTag(tag);
  switch (kind) {
    case Kind::kMapping:
      return "!!map";
    case Kind::kSequence:
      return "!!seq";
    case Kind::kAlias:
      return alias != nullptr ? alias->ShortTag() : "";
    case Kind::kDocument:
      return "";
    case Kind::kScalar:
      break;
  }
  if ((style & kScalarStyles) != 0) return "!!str";
  return std::string(YamlTagOf(ResolveYamlScalar(value, YamlDialect::kV3)));
}

YamlNode* YamlNode::Find(absl::string_view key) const {
  if (kind != Kind::kMapping) return nullptr;
  for (size_t i = 0; i + 1 < content.size(); i += 2) {
    if (content[i]->value == key) return content[i + 1].get();
  }
  return nullptr;
}

absl::StatusOr<std::vector<std::unique_ptr<YamlNode>>> ParseYamlNodes(absl::string_view text) {
  NodeReader reader(text);
  std::vector<std::unique_ptr<YamlNode>> documents;
  while (true) {
    ASSIGN_OR_RETURN(std::unique_ptr<YamlNode> document, reader.Next());
    if (document == nullptr) return documents;
    documents.push_back(std::move(document));
    reader.SkipDocumentEnd();
  }
}

absl::StatusOr<std::unique_ptr<YamlNode>> ParseYamlNode(absl::string_view text) {
  return NodeReader(text).Next();
}

std::unique_ptr<YamlNode> YamlNodeFromValue(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return ScalarNode("!!null", "null", 0);
    case Value::Kind::kBool:
      return ScalarNode("!!bool", value.bool_or(false) ? "true" : "false", 0);
    case Value::Kind::kInt:
      return ScalarNode("!!int", absl::StrCat(value.int_or(0)), 0);
    case Value::Kind::kUint:
      return ScalarNode("!!int", absl::StrCat(value.uint_or(0)), 0);
    case Value::Kind::kDouble: {
      // By its text: a whole number reads back as an integer.
      return ScalarNode("", FormatYamlFloat(value.double_or(0)), 0);
    }
    case Value::Kind::kString:
      return StringNode(value.str());
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      break;
  }
  auto node = std::make_unique<YamlNode>();
  if (value.is_array()) {
    node->kind = YamlNode::Kind::kSequence;
    node->tag = "!!seq";
    for (const Value& item : value.items()) node->content.push_back(YamlNodeFromValue(item));
    return node;
  }
  node->kind = YamlNode::Kind::kMapping;
  node->tag = "!!map";
  std::vector<const Member*> members;
  for (const Member& member : value.members()) members.push_back(&member);
  std::stable_sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    return KeyLess(a->key, b->key, YamlDialect::kV3);
  });
  for (const Member* member : members) {
    node->content.push_back(StringNode(member->key));
    node->content.push_back(YamlNodeFromValue(member->value));
  }
  return node;
}

}  // namespace sluice::value
