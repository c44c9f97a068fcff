// Printing nodes as go-yaml 3.0.4's emitter does. It works on events: a comment that comes with one
// waits until a place for comments is reached, which can be that of a later event. So does this.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_node_style.h"
#include "common/value/yaml_scalar_traits.h"
#include "common/value/yaml_writer.h"

namespace sluice::value {
namespace {

using Kind = YamlNode::Kind;

constexpr size_t kMaxSimpleKey = 128;  // bytes; longer keys are introduced by "?"

}  // namespace

class YamlNodeWriter::Impl {
 public:
  explicit Impl(int indent) : best_indent_(indent) {}

  void Document(const YamlNode& node, bool compact_sequences) {
    compact_ = compact_sequences;
    const bool is_document = node.kind == Kind::kDocument;
    if (is_document) Wait(head_, node.head_comment);
    if (!first_document_) {
      writer_.Indent();
      writer_.Indicator("---", /*need_whitespace=*/true);
      writer_.Indent();
    }
    first_document_ = false;
    if (!head_.empty()) {
      HeadComment();
      writer_.Break();
    }
    if (is_document) {
      for (const auto& child : node.content) Root(*child);
      Wait(foot_, node.foot_comment);
    } else {
      Root(node);
    }
    writer_.foot_indent = 0;
    FootComment();
    writer_.foot_indent = -1;
    writer_.Indent();
  }

  std::string Take() { return std::move(writer_.out()); }

 private:
  struct Place {
    bool block_item = false;  // an entry of a block sequence
    bool mapping = false;     // a key or value
    bool key = false;
    bool simple_key = false;
  };
  static void Wait(std::string& waiting, absl::string_view comment) {
    if (!comment.empty()) waiting = std::string(comment);
  }

  // The comments of the event that `node` begins with. A key's foot is written after its value, as
  // the tail of what follows; `tail` is that of the pair before.
  void Arrive(const YamlNode& node, bool is_key = false, absl::string_view tail = {}) {
    Wait(head_, node.head_comment);
    if (node.kind == Kind::kScalar || node.kind == Kind::kMapping) Wait(tail_, tail);
    if (node.kind != Kind::kScalar && node.kind != Kind::kAlias) return;
    Wait(line_, node.line_comment);
    if (!is_key) Wait(foot_, node.foot_comment);
  }
  // The comments of a collection's end.
  void Leave(const YamlNode& node, const Place& place, absl::string_view tail = {}) {
    Wait(tail_, tail);
    Wait(line_, node.line_comment);
    if (!place.key) Wait(foot_, node.foot_comment);
  }
  bool HasTrail() const { return !line_.empty() || !foot_.empty() || !tail_.empty(); }

  // --- Where waiting comments are written.

  void MarkFoot() { writer_.foot_indent = std::max(writer_.indent, 0); }

  void HeadComment() {
    if (!tail_.empty()) {
      writer_.Indent();
      writer_.Comment(tail_);
      tail_.clear();
      MarkFoot();
    }
    if (head_.empty()) return;
    writer_.Indent();
    writer_.Comment(head_);
    head_.clear();
  }

  // Ends the line if there is a comment.
  void LineComment() {
    if (line_.empty()) return;
    if (!writer_.whitespace()) writer_.Text(" ", false);
    writer_.Comment(line_);
    line_.clear();
  }

  void FootComment() {
    if (foot_.empty()) return;
    writer_.Indent();
    writer_.Comment(foot_);
    foot_.clear();
    MarkFoot();
  }

  void AfterNode() {
    LineComment();
    FootComment();
  }

  // --- Nodes. Begin writes a scalar or what comes before a collection's children; the line comment
  // that waits then is written before those.

  void Root(const YamlNode& node) {
    Arrive(node);
    HeadComment();
    const Place place;
    Begin(node, place);
    AfterNode();
    Children(node, place);
  }

  void Begin(const YamlNode& node, const Place& place) {
    if (node.kind == Kind::kAlias) {
      writer_.Indicator("*", /*need_whitespace=*/true);
      writer_.Text(node.value, false);
      return;
    }
    const YamlNodeTag tag = TagOf(node);
    if (node.kind == Kind::kScalar) {
      const YamlScalarTraits traits = AnalyzeYamlScalar(node.value, YamlDialect::kV3);
      const uint8_t style = ScalarStyleOf(node, tag, traits, flow_level_ > 0, place.simple_key);
      Properties(node, tag);
      const int indent = writer_.indent;
      Deepen(place, /*flow=*/true, /*compact=*/false);
      Scalar(node.value, style);
      writer_.indent = indent;
    } else {
      Properties(node, tag);
    }
  }

