// Comments: which of them are the head of what follows, stand on the line of a token, or are the
// foot of what came before. The rules, with their look-ahead of 512 bytes and their counting of
// lines, are those of go-yaml 3.0.4: tools that rewrite files place comments by them.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/value/yaml_chars.h"
#include "common/value/yaml_scanner.h"

namespace sluice::value {
namespace {

constexpr size_t kMaxPeek = 512;

}  // namespace

// "- # comment" and, on the next line, a collection: the comment is the head of that.
void YamlScanner::HeadInsteadOfLineComment() {
  const size_t count = tokens_.size();
  if (comments_.empty() || count < 2) return;
  YamlComment& comment = comments_.back();
  if (tokens_[count - 2].type != Type::kBlockSequenceStart ||
      tokens_[count - 1].type != Type::kBlockEntry || comment.line.empty() || IsYamlBreak(p_)) {
    return;
  }
  comment.head = std::move(comment.line);
  comment.line.clear();
  if (comment.start.line == line_ - 1) comment.token = mark();
}

// Moves p_ to `from`, over blanks and line breaks, and on to the end of the comment there.
void YamlScanner::ReadComment(const char* from, std::string& text) {
  while (p_ < from) {
    if (IsYamlBreak(p_)) {
      TakeBreak();
    } else {
      ++p_;
    }
  }
  const char* const first = p_;
  SkipComment();
  text.append(first, p_);
  newlines_ = 0;
}

void YamlScanner::ScanLineComment(const YamlMark& token_mark) {
  if (newlines_ > 0) return;
  size_t peek = 0;
  while (peek < kMaxPeek && IsYamlBlank(p_ + peek)) ++peek;
  if (peek == kMaxPeek || p_[peek] != '#') return;
  p_ += peek;
  YamlComment comment;
  comment.token = token_mark;
  comment.start = mark();
  ReadComment(p_, comment.line);
  comments_.push_back(std::move(comment));
}

// A run of comment lines as far as it is read.
struct YamlScanner::CommentRun {
  YamlMark scan;
  YamlMark token;
  YamlMark start;
  std::string text;
};

// What is read so far is the foot of what came before.
void YamlScanner::AddFoot(CommentRun& run, const YamlMark& end) {
  YamlComment& comment = comments_.emplace_back();
  comment.scan = run.scan;
  comment.token = run.token;
  comment.start = run.start;
  comment.end = end;
  comment.foot = std::move(run.text);
  run.text.clear();
  run.scan = run.token = end;
}

// Reads the comment at p_ and those on the lines after it, up to the next token.
void YamlScanner::ScanComments(YamlMark scan_mark) {
  // What they follow; a "," hides what is before it.
  size_t last = tokens_.size() - 1;
  if (tokens_[last].type == Type::kFlowEntry && last > 0) --last;
  const bool after_value = tokens_[last].type == Type::kValue;

  CommentRun run{scan_mark, tokens_[last].start, {}, {}};
  const int32_t parent_indent = std::max(indent_, 0);
  int32_t line = line_;
  int32_t column = this->column();
  bool after_empty_line = false;
  bool no_gap_before = newlines_ <= 1;
  // Where a comment has to start to be a foot: the line below what is before it.
  int32_t foot_line = -1;
  if (scan_mark.line > 0) {
    foot_line = line_ - newlines_ + 1;
    if (newlines_ == 0 && column > 1) ++foot_line;
  }

  size_t peek = 0;
  const auto here = [&] { return YamlMark{offset() + static_cast<uint32_t>(peek), line, column}; };
  for (; peek < kMaxPeek; ++peek) {
    ++column;
    const char* const at = p_ + peek;
    if (IsYamlBlank(at)) continue;
    const bool closes_flow = flow_level_ > 0 && (*at == ']' || *at == '}');
    if (closes_flow || IsYamlBreakOrEnd(at)) {
      const bool dedented = run.start.column - 1 < parent_indent;
      if (closes_flow || (!after_empty_line && no_gap_before &&
                          ((run.start.line == foot_line && !after_value) || dedented))) {
        if (!run.text.empty()) {
          if (dedented) run.token = run.start;
          AddFoot(run, here());
        }
      } else if (!after_empty_line && !run.text.empty() && *at != '\0') {
        run.text += '\n';
      }
      if (!IsYamlBreak(at)) break;
      no_gap_before = false;
      after_empty_line = true;
      column = 0;
      ++line;
      continue;
    }
    if (!run.text.empty() && column - 1 < parent_indent && column != run.start.column) {
      AddFoot(run, here());
    }
    if (*at != '#') break;
    if (run.text.empty()) {
      run.start = here();
    } else {
      run.text += '\n';
    }
    after_empty_line = false;
    ReadComment(at, run.text);
    // The line break is skipped by the loop and counts for neither line nor column.
    peek = 0;
    column = 0;
    line = line_;
  }
  if (run.text.empty()) return;
  YamlComment& comment = comments_.emplace_back();
  comment.scan = run.scan;
  comment.token = comment.start = run.start;
  comment.end = YamlMark{offset() + static_cast<uint32_t>(peek) - 1, line, column};
  comment.head = std::move(run.text);
}

}  // namespace sluice::value
