// YAML text to tokens, exactly as go-yaml (and libyaml, which it is a port of) cuts them: the
// YAML 1.1 rules with their simple keys, indentation and faults, and the words and lines of their
// errors. v2 and v3 cut alike; v3 also collects comments, for which it looks two tokens further
// ahead.
//
// Why not libyaml itself: docs/adr/0003-value.md.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/yaml_source.h"

namespace sluice::value {

// A place in the text; all from 0.
struct YamlMark {
  uint32_t offset = 0;  // in bytes of the source
  int32_t line = 0;
  int32_t column = 0;  // in characters
};

enum class YamlScalarStyle : uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };

struct YamlToken {
  enum class Type : uint8_t {
    kStreamStart,
    kStreamEnd,
    kVersionDirective,
    kTagDirective,
    kDocumentStart,
    kDocumentEnd,
    kBlockSequenceStart,
    kBlockMappingStart,
    kBlockEnd,
    kFlowSequenceStart,
    kFlowSequenceEnd,
    kFlowMappingStart,
    kFlowMappingEnd,
    kBlockEntry,
    kFlowEntry,
    kKey,
    kValue,
    kAlias,
    kAnchor,
    kTag,
    kScalar,
  };

  Type type = Type::kStreamStart;
  YamlScalarStyle style = YamlScalarStyle::kPlain;
  uint8_t width = 0;       // of an indicator: where the token ends is start.column + width
  int16_t key_level = -1;  // of the simple key that may start here
  YamlMark start;
  // A scalar's text, an anchor's name, a tag's or directive's handle; valid while the scanner
  // lives.
  absl::string_view value;
  absl::string_view suffix;  // of a tag; the prefix of a directive

  // Where an indicator ends.
  YamlMark end() const { return YamlMark{start.offset + width, start.line, start.column + width}; }
};

// A run of comments and the token that it goes with.
struct YamlComment {
  YamlMark scan;   // where the blanks before it began
  YamlMark token;  // goes with the first token at or after this place
  YamlMark start;
  YamlMark end;
  // One of them is set.
  std::string head;
  std::string line;
  std::string foot;
};

// Why a stream cannot be read. go-yaml's two generations pick different lines for the message.
struct YamlError {
  enum class Source : uint8_t { kNone, kReader, kScanner, kParser };

  Source source = Source::kNone;
  const char* problem = "";
  int32_t problem_line = 0;
  int32_t context_line = 0;

  explicit operator bool() const { return source != Source::kNone; }
  // "yaml: line 3: did not find expected key"
  std::string Message(bool v3) const;
};

class YamlScanner {
 public:
  enum class Comments : uint8_t { kDrop, kKeep };

  YamlScanner(absl::string_view text, Comments comments);

  // The next token, or nullptr after an error. With comments, those that belong before it wait in
  // comments().
  const YamlToken* Peek() { return token_available_ || FetchMore() ? &tokens_[head_] : nullptr; }
  // Drops the token that Peek() gave.
  void Skip() {
    token_available_ = false;
    ++tokens_parsed_;
    ++head_;
  }

  const YamlError& error() const { return error_; }
  void SetError(const YamlError& error) { error_ = error; }

  // Whether a comment was dropped inside a flow collection.
  bool saw_flow_comment() const { return saw_flow_comment_; }

  // Comments not yet taken, in order of their place.
  std::deque<YamlComment>& comments() { return comments_; }

 private:
  using Type = YamlToken::Type;

  struct SimpleKey {
    bool possible = false;
    bool required = false;
    uint64_t token_number = 0;
    size_t character = 0;
    YamlMark mark;
  };

  struct CommentRun;

  // Where we are.
  bool At(char c) const { return *p_ == c; }
  bool at_end() const { return *p_ == '\0'; }
  uint32_t offset() const { return static_cast<uint32_t>(p_ - begin_); }
  // How many characters precede p_; must not be called for earlier places later.
  size_t character();
  int32_t column() { return static_cast<int32_t>(character() - line_start_); }
  YamlMark mark() { return YamlMark{offset(), line_, column()}; }
  bool at_line_begin() const { return p_ == line_begin_; }
  // Past the line break at p_; what it reads as: "\n", or itself if it is one of Unicode's.
  absl::string_view TakeBreak();