  void Children(const YamlNode& node, const Place& place) {
    if (node.kind != Kind::kSequence && node.kind != Kind::kMapping) return;
    const bool flow =
        flow_level_ > 0 || (node.style & YamlNode::kFlow) != 0 || node.content.empty();
    const int indent = writer_.indent;
    if (node.kind == Kind::kSequence) {
      flow ? FlowSequence(node, place, indent) : BlockSequence(node, place);
    } else {
      flow ? FlowMapping(node, place, indent) : BlockMapping(node, place);
    }
    writer_.indent = indent;
  }

  void Deepen(const Place& place, bool flow, bool compact) {
    int& indent = writer_.indent;
    if (indent < 0) {
      indent = flow ? best_indent_ : 0;
    } else if (place.block_item) {
      indent += 2;
    } else {
      indent = best_indent_ * ((indent + best_indent_) / best_indent_);
      if (compact) indent -= 2;
    }
  }

  void BlockSequence(const YamlNode& node, const Place& place) {
    const bool compact =
        compact_ && place.mapping && (writer_.column() == 0 || !writer_.indention());
    bool first = true;
    const Place item{.block_item = true};
    for (const auto& child : node.content) {
      Arrive(*child);
      if (first) Deepen(place, /*flow=*/false, compact);
      first = false;
      HeadComment();
      writer_.Indent();
      writer_.Indicator("-", /*need_whitespace=*/true, false, /*is_indention=*/true);
      Begin(*child, item);
      AfterNode();
      Children(*child, item);
    }
    Leave(node, place);
  }

  void BlockMapping(const YamlNode& node, const Place& place) {
    const Place value_place{.mapping = true};
    absl::string_view tail;
    for (size_t i = 0; i + 1 < node.content.size(); i += 2) {
      const YamlNode& key = *node.content[i];
      const YamlNode& value = *node.content[i + 1];
      Arrive(key, /*is_key=*/true, tail);
      tail = key.foot_comment;
      if (i == 0) Deepen(place, /*flow=*/false, /*compact=*/false);
      HeadComment();
      writer_.Indent();
      if (!line_.empty()) {
        key_line_ = std::move(line_);
        line_.clear();
      }
      const bool simple = IsSimpleKey(key);
      const Place key_place{.mapping = true, .key = true, .simple_key = simple};
      if (!simple) {
        writer_.Indicator("?", /*need_whitespace=*/true, false, /*is_indention=*/true);
      }
      Begin(key, key_place);
      Children(key, key_place);

      Arrive(value);
      if (simple) {
        writer_.Indicator(":", /*need_whitespace=*/false);
      } else {
        writer_.Indent();
        writer_.Indicator(":", /*need_whitespace=*/true, false, /*is_indention=*/true);
      }
      KeyLineComment(value);
      Begin(value, value_place);
      AfterNode();
      Children(value, value_place);
    }
    Leave(node, place, tail);
    HeadComment();
  }

  // "key: # comment" and a block below it.
  void KeyLineComment(const YamlNode& value) {
    if (key_line_.empty()) return;
    if (value.kind == Kind::kScalar) {
      if (line_.empty()) line_.swap(key_line_);
    } else if (value.kind != Kind::kAlias && (value.style & YamlNode::kFlow) == 0) {
      line_.swap(key_line_);
      LineComment();
      line_.swap(key_line_);
    }
  }

  void FlowSequence(const YamlNode& node, const Place& place, int outer_indent) {
    bool first = true;
    bool trail = false;
    for (const auto& child : node.content) {
      Arrive(*child);
      if (first) OpenFlow("[", place);
      if (!first && !trail) writer_.Indicator(",", /*need_whitespace=*/false);
      first = false;
      HeadComment();
      if (writer_.column() == 0) writer_.Indent();
      trail = HasTrail();
      const Place item;
      Begin(*child, item);
      if (HasTrail()) writer_.Indicator(",", /*need_whitespace=*/false);
      AfterNode();
      Children(*child, item);
    }
    Leave(node, place);
    if (first) OpenFlow("[", place);
    --flow_level_;
    writer_.indent = outer_indent;
    if (writer_.column() == 0) writer_.Indent();
    writer_.Indicator("]", /*need_whitespace=*/false);
    AfterNode();
  }

