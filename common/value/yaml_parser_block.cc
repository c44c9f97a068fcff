// Block collections.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_parser.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;

}  // namespace

// The head comment before "-" is that of the collection which begins there, not of its first entry.
void YamlParser::SplitStemComment(size_t length) {
  if (length == 0) return;
  const YamlToken* token = Peek();
  if (token == nullptr ||
      (token->type != Type::kBlockSequenceStart && token->type != Type::kBlockMappingStart)) {
    return;
  }
  stem_comment_ = head_comment_.substr(0, length);
  head_comment_.erase(0, length + 1);
}

bool YamlParser::BlockSequenceEntry(YamlEvent& event, bool first) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (first) {
    marks_.push_back(token->start);
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
  }
  if (token->type == Type::kBlockEntry) {
    const YamlMark end = token->end();
    const size_t head_length = head_comment_.size();
    scanner_.Skip();
    SplitStemComment(head_length);
    if (token = Peek(); token == nullptr) return false;
    if (token->type != Type::kBlockEntry && token->type != Type::kBlockEnd) {
      return Child(event, State::kBlockSequenceEntry, /*block=*/true, /*indentless=*/false);
    }
    state_ = State::kBlockSequenceEntry;
    return EmptyScalar(event, end);
  }
  if (token->type == Type::kBlockEnd) {
    marks_.pop_back();
    Close(event, Kind::kSequenceEnd, *token);
    scanner_.Skip();
    return true;
  }
  return Fail("did not find expected '-' indicator", token->start, marks_.back());
}

bool YamlParser::IndentlessSequenceEntry(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (token->type != Type::kBlockEntry) return Close(event, Kind::kSequenceEnd, *token);
  const YamlMark end = token->end();
  const size_t head_length = head_comment_.size();
  scanner_.Skip();
  SplitStemComment(head_length);
  if (token = Peek(); token == nullptr) return false;
  if (token->type != Type::kBlockEntry && token->type != Type::kKey &&
      token->type != Type::kValue && token->type != Type::kBlockEnd) {
    return Child(event, State::kIndentlessSequenceEntry, /*block=*/true, /*indentless=*/false);
  }
  state_ = State::kIndentlessSequenceEntry;
  return EmptyScalar(event, end);
}

bool YamlParser::BlockMappingKey(YamlEvent& event, bool first) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (first) {
    marks_.push_back(token->start);
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
  }
  if (token->type == Type::kKey) {
    const YamlMark end = token->end();
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
    if (token->type != Type::kKey && token->type != Type::kValue &&
        token->type != Type::kBlockEnd) {
      return Child(event, State::kBlockMappingValue, /*block=*/true, /*indentless=*/true);
    }
    state_ = State::kBlockMappingValue;
    return EmptyScalar(event, end);
  }
  if (token->type == Type::kBlockEnd) {
    marks_.pop_back();
    Close(event, Kind::kMappingEnd, *token);
    TakeComments(event);
    scanner_.Skip();
    return true;
  }
  return Fail("did not find expected key", token->start, marks_.back());
}

bool YamlParser::BlockMappingValue(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (token->type != Type::kValue) {
    state_ = State::kBlockMappingKey;
    return EmptyScalar(event, token->start);
  }
  const YamlMark end = token->end();
  scanner_.Skip();
  if (token = Peek(); token == nullptr) return false;
  if (token->type != Type::kKey && token->type != Type::kValue && token->type != Type::kBlockEnd) {
    return Child(event, State::kBlockMappingKey, /*block=*/true, /*indentless=*/true);
  }
  state_ = State::kBlockMappingKey;
  return EmptyScalar(event, end);
}

}  // namespace sluice::value