  bool Fail(const char* problem, const YamlMark& context);

  bool FetchMore();
  bool FetchNext();
  bool Dispatch();
  bool FetchStreamEnd();
  bool FetchDirective();
  bool FetchDocumentIndicator(Type type);
  bool FetchFlowStart(Type type);
  bool FetchFlowEnd(Type type);
  bool FetchFlowEntry();
  bool FetchBlockEntry();
  bool FetchKey();
  bool FetchValue();
  bool FetchAnchor(Type type);
  bool FetchTag();
  bool FetchBlockScalar(bool literal);
  bool FetchQuoted(bool single);
  bool FetchPlain();

  YamlToken& Append(Type type, const YamlMark& start);
  void Insert(uint64_t number, Type type, const YamlMark& start);

  bool SaveSimpleKey();
  bool RemoveSimpleKey();
  void ForgetKey(uint64_t token_number);
  // False with valid == false: an error.
  bool CheckSimpleKey(SimpleKey& key, bool& valid);
  bool RollIndent(int32_t column, Type type, const YamlMark& mark, const uint64_t* number);
  void UnrollIndent(int32_t column, const YamlMark& scan_mark);

  bool SkipToNextToken();
  void SkipBlanks();
  void SkipComment();

  bool ScanDirectiveName(const YamlMark& start, absl::string_view& name);
  bool ScanVersionNumber(const YamlMark& start, int& number);
  bool ScanVersion(const YamlMark& start, YamlToken& token);
  bool ScanTagDirective(const YamlMark& start, YamlToken& token);
  bool ScanTagHandle(const YamlMark& start, bool directive, absl::string_view& handle);
  bool ScanTagUri(const YamlMark& start, absl::string_view head, absl::string_view& uri);
  bool ScanUriEscape(const YamlMark& start);

  bool ScanBlockScalarHeader(const YamlMark& start, int& chomping, int& increment);
  bool ScanBlockScalarBreaks(const YamlMark& start, int32_t& indent, std::string& breaks);
  bool ScanBlockScalar(const YamlMark& start, bool literal, absl::string_view& value);
  bool ScanQuoted(const YamlMark& start, bool single, absl::string_view& value);
  bool ScanQuotedWords(const YamlMark& start, char quote, bool& joined);
  bool ScanEscape(const YamlMark& start);
  bool ScanPlain(const YamlMark& start, absl::string_view& value);
  bool AtDocumentIndicator() const;
  void TakePlainRun();
  // Moves scratch_ to where it lives as long as the scanner.
  absl::string_view Keep();

  // Comments (yaml_scanner_comments.cc).
  void HeadInsteadOfLineComment();
  void ScanLineComment(const YamlMark& token_mark);
  void ScanComments(YamlMark scan_mark);
  void ReadComment(const char* from, std::string& text);
  void AddFoot(CommentRun& run, const YamlMark& end);

  YamlSource source_;
  const bool keep_comments_;
  const char* begin_;
  const char* p_;
  const char* line_begin_;
  int32_t line_ = 0;
  size_t line_start_ = 0;  // characters before this line
  // Non-ASCII text: the continuation bytes before counted_.
  const char* counted_;
  size_t continuations_ = 0;
  int newlines_ = 0;  // line breaks since the last character that is not blank

  std::vector<YamlToken> tokens_;  // those from head_ on are still to be parsed
  size_t head_ = 0;
  uint64_t tokens_parsed_ = 0;
  bool token_available_ = false;
  bool started_ = false;
  bool saw_flow_comment_ = false;
  bool ended_ = false;

  int32_t indent_ = -1;
  std::vector<int32_t> indents_;
  size_t flow_level_ = 0;
  bool simple_key_allowed_ = true;
  int16_t pending_key_level_ = -1;
  std::vector<SimpleKey> simple_keys_;

  std::deque<YamlComment> comments_;
  std::string scratch_;           // of the scalar being built
  std::deque<std::string> kept_;  // scalars that are not in the source as such
  YamlError error_;
};

}  // namespace sluice::value
