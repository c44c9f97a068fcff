// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_scanner.h"

#include "absl/strings/str_cat.h"
#include "common/value/json.h"
#include "common/value/yaml_chars.h"

namespace sluice::value {
namespace {

using internal::kWord;

constexpr size_t kMaxSimpleKey = 1024;  // characters from a key's start to its ":"
constexpr size_t kQueueSlack = 64;

static_assert(kMaxDepth == 500);
constexpr const char* kTooDeep = "exceeded max depth of 500";

}  // namespace

std::string YamlError::Message(bool v3) const {
  // go-yaml counts lines from 0 and corrects that for the scanner only; line 0 is not named.
  const int32_t first = v3 ? context_line : problem_line;
  int32_t line = first != 0 ? first : v3 ? problem_line : context_line;
  const bool corrected = source == Source::kScanner && (v3 || first != 0);
  if (line != 0 && corrected) ++line;
  return line == 0 ? absl::StrCat("yaml: ", problem)
                   : absl::StrCat("yaml: line ", line, ": ", problem);
}

YamlScanner::YamlScanner(absl::string_view text, Comments comments)
    : source_(text),
      keep_comments_(comments == Comments::kKeep),
      begin_(source_.text.data()),
      p_(begin_),
      line_begin_(begin_),
      counted_(begin_) {
  simple_keys_.emplace_back();
  tokens_.reserve(2 * kQueueSlack);
}

size_t YamlScanner::character() {
  if (source_.ascii) return offset();
  for (; counted_ < p_; ++counted_) {
    if ((ByteAt(counted_) & 0xC0) == 0x80) ++continuations_;
  }
  return offset() - continuations_;
}

absl::string_view YamlScanner::TakeBreak() {
  absl::string_view text = "\n";
  if (*p_ == '\r' && p_[1] == '\n') {
    p_ += 2;
  } else if (ByteAt(p_) == 0xC2) {
    p_ += 2;
  } else if (ByteAt(p_) == 0xE2) {
    text = absl::string_view(p_, 3);
    p_ += 3;
  } else {
    ++p_;
  }
  ++line_;
  ++newlines_;
  line_begin_ = p_;
  line_start_ = character();
  return text;
}

bool YamlScanner::Fail(const char* problem, const YamlMark& context) {
  if (source_.problem != nullptr && offset() + 4 > source_.size) {
    error_ = {.source = YamlError::Source::kReader, .problem = source_.problem};
  } else {
    error_ = {.source = YamlError::Source::kScanner,
              .problem = problem,
              .problem_line = line_,
              .context_line = context.line};
  }
  return false;
}

bool YamlScanner::FetchMore() {
  const size_t ahead = keep_comments_ ? 2 : 0;
  while (true) {
    if (head_ + ahead < tokens_.size() || (ended_ && head_ < tokens_.size())) {
      // A token that may turn out to be a simple key has to wait for its ":".
      const int16_t level = tokens_[head_].key_level;
      if (level < 0 || static_cast<size_t>(level) >= simple_keys_.size()) break;
      SimpleKey& key = simple_keys_[static_cast<size_t>(level)];
      if (key.token_number != tokens_parsed_) break;
      bool valid = false;
      if (!CheckSimpleKey(key, valid)) return false;
      if (!valid || ended_) break;
    }
    if (!FetchNext()) return false;
  }
  if (head_ > kQueueSlack) {
    // The last two stay visible to the comments.
    const size_t drop = head_ - 2;
    tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(drop));
    head_ -= drop;
  }
  token_available_ = true;
  return true;
}

bool YamlScanner::FetchNext() {
  if (!started_) {
    started_ = true;
    Append(Type::kStreamStart, mark());
    return true;
  }
  const YamlMark scan_mark = mark();
  if (!SkipToNextToken()) return false;
  if (indent_ > column()) UnrollIndent(column(), scan_mark);
  if (source_.problem != nullptr && offset() + 4 > source_.size) return Fail("", scan_mark);

  if (at_end()) return FetchStreamEnd();
  if (at_line_begin()) {
    if (At('%')) return FetchDirective();
    if (AtDocumentIndicator()) {
      return FetchDocumentIndicator(At('-') ? Type::kDocumentStart : Type::kDocumentEnd);
    }
  }
  newlines_ = 0;
  if (!keep_comments_) return Dispatch();

  // A comment after ":" or "," goes with what stands before that.
  const bool after_indicator = flow_level_ == 0 ? At(':') : At(',');
  const YamlMark comment_mark = after_indicator && !tokens_.empty() ? tokens_.back().start : mark();
  if (!Dispatch()) return false;
  // After "-" it is the head of what follows.
  if (tokens_.back().type != Type::kBlockEntry) ScanLineComment(comment_mark);
  return true;
}

