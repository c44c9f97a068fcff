// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_parser.h"

#include "absl/strings/str_cat.h"
#include "common/value/yaml_limits.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;
using Type = YamlToken::Type;

void AppendLine(std::string& text, absl::string_view line) {
  if (!text.empty()) text += '\n';
  text.append(line.data(), line.size());
}

}  // namespace

YamlParser::YamlParser(absl::string_view text, YamlScanner::Comments comments)
    : scanner_(text, comments), keep_comments_(comments == YamlScanner::Comments::kKeep) {}

// The next token; comments that stand before it join those that wait for an event.
const YamlToken* YamlParser::Peek() {
  const YamlToken* token = scanner_.Peek();
  if (token == nullptr || !keep_comments_) return token;
  auto& comments = scanner_.comments();
  while (!comments.empty() && token->start.offset >= comments.front().token.offset) {
    const YamlComment& comment = comments.front();
    if (!comment.head.empty()) {
      // Not the head of an end, but of what follows it.
      if (token->type == Type::kBlockEnd) break;
      AppendLine(head_comment_, comment.head);
    }
    if (!comment.foot.empty()) AppendLine(foot_comment_, comment.foot);
    if (!comment.line.empty()) AppendLine(line_comment_, comment.line);
    comments.pop_front();
  }
  return token;
}

bool YamlParser::Fail(const char* problem, const YamlMark& mark) {
  return Fail(problem, mark, YamlMark{});
}

bool YamlParser::Fail(const char* problem, const YamlMark& mark, const YamlMark& context) {
  scanner_.SetError({.source = YamlError::Source::kParser,
                     .problem = problem,
                     .problem_line = mark.line,
                     .context_line = context.line});
  return false;
}

void YamlParser::TakeComments(YamlEvent& event) {
  if (!keep_comments_) return;
  event.head_comment = std::move(head_comment_);
  event.line_comment = std::move(line_comment_);
  event.foot_comment = std::move(foot_comment_);
  head_comment_.clear();
  line_comment_.clear();
  foot_comment_.clear();
  stem_comment_.clear();
}

bool YamlParser::Next(YamlEvent& event) {
  if (scanner_.error()) return false;
  // A look ahead for comments may have failed unnoticed.
  return Step(event) && !scanner_.error();
}

bool YamlParser::Step(YamlEvent& event) {
  event.flow = false;
  event.implicit = false;
  event.anchor = event.tag = event.value = {};
  if (keep_comments_) {
    event.head_comment.clear();
    event.line_comment.clear();
    event.foot_comment.clear();
  }
  switch (state_) {
    case State::kStreamStart: {
      const YamlToken* token = Peek();
      if (token == nullptr) return false;
      event.kind = Kind::kStreamStart;
      event.start = token->start;
      scanner_.Skip();
      state_ = State::kImplicitDocumentStart;
      return true;
    }
    case State::kImplicitDocumentStart:
      return DocumentStart(event, /*implicit=*/true);
    case State::kDocumentStart:
      return DocumentStart(event, /*implicit=*/false);
    case State::kDocumentContent:
      return DocumentContent(event);
    case State::kDocumentEnd:
      return DocumentEnd(event);
    case State::kBlockNode:
      return Node(event, /*block=*/true, /*indentless=*/false);
    case State::kBlockSequenceFirstEntry:
      return BlockSequenceEntry(event, /*first=*/true);
    case State::kBlockSequenceEntry:
      return BlockSequenceEntry(event, /*first=*/false);
    case State::kIndentlessSequenceEntry:
      return IndentlessSequenceEntry(event);
    case State::kBlockMappingFirstKey:
      return BlockMappingKey(event, /*first=*/true);
    case State::kBlockMappingKey:
      return BlockMappingKey(event, /*first=*/false);
    case State::kBlockMappingValue:
      return BlockMappingValue(event);
    case State::kFlowSequenceFirstEntry:
      return FlowSequenceEntry(event, /*first=*/true);
    case State::kFlowSequenceEntry:
      return FlowSequenceEntry(event, /*first=*/false);
    case State::kFlowPairKey:
      return FlowPairKey(event);
    case State::kFlowPairValue:
      return FlowPairValue(event);
    case State::kFlowPairEnd:
      return FlowPairEnd(event);
    case State::kFlowMappingFirstKey:
      return FlowMappingKey(event, /*first=*/true);
    case State::kFlowMappingKey:
      return FlowMappingKey(event, /*first=*/false);
    case State::kFlowMappingValue:
      return FlowMappingValue(event, /*empty=*/false);
    case State::kFlowMappingEmptyValue:
      return FlowMappingValue(event, /*empty=*/true);
    case State::kEnd:
      event.kind = Kind::kStreamEnd;
      return true;
  }
  return false;
}

