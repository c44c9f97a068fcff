// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_scanner.h"

#include "absl/strings/str_cat.h"
#include "common/value/yaml_chars.h"
#include "common/value/yaml_limits.h"

namespace sluice::value {
namespace {

constexpr size_t kMaxSimpleKey = 1024;  // characters from a key's start to its ":"
constexpr size_t kQueueSlack = 64;

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
      bool valid = false;
      if (!CheckSimpleKey(simple_keys_[static_cast<size_t>(level)], valid)) return false;
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
  if (!key.possible) return true;
  if (key.required) return Fail("could not find expected ':'", key.mark);
  key.possible = false;
  ForgetKey(key.token_number);
  return true;
}

// The token, if it is still to be parsed, is no simple key.
void YamlScanner::ForgetKey(uint64_t token_number) {
  if (token_number < tokens_parsed_) return;
  const size_t place = head_ + (token_number - tokens_parsed_);
  if (place < tokens_.size()) tokens_[place].key_level = -1;
}

bool YamlScanner::RollIndent(int32_t column, Type type, const YamlMark& mark,
                             const uint64_t* number) {
  if (flow_level_ > 0 || indent_ >= column) return true;
  if (indents_.size() >= kMaxDepth) return Fail(kYamlTooDeep, simple_keys_.back().mark);
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
        saw_flow_comment_ = saw_flow_comment_ || flow_level_ > 0;
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

}  // namespace sluice::value
