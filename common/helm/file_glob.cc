// SPDX-License-Identifier: Apache-2.0
#include "common/helm/file_glob.h"

#include <cstddef>
#include <functional>
#include <utility>

#include "common/base/status_macros.h"
#include "common/text/utf8.h"

namespace sluice::helm {
namespace {

constexpr size_t kMaxSteps = 1'000'000;
constexpr size_t kMaxNesting = 50;
constexpr size_t kMaxPattern = 1'000;  // characters; matching recurses

std::u32string Decode(absl::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const text::Decoded next = text::DecodeFirst(text);
    characters += next.character;
    text.remove_prefix(next.size);
  }
  return characters;
}

absl::Status NoPattern() { return absl::InvalidArgumentError("no pattern"); }

}  // namespace

class FileGlob::Parser {
 public:
  explicit Parser(std::u32string text) : text_(std::move(text)) {}

  absl::StatusOr<Sequence> Parse() {
    if (text_.size() > kMaxPattern) return NoPattern();
    ASSIGN_OR_RETURN(Sequence sequence, ParseSequence(0));
    if (position_ < text_.size()) return NoPattern();
    return sequence;
  }

 private:
  bool AtEnd() const { return position_ == text_.size(); }
  char32_t Peek() const { return AtEnd() ? 0 : text_[position_]; }

  // Up to the end or, in a choice, up to "," or "}".
  absl::StatusOr<Sequence> ParseSequence(size_t nesting) {
    if (nesting > kMaxNesting) return NoPattern();
    Sequence sequence;
    while (!AtEnd()) {
      const char32_t next = Peek();
      if (nesting > 0 && (next == ',' || next == '}')) break;
      if (next == '*') {
        ++position_;
        const bool super = Peek() == '*';
        if (super) ++position_;
        sequence.push_back({.kind = super ? Kind::kSuper : Kind::kAny});
      } else if (next == '?') {
        ++position_;
        sequence.push_back({.kind = Kind::kSingle});
      } else if (next == '[') {
        ++position_;
        ASSIGN_OR_RETURN(Token set, ParseSet());
        sequence.push_back(std::move(set));
      } else if (next == '{') {
        ++position_;
        ASSIGN_OR_RETURN(Token choice, ParseChoice(nesting));
        sequence.push_back(std::move(choice));
      } else {
        AddText(nesting, sequence);
      }
    }
    return sequence;
  }

  void AddText(size_t nesting, Sequence& sequence) {
    Token token;
    while (!AtEnd()) {
      const char32_t next = Peek();
      if (next == '\\') {
        ++position_;
        if (AtEnd()) break;
      } else if (next == '*' || next == '?' || next == '[' || next == '{' ||
                 (nesting > 0 && (next == ',' || next == '}'))) {
        break;
      }
      token.text += text_[position_++];
    }
    sequence.push_back(std::move(token));
  }

  absl::StatusOr<Token> ParseChoice(size_t nesting) {
    Token choice{.kind = Kind::kChoice};
    while (true) {
      ASSIGN_OR_RETURN(Sequence sequence, ParseSequence(nesting + 1));
      choice.choices.push_back(std::move(sequence));
      if (AtEnd()) return choice;  // as the reference does
      if (text_[position_++] == '}') return choice;
    }
  }

  absl::StatusOr<Token> ParseSet() {
    Token set{.kind = Kind::kSet};
    if (Peek() == '!') {
      set.negated = true;
      ++position_;
    }
    if (AtEnd()) return NoPattern();
    if (position_ + 1 < text_.size() && text_[position_ + 1] == '-') {
      set.low = text_[position_];
      position_ += 2;
      if (AtEnd()) return NoPattern();
      set.high = text_[position_++];
      if (set.high < set.low) return NoPattern();
    } else {
      while (!AtEnd() && Peek() != ']') {
        if (Peek() == '\\' && ++position_ == text_.size()) return NoPattern();
        set.text += text_[position_++];
      }
      if (set.text.empty()) return NoPattern();
    }
    if (Peek() != ']') return NoPattern();
    ++position_;
    return set;
  }

  const std::u32string text_;
  size_t position_ = 0;
};

// By trying, with a bound on the steps.
class FileGlob::Matcher {
 public:
  explicit Matcher(std::u32string name) : name_(std::move(name)) {}

  bool Run(const Sequence& tokens) {
    return Match(tokens, 0, 0, [this](size_t end) { return end == name_.size(); });
  }

 private:
  using Rest = std::function<bool(size_t)>;

  bool Match(const Sequence& tokens, size_t token, size_t at, const Rest& rest) {
    if (++steps_ > kMaxSteps) return false;
    if (token == tokens.size()) return rest(at);
    const Token& current = tokens[token];
    const auto go_on = [&](size_t from) { return Match(tokens, token + 1, from, rest); };
    switch (current.kind) {
      case Kind::kText:
        return name_.compare(at, current.text.size(), current.text) == 0 &&
               go_on(at + current.text.size());
      case Kind::kSingle:
        return at < name_.size() && name_[at] != '/' && go_on(at + 1);
      case Kind::kSet:
        return at < name_.size() && InSet(current, name_[at]) != current.negated && go_on(at + 1);
      case Kind::kAny:
      case Kind::kSuper:
        for (size_t end = at;; ++end) {
          if (go_on(end)) return true;
          if (end == name_.size()) return false;
          if (current.kind == Kind::kAny && name_[end] == '/') return false;
        }
      case Kind::kChoice:
        for (const Sequence& choice : current.choices) {
          if (Match(choice, 0, at, go_on)) return true;
        }
        return false;
    }
    return false;
  }

  static bool InSet(const Token& set, char32_t character) {
    if (set.text.empty()) return character >= set.low && character <= set.high;
    return set.text.find(character) != std::u32string::npos;
  }

  const std::u32string name_;
  size_t steps_ = 0;
};

absl::StatusOr<FileGlob> FileGlob::Parse(absl::string_view pattern) {
  FileGlob glob;
  ASSIGN_OR_RETURN(glob.tokens_, Parser(Decode(pattern)).Parse());
  return glob;
}

bool FileGlob::Matches(absl::string_view name) const { return Matcher(Decode(name)).Run(tokens_); }

}  // namespace sluice::helm