// --- Documents.

bool YamlParser::DocumentStart(YamlEvent& event, bool implicit) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  while (!implicit && token->type == Type::kDocumentEnd) {
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
  }
  event.start = token->start;
  if (token->type == Type::kStreamEnd) {
    event.kind = Kind::kStreamEnd;
    scanner_.Skip();
    state_ = State::kEnd;
    return true;
  }
  event.kind = Kind::kDocumentStart;
  const bool bare = token->type != Type::kVersionDirective && token->type != Type::kTagDirective &&
                    token->type != Type::kDocumentStart;
  if (!Directives()) return false;
  states_.push_back(State::kDocumentEnd);
  if (implicit && bare) {
    state_ = State::kBlockNode;
    SplitDocumentComment(event);
    return true;
  }
  if (token = Peek(); token == nullptr) return false;
  if (token->type != Type::kDocumentStart) {
    return Fail("did not find expected <document start>", token->start);
  }
  scanner_.Skip();
  state_ = State::kDocumentContent;
  return true;
}

// The head comment up to its last empty line is the document's, the rest that of what follows.
void YamlParser::SplitDocumentComment(YamlEvent& event) {
  for (size_t i = head_comment_.size(); i-- > 1;) {
    if (head_comment_[i] != '\n') continue;
    const bool last = i + 1 == head_comment_.size();
    if (!last && head_comment_[i - 1] != '\n') continue;
    event.head_comment = head_comment_.substr(0, last ? i : i - 1);
    head_comment_.erase(0, i + 1);
    return;
  }
}

bool YamlParser::DocumentContent(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  switch (token->type) {
    case Type::kVersionDirective:
    case Type::kTagDirective:
    case Type::kDocumentStart:
    case Type::kDocumentEnd:
    case Type::kStreamEnd:
      Pop();
      return EmptyScalar(event, token->start);
    default:
      return Node(event, /*block=*/true, /*indentless=*/false);
  }
}

bool YamlParser::DocumentEnd(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  event.kind = Kind::kDocumentEnd;
  event.start = token->start;
  if (token->type == Type::kDocumentEnd) scanner_.Skip();
  tag_directives_.clear();
  state_ = State::kDocumentStart;
  TakeComments(event);
  if (event.foot_comment.empty()) event.foot_comment.swap(event.head_comment);
  return true;
}

bool YamlParser::Directives() {
  bool has_version = false;
  const YamlToken* token = Peek();
  for (; token != nullptr; token = Peek()) {
    if (token->type == Type::kVersionDirective) {
      if (has_version) return Fail("found duplicate %YAML directive", token->start);
      if (token->value != "1.1") return Fail("found incompatible YAML document", token->start);
      has_version = true;
    } else if (token->type == Type::kTagDirective) {
      if (!AddTagDirective({token->value, token->suffix}, /*replace=*/false, token->start)) {
        return false;
      }
    } else {
      break;
    }
    scanner_.Skip();
  }
  if (token == nullptr) return false;
  return AddTagDirective({"!", "!"}, /*replace=*/true, token->start) &&
         AddTagDirective({"!!", "tag:yaml.org,2002:"}, /*replace=*/true, token->start);
}

// With `replace` an older one may stand, and wins.
bool YamlParser::AddTagDirective(const TagDirective& directive, bool replace,
                                 const YamlMark& mark) {
  for (const TagDirective& known : tag_directives_) {
    if (known.handle != directive.handle) continue;
    return replace || Fail("found duplicate %TAG directive", mark);
  }
  tag_directives_.push_back(directive);
  return true;
}

// --- Nodes.

