// YAML text to events: the grammar over the scanner's tokens.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/yaml_scanner.h"

namespace sluice::value {

struct YamlEvent {
  enum class Kind : uint8_t {
    kStreamStart,
    kStreamEnd,
    kDocumentStart,
    kDocumentEnd,
    kAlias,
    kScalar,
    kSequenceStart,
    kSequenceEnd,
    kMappingStart,
    kMappingEnd,
  };

  Kind kind = Kind::kStreamStart;
  YamlScalarStyle style = YamlScalarStyle::kPlain;  // of a scalar
  bool flow = false;                                // of a collection
  // A scalar whose meaning follows from its text: plain without a tag, or with the tag "!".
  bool implicit = false;
  YamlMark start;
  // Valid while the parser lives. The tag is written out ("tag:yaml.org,2002:str").
  absl::string_view anchor;  // an alias's name, too
  absl::string_view tag;
  absl::string_view value;
  // Only if comments are kept.
  std::string head_comment;
  std::string line_comment;
  std::string foot_comment;
};

class YamlParser {
 public:
  YamlParser(absl::string_view text, YamlScanner::Comments comments);

  // The next event, in `event`. False after an error. After the stream's end it stays there.
  // Collections nest at most kMaxDepth deep.
  bool Next(YamlEvent& event);

  const YamlError& error() const { return scanner_.error(); }
  bool saw_flow_comment() const { return scanner_.saw_flow_comment(); }

 private:
  using Type = YamlToken::Type;

  enum class State : uint8_t {
    kStreamStart,
    kImplicitDocumentStart,
    kDocumentStart,
    kDocumentContent,
    kDocumentEnd,
    kBlockNode,
    kBlockSequenceFirstEntry,
    kBlockSequenceEntry,
    kIndentlessSequenceEntry,
    kBlockMappingFirstKey,
    kBlockMappingKey,
    kBlockMappingValue,
    kFlowSequenceFirstEntry,
    kFlowSequenceEntry,
    kFlowPairKey,  // a single pair inside a flow sequence
    kFlowPairValue,
    kFlowPairEnd,
    kFlowMappingFirstKey,
    kFlowMappingKey,
    kFlowMappingValue,
    kFlowMappingEmptyValue,
    kEnd,
  };
  struct TagDirective {
    absl::string_view handle;
    absl::string_view prefix;
  };

  const YamlToken* Peek();
  bool Fail(const char* problem, const YamlMark& mark);
  bool Fail(const char* problem, const YamlMark& mark, const YamlMark& context);
  void Pop() {
    state_ = states_.back();
    states_.pop_back();
  }
  void TakeComments(YamlEvent& event);
  void SplitStemComment(size_t length);

  bool Step(YamlEvent& event);
  bool DocumentStart(YamlEvent& event, bool implicit);
  bool DocumentContent(YamlEvent& event);
  bool DocumentEnd(YamlEvent& event);
  void SplitDocumentComment(YamlEvent& event);
  bool Directives();
  bool AddTagDirective(const TagDirective& directive, bool replace, const YamlMark& mark);

  bool Node(YamlEvent& event, bool block, bool indentless);
  bool Properties(YamlEvent& event, YamlMark& start);
  bool ResolveTag(const YamlToken& token, const YamlMark& start, YamlEvent& event);
  bool Open(YamlEvent& event, const YamlToken& token, State state);
  bool Close(YamlEvent& event, YamlEvent::Kind kind, const YamlToken& token);
  bool EmptyScalar(YamlEvent& event, const YamlMark& mark);
  bool Child(YamlEvent& event, State then, bool block, bool indentless);

  bool BlockSequenceEntry(YamlEvent& event, bool first);
  bool IndentlessSequenceEntry(YamlEvent& event);
  bool BlockMappingKey(YamlEvent& event, bool first);
  bool BlockMappingValue(YamlEvent& event);
  bool FlowSequenceEntry(YamlEvent& event, bool first);
  bool FlowPairKey(YamlEvent& event);
  bool FlowPairValue(YamlEvent& event);
  bool FlowPairEnd(YamlEvent& event);
  bool FlowMappingKey(YamlEvent& event, bool first);
  bool FlowMappingValue(YamlEvent& event, bool empty);

  YamlScanner scanner_;
  const bool keep_comments_;
  State state_ = State::kStreamStart;
  std::vector<State> states_;
  std::vector<YamlMark> marks_;  // where the open collections began
  size_t depth_ = 0;
  std::vector<TagDirective> tag_directives_;
  std::deque<std::string> kept_;  // tags with a prefix

  // Comments that wait for their event.
  std::string head_comment_;
  std::string line_comment_;
  std::string foot_comment_;
  std::string stem_comment_;  // the head of a whole collection that is a sequence's entry
};

}  // namespace sluice::value