bool YamlScanner::Dispatch() {
  const bool flow = flow_level_ > 0;
  switch (*p_) {
    case '[':
      return FetchFlowStart(Type::kFlowSequenceStart);
    case '{':
      return FetchFlowStart(Type::kFlowMappingStart);
    case ']':
      return FetchFlowEnd(Type::kFlowSequenceEnd);
    case '}':
      return FetchFlowEnd(Type::kFlowMappingEnd);
    case ',':
      return FetchFlowEntry();
    case '-':
      if (IsYamlBlankOrEnd(p_ + 1)) return FetchBlockEntry();
      return FetchPlain();
    case '?':
      if (flow || IsYamlBlankOrEnd(p_ + 1)) return FetchKey();
      return FetchPlain();
    case ':':
      if (flow || IsYamlBlankOrEnd(p_ + 1)) return FetchValue();
      return FetchPlain();
    case '*':
      return FetchAnchor(Type::kAlias);
    case '&':
      return FetchAnchor(Type::kAnchor);
    case '!':
      return FetchTag();
    case '|':
      if (!flow) return FetchBlockScalar(/*literal=*/true);
      break;
    case '>':
      if (!flow) return FetchBlockScalar(/*literal=*/false);
      break;
    case '\'':
      return FetchQuoted(/*single=*/true);
    case '"':
      return FetchQuoted(/*single=*/false);
    case '#':
    case '%':
    case '@':
    case '`':
    case '\t':
      break;
    default:
      return FetchPlain();
  }
  return Fail("found character that cannot start any token", mark());
}

YamlToken& YamlScanner::Append(Type type, const YamlMark& start) {
  YamlToken& token = tokens_.emplace_back();
  token.type = type;
  token.start = start;
  token.key_level = pending_key_level_;
  pending_key_level_ = -1;
  return token;
}

void YamlScanner::Insert(uint64_t number, Type type, const YamlMark& start) {
  YamlToken token;
  token.type = type;
  token.start = start;
  // go-yaml appends a token whose place has been parsed already (see FetchFlowEnd).
  const size_t place = number < tokens_parsed_ ? tokens_.size() : head_ + (number - tokens_parsed_);
  tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(place), token);
}

// --- Simple keys and indentation.

bool YamlScanner::CheckSimpleKey(SimpleKey& key, bool& valid) {
  valid = false;
  if (!key.possible) return true;
  if (key.mark.line < line_ || key.character + kMaxSimpleKey < character()) {
    if (key.required) return Fail("could not find expected ':'", key.mark);
    key.possible = false;
    return true;
  }
  valid = true;
  return true;
}

bool YamlScanner::SaveSimpleKey() {
  if (!simple_key_allowed_) return true;
  if (!RemoveSimpleKey()) return false;
  const YamlMark start = mark();
  simple_keys_.back() = SimpleKey{.possible = true,
                                  .required = flow_level_ == 0 && indent_ == start.column,
                                  .token_number = tokens_parsed_ + (tokens_.size() - head_),
                                  .character = character(),
                                  .mark = start};
  pending_key_level_ = static_cast<int16_t>(simple_keys_.size() - 1);
  return true;
}

bool YamlScanner::RemoveSimpleKey() {
  SimpleKey& key = simple_keys_.back();
  if (key.possible && key.required) return Fail("could not find expected ':'", key.mark);
  key.possible = false;
  return true;
}

bool YamlScanner::RollIndent(int32_t column, Type type, const YamlMark& mark,
                             const uint64_t* number) {
  if (flow_level_ > 0 || indent_ >= column) return true;
  if (indents_.size() >= kMaxDepth) return Fail(kTooDeep, simple_keys_.back().mark);
  indents_.push_back(indent_);
  indent_ = column;
  if (number != nullptr) {
    Insert(*number, type, mark);
  } else {
    Append(type, mark);
  }
  return true;
}

void YamlScanner::UnrollIndent(int32_t column, const YamlMark& scan_mark) {
  if (flow_level_ > 0) return;
  YamlMark block_mark = keep_comments_ ? scan_mark : mark();
  if (keep_comments_) --block_mark.offset;
  while (indent_ > column) {
    // A block ends before comments that stand at its parents' indentation: they are theirs.
    uint32_t stop = block_mark.offset;
    for (auto comment = comments_.rbegin(); comment != comments_.rend(); ++comment) {
      if (comment->end.offset < stop) break;
      if (comment->start.column == indent_ + 1) block_mark = comment->start;
      stop = comment->scan.offset;
    }
    Append(Type::kBlockEnd, block_mark);
    indent_ = indents_.back();
    indents_.pop_back();
  }
}

// --- Blanks, line breaks and comments between tokens.

bool YamlScanner::SkipToNextToken() {
  const YamlMark scan_mark = keep_comments_ ? mark() : YamlMark{};
  while (true) {
    // Tabs separate tokens, but do not indent.
    const bool tabs = flow_level_ > 0 || !simple_key_allowed_;
    while (At(' ') || (tabs && At('\t'))) ++p_;
    if (keep_comments_) HeadInsteadOfLineComment();
    if (At('#')) {
      if (keep_comments_) {
        ScanComments(scan_mark);
      } else {
        SkipComment();
      }
    }
    if (!IsYamlBreak(p_)) return true;
    TakeBreak();
    if (flow_level_ == 0) simple_key_allowed_ = true;
  }
}

void YamlScanner::SkipBlanks() {
  while (IsYamlBlank(p_)) ++p_;
}

void YamlScanner::SkipComment() {
  while (!IsYamlBreakOrEnd(p_)) ++p_;
}

bool YamlScanner::AtDocumentIndicator() const {
  return (At('-') || At('.')) && p_[1] == *p_ && p_[2] == *p_ && IsYamlBlankOrEnd(p_ + 3);
}

// --- Tokens.

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
  if (++flow_level_ > kMaxDepth) return Fail(kTooDeep, mark());
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
    const uint64_t number = simple_keys_.back().token_number;
    if (number >= tokens_parsed_) {
      const size_t place = head_ + (number - tokens_parsed_);
      if (place < tokens_.size()) tokens_[place].key_level = -1;
    }
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