bool YamlParser::ResolveTag(const YamlToken& token, const YamlMark& start, YamlEvent& event) {
  if (token.value.empty()) {
    event.tag = token.suffix;
    return true;
  }
  for (const TagDirective& directive : tag_directives_) {
    if (directive.handle != token.value) continue;
    event.tag = kept_.emplace_back(absl::StrCat(directive.prefix, token.suffix));
    break;
  }
  return !event.tag.empty() || Fail("found undefined tag handle", token.start, start);
}

// An anchor and a tag, in either order.
bool YamlParser::Properties(YamlEvent& event, YamlMark& start) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  start = token->start;
  const auto is_property = [](const YamlToken& t) {
    return t.type == Type::kAnchor || t.type == Type::kTag;
  };
  if (!is_property(*token)) return true;
  const YamlToken first = *token;
  YamlToken second;
  scanner_.Skip();
  if (token = Peek(); token == nullptr) return false;
  if (is_property(*token) && token->type != first.type) {
    second = *token;
    scanner_.Skip();
    if (Peek() == nullptr) return false;
  }
  for (const YamlToken* property : {&first, static_cast<const YamlToken*>(&second)}) {
    if (property->type == Type::kAnchor) event.anchor = property->value;
    if (property->type == Type::kTag && !ResolveTag(*property, start, event)) return false;
  }
  return true;
}

bool YamlParser::Node(YamlEvent& event, bool block, bool indentless) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (token->type == Type::kAlias) {
    Pop();
    event.kind = Kind::kAlias;
    event.start = token->start;
    event.anchor = token->value;
    TakeComments(event);
    scanner_.Skip();
    return true;
  }
  if (!Properties(event, event.start)) return false;
  if (token = Peek(); token == nullptr) return false;
  switch (token->type) {
    case Type::kBlockEntry:
      if (!indentless) break;
      // Its comments stay for the entries.
      event.kind = Kind::kSequenceStart;
      return Open(event, *token, State::kIndentlessSequenceEntry);
    case Type::kScalar:
      Pop();
      event.kind = Kind::kScalar;
      event.style = token->style;
      event.value = token->value;
      event.implicit =
          event.tag.empty() ? token->style == YamlScalarStyle::kPlain : event.tag == "!";
      TakeComments(event);
      scanner_.Skip();
      return true;
    case Type::kFlowSequenceStart:
      event.kind = Kind::kSequenceStart;
      event.flow = true;
      TakeComments(event);
      return Open(event, *token, State::kFlowSequenceFirstEntry);
    case Type::kFlowMappingStart:
      event.kind = Kind::kMappingStart;
      event.flow = true;
      TakeComments(event);
      return Open(event, *token, State::kFlowMappingFirstKey);
    case Type::kBlockSequenceStart:
      if (!block) break;
      event.kind = Kind::kSequenceStart;
      event.head_comment = std::move(stem_comment_);
      stem_comment_.clear();
      return Open(event, *token, State::kBlockSequenceFirstEntry);
    case Type::kBlockMappingStart:
      if (!block) break;
      event.kind = Kind::kMappingStart;
      event.head_comment = std::move(stem_comment_);
      stem_comment_.clear();
      return Open(event, *token, State::kBlockMappingFirstKey);
    default:
      break;
  }
  if (event.anchor.empty() && event.tag.empty()) {
    return Fail("did not find expected node content", token->start, event.start);
  }
  Pop();
  event.kind = Kind::kScalar;
  event.style = YamlScalarStyle::kPlain;
  event.implicit = event.tag.empty();
  return true;
}

bool YamlParser::Open(YamlEvent& event, const YamlToken& token, State state) {
  if (++depth_ > kMaxDepth) return Fail(kYamlTooDeep, token.start, event.start);
  state_ = state;
  return true;
}

bool YamlParser::Close(YamlEvent& event, Kind kind, const YamlToken& token) {
  Pop();
  --depth_;
  event.kind = kind;
  event.start = token.start;
  return true;
}

bool YamlParser::EmptyScalar(YamlEvent& event, const YamlMark& mark) {
  event.kind = Kind::kScalar;
  event.style = YamlScalarStyle::kPlain;
  event.implicit = true;
  event.start = mark;
  return true;
}

bool YamlParser::Child(YamlEvent& event, State then, bool block, bool indentless) {
  states_.push_back(then);
  return Node(event, block, indentless);
}

}  // namespace sluice::value