  void FlowMapping(const YamlNode& node, const Place& place, int outer_indent) {
    const Place value_place{.mapping = true};
    bool first = true;
    bool trail = false;
    absl::string_view tail;
    for (size_t i = 0; i + 1 < node.content.size(); i += 2) {
      const YamlNode& key = *node.content[i];
      const YamlNode& value = *node.content[i + 1];
      Arrive(key, /*is_key=*/true, tail);
      tail = key.foot_comment;
      if (first) OpenFlow("{", place);
      if (!first && !trail) writer_.Indicator(",", /*need_whitespace=*/false);
      first = false;
      HeadComment();
      if (writer_.column() == 0) writer_.Indent();
      const bool simple = IsSimpleKey(key);
      const Place key_place{.mapping = true, .key = true, .simple_key = simple};
      if (!simple) writer_.Indicator("?", /*need_whitespace=*/true);
      Begin(key, key_place);
      Children(key, key_place);

      Arrive(value);
      writer_.Indicator(":", /*need_whitespace=*/!simple);
      trail = HasTrail();
      Begin(value, value_place);
      if (HasTrail()) writer_.Indicator(",", /*need_whitespace=*/false);
      AfterNode();
      Children(value, value_place);
    }
    Leave(node, place, tail);
    if (first) OpenFlow("{", place);
    if ((!head_.empty() || !foot_.empty() || !tail_.empty()) && !first && !trail) {
      writer_.Indicator(",", /*need_whitespace=*/false);
    }
    HeadComment();
    --flow_level_;
    writer_.indent = outer_indent;
    writer_.Indicator("}", /*need_whitespace=*/false);
    AfterNode();
  }

  void OpenFlow(absl::string_view bracket, const Place& place) {
    writer_.Indicator(bracket, /*need_whitespace=*/true, /*is_whitespace=*/true);
    Deepen(place, /*flow=*/true, /*compact=*/false);
    ++flow_level_;
  }

  bool IsSimpleKey(const YamlNode& key) const {
    if (key.kind == Kind::kAlias) return key.value.size() <= kMaxSimpleKey;
    size_t length = key.anchor.size() + TagOf(key).size();
    if (key.kind == Kind::kScalar) {
      if (AnalyzeYamlScalar(key.value, YamlDialect::kV3).multiline) return false;
      length += key.value.size();
    } else if (!key.content.empty()) {
      return false;
    }
    return length <= kMaxSimpleKey;
  }

  // --- Scalars and properties.

  void Properties(const YamlNode& node, const YamlNodeTag& tag) {
    if (!node.anchor.empty()) {
      writer_.Indicator("&", /*need_whitespace=*/true);
      writer_.Text(node.anchor, false);
    }
    if (!tag.handle.empty()) {
      writer_.Text(absl::StrCat(tag.handle, EscapeTag(tag.suffix)), /*need_whitespace=*/true);
    } else if (!tag.suffix.empty()) {
      writer_.Text(absl::StrCat("!<", EscapeTag(tag.suffix), ">"), /*need_whitespace=*/true);
    }
  }

  void Scalar(absl::string_view text, uint8_t style) {
    switch (style) {
      case YamlNode::kDoubleQuoted:
        writer_.DoubleQuoted(text, false);
        return;
      case YamlNode::kSingleQuoted:
        writer_.SingleQuoted(text, false);
        return;
      case YamlNode::kLiteral:
      case YamlNode::kFolded:
        break;
      default:
        writer_.Plain(text, false);
        return;
    }
    writer_.BlockHeader(style == YamlNode::kLiteral ? '|' : '>', text, best_indent_);
    if (line_.empty()) {
      writer_.Break();
    } else {
      LineComment();
    }
    style == YamlNode::kLiteral ? writer_.Literal(text) : writer_.Folded(text);
  }

  const int best_indent_;
  bool compact_ = true;
  YamlWriter writer_{YamlWriter::kNoWidth};
  bool first_document_ = true;
  size_t flow_level_ = 0;
  // Comments that wait for their place.
  std::string head_;
  std::string line_;
  std::string foot_;
  std::string tail_;
  std::string key_line_;
};

YamlNodeWriter::YamlNodeWriter(int indent) : impl_(std::make_unique<Impl>(indent)) {}
YamlNodeWriter::~YamlNodeWriter() = default;

void YamlNodeWriter::Write(const YamlNode& node, bool compact_sequences) {
  impl_->Document(node, compact_sequences);
}

std::string YamlNodeWriter::Finish() { return impl_->Take(); }

std::string FormatYamlNode(const YamlNode& node, const YamlNodeStyle& style) {
  YamlNodeWriter writer(style.indent);
  writer.Write(node, style.compact_sequences);
  return writer.Finish();
}

}  // namespace sluice::value
