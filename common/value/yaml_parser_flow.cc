// Flow collections.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_parser.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;

}  // namespace

bool YamlParser::FlowSequenceEntry(YamlEvent& event, bool first) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (first) {
    marks_.push_back(token->start);
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
  }
  if (token->type != Type::kFlowSequenceEnd) {
    if (!first) {
      if (token->type != Type::kFlowEntry) {
        return Fail("did not find expected ',' or ']'", token->start, marks_.back());
      }
      scanner_.Skip();
      if (token = Peek(); token == nullptr) return false;
    }
    if (token->type == Type::kKey) {
      event.kind = Kind::kMappingStart;
      event.flow = true;
      event.start = token->start;
      if (!Open(event, *token, State::kFlowPairKey)) return false;
      scanner_.Skip();
      return true;
    }
    if (token->type != Type::kFlowSequenceEnd) {
      return Child(event, State::kFlowSequenceEntry, /*block=*/false, /*indentless=*/false);
    }
  }
  marks_.pop_back();
  Close(event, Kind::kSequenceEnd, *token);
  TakeComments(event);
  scanner_.Skip();
  return true;
}

bool YamlParser::FlowPairKey(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (token->type != Type::kValue && token->type != Type::kFlowEntry &&
      token->type != Type::kFlowSequenceEnd) {
    return Child(event, State::kFlowPairValue, /*block=*/false, /*indentless=*/false);
  }
  const YamlMark end = token->end();
  // libyaml drops the token, so "[? : x]" is an error.
  scanner_.Skip();
  state_ = State::kFlowPairValue;
  return EmptyScalar(event, end);
}

bool YamlParser::FlowPairValue(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  YamlMark mark = token->start;
  if (token->type == Type::kValue) {
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
    if (token->type != Type::kFlowEntry && token->type != Type::kFlowSequenceEnd) {
      return Child(event, State::kFlowPairEnd, /*block=*/false, /*indentless=*/false);
    }
  }
  state_ = State::kFlowPairEnd;
  return EmptyScalar(event, mark);
}

bool YamlParser::FlowPairEnd(YamlEvent& event) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  --depth_;
  state_ = State::kFlowSequenceEntry;
  event.kind = Kind::kMappingEnd;
  event.start = token->start;
  return true;
}

bool YamlParser::FlowMappingKey(YamlEvent& event, bool first) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (first) {
    marks_.push_back(token->start);
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
  }
  if (token->type != Type::kFlowMappingEnd) {
    if (!first) {
      if (token->type != Type::kFlowEntry) {
        return Fail("did not find expected ',' or '}'", token->start, marks_.back());
      }
      scanner_.Skip();
      if (token = Peek(); token == nullptr) return false;
    }
    if (token->type == Type::kKey) {
      scanner_.Skip();
      if (token = Peek(); token == nullptr) return false;
      if (token->type != Type::kValue && token->type != Type::kFlowEntry &&
          token->type != Type::kFlowMappingEnd) {
        return Child(event, State::kFlowMappingValue, /*block=*/false, /*indentless=*/false);
      }
      state_ = State::kFlowMappingValue;
      return EmptyScalar(event, token->start);
    }
    if (token->type != Type::kFlowMappingEnd) {
      return Child(event, State::kFlowMappingEmptyValue, /*block=*/false, /*indentless=*/false);
    }
  }
  marks_.pop_back();
  Close(event, Kind::kMappingEnd, *token);
  TakeComments(event);
  scanner_.Skip();
  return true;
}

bool YamlParser::FlowMappingValue(YamlEvent& event, bool empty) {
  const YamlToken* token = Peek();
  if (token == nullptr) return false;
  if (!empty && token->type == Type::kValue) {
    scanner_.Skip();
    if (token = Peek(); token == nullptr) return false;
    if (token->type != Type::kFlowEntry && token->type != Type::kFlowMappingEnd) {
      return Child(event, State::kFlowMappingKey, /*block=*/false, /*indentless=*/false);
    }
  }
  state_ = State::kFlowMappingKey;
  return EmptyScalar(event, token->start);
}

}  // namespace sluice::value
