// Tokens of one or a few characters, and where scalars begin.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_chars.h"
#include "common/value/yaml_limits.h"
#include "common/value/yaml_scanner.h"

namespace sluice::value {
namespace {

using internal::kWord;

}  // namespace

bool YamlScanner::FetchStreamEnd() {
  if (!at_line_begin()) {
    ++line_;
    line_begin_ = p_;
    line_start_ = character();
  }
  if (indent_ > -1) UnrollIndent(-1, mark());
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = false;
  ended_ = true;
  Append(Type::kStreamEnd, mark());
  return true;
}

bool YamlScanner::FetchDocumentIndicator(Type type) {
  const YamlMark start = mark();
  if (indent_ > -1) UnrollIndent(-1, start);
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = false;
  p_ += 3;
  newlines_ = 0;
  Append(type, start);
  return true;
}

bool YamlScanner::FetchFlowStart(Type type) {
  if (!SaveSimpleKey()) return false;
  simple_keys_.emplace_back().token_number = tokens_parsed_ + (tokens_.size() - head_);
  if (++flow_level_ > kMaxDepth) return Fail(kYamlTooDeep, mark());
  simple_key_allowed_ = true;
  Append(type, mark());
  ++p_;
  return true;
}

bool YamlScanner::FetchFlowEnd(Type type) {
  if (!RemoveSimpleKey()) return false;
  if (flow_level_ > 0) {
    --flow_level_;
    // go-yaml forgets that this level's last key may be one, and if there was none, that the
    // opening bracket may: "{}: x" and "{? a : b}: x" end with the bracket.
    ForgetKey(simple_keys_.back().token_number);
    simple_keys_.pop_back();
  }
  simple_key_allowed_ = false;
  Append(type, mark());
  ++p_;
  return true;
}

bool YamlScanner::FetchFlowEntry() {
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = true;
  Append(Type::kFlowEntry, mark()).width = 1;
  ++p_;
  return true;
}

bool YamlScanner::FetchBlockEntry() {
  const YamlMark start = mark();
  // In flow context the parser reports it.
  if (flow_level_ == 0) {
    if (!simple_key_allowed_) {
      return Fail("block sequence entries are not allowed in this context", start);
    }
    if (!RollIndent(start.column, Type::kBlockSequenceStart, start, nullptr)) return false;
  }
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = true;
  Append(Type::kBlockEntry, start).width = 1;
  ++p_;
  return true;
}

bool YamlScanner::FetchKey() {
  const YamlMark start = mark();
  if (flow_level_ == 0) {
    if (!simple_key_allowed_) return Fail("mapping keys are not allowed in this context", start);
    if (!RollIndent(start.column, Type::kBlockMappingStart, start, nullptr)) return false;
  }
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = flow_level_ == 0;
  Append(Type::kKey, start).width = 1;
  ++p_;
  return true;
}

bool YamlScanner::FetchValue() {
  const YamlMark start = mark();
  bool simple = false;
  if (!CheckSimpleKey(simple_keys_.back(), simple)) return false;
  if (simple) {
    SimpleKey& key = simple_keys_.back();
    ForgetKey(key.token_number);
    Insert(key.token_number, Type::kKey, key.mark);
    if (!RollIndent(key.mark.column, Type::kBlockMappingStart, key.mark, &key.token_number)) {
      return false;
    }
    key.possible = false;
    simple_key_allowed_ = false;
  } else {
    if (flow_level_ == 0) {
      if (!simple_key_allowed_) {
        return Fail("mapping values are not allowed in this context", start);
      }
      if (!RollIndent(start.column, Type::kBlockMappingStart, start, nullptr)) return false;
    }
    simple_key_allowed_ = flow_level_ == 0;
  }
  Append(Type::kValue, start).width = 1;
  ++p_;
  return true;
}

bool YamlScanner::FetchAnchor(Type type) {
  if (!SaveSimpleKey()) return false;
  simple_key_allowed_ = false;
  const YamlMark start = mark();
  const char* const name = ++p_;
  while (IsYamlClass(p_, kWord)) ++p_;
  const bool ends =
      IsYamlBlankOrEnd(p_) || absl::string_view("?:,]}%@`").find(*p_) != absl::string_view::npos;
  if (p_ == name || !ends) {
    return Fail("did not find expected alphabetic or numeric character", start);
  }
  Append(type, start).value = absl::string_view(name, static_cast<size_t>(p_ - name));
  return true;
}

bool YamlScanner::FetchBlockScalar(bool literal) {
  if (!RemoveSimpleKey()) return false;
  simple_key_allowed_ = true;
  const YamlMark start = mark();
  absl::string_view value;
  if (!ScanBlockScalar(start, literal, value)) return false;
  YamlToken& token = Append(Type::kScalar, start);
  token.value = value;
  token.style = literal ? YamlScalarStyle::kLiteral : YamlScalarStyle::kFolded;
  return true;
}

bool YamlScanner::FetchQuoted(bool single) {
  if (!SaveSimpleKey()) return false;
  simple_key_allowed_ = false;
  const YamlMark start = mark();
  absl::string_view value;
  if (!ScanQuoted(start, single, value)) return false;
  YamlToken& token = Append(Type::kScalar, start);
  token.value = value;
  token.style = single ? YamlScalarStyle::kSingleQuoted : YamlScalarStyle::kDoubleQuoted;
  return true;
}

bool YamlScanner::FetchPlain() {
  if (!SaveSimpleKey()) return false;
  simple_key_allowed_ = false;
  const YamlMark start = mark();
  absl::string_view value;
  if (!ScanPlain(start, value)) return false;
  Append(Type::kScalar, start).value = value;
  return true;
}

}  // namespace sluice::value
