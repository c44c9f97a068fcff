// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/label_selector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::kustomize {
namespace {

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// Letters, digits, "-", "_" and ".", the first and last a letter or digit.
bool IsNamePart(absl::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!IsAlnum(text.front()) || !IsAlnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool IsQualifiedName(absl::string_view key) {
  const size_t slash = key.find('/');
  if (slash == absl::string_view::npos) return IsNamePart(key);
  const absl::string_view prefix = key.substr(0, slash);
  const bool dns = !prefix.empty() && prefix.size() <= 253 &&
                   std::all_of(prefix.begin(), prefix.end(), [](char c) {
                     return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                            absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' ||
                            c == '.';
                   });
  return dns && IsNamePart(key.substr(slash + 1));
}

enum class Token : uint8_t {
  kEnd,
  kWord,
  kOpen,
  kClose,
  kComma,
  kNot,
  kEquals,
  kNotEquals,
  kGreater,
  kLess
};

}  // namespace

class LabelSelector::Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) { Next(); }

  absl::StatusOr<LabelSelector> Run() {
    LabelSelector selector;
    while (token_ != Token::kEnd) {
      ASSIGN_OR_RETURN(Requirement requirement, OneRequirement());
      selector.requirements_.push_back(std::move(requirement));
      if (token_ == Token::kEnd) break;
      if (token_ != Token::kComma) return Unexpected("',' or the end");
      Next();
      if (token_ != Token::kWord && token_ != Token::kNot) return Unexpected("a name after ','");
    }
    return selector;
  }

 private:
  void Next() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) {
      ++at_;
    }
    if (at_ >= text_.size()) {
      token_ = Token::kEnd;
      return;
    }
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    word_ = absl::string_view();
    switch (c) {
      case '(':
        return Take(Token::kOpen, 1);
      case ')':
        return Take(Token::kClose, 1);
      case ',':
        return Take(Token::kComma, 1);
      case '>':
        return Take(Token::kGreater, 1);
      case '<':
        return Take(Token::kLess, 1);
      case '=':
        return Take(Token::kEquals, next == '=' ? 2 : 1);
      case '!':
        return next == '=' ? Take(Token::kNotEquals, 2) : Take(Token::kNot, 1);
      default:
        break;
    }
    const size_t start = at_;
    while (at_ < text_.size() && !absl::ascii_isspace(static_cast<unsigned char>(text_[at_])) &&
           !absl::StrContains("(),><=!", text_.substr(at_, 1))) {
      ++at_;
    }
    word_ = text_.substr(start, at_ - start);
    token_ = Token::kWord;
  }

  void Take(Token token, size_t length) {
    token_ = token;
    at_ += length;
  }

  absl::Status Unexpected(absl::string_view wanted) const {
    return absl::InvalidArgumentError(absl::StrCat("unable to parse selector '", text_,
                                                   "': expected ", wanted, " at column ", at_ + 1));
  }

  absl::StatusOr<Requirement> OneRequirement() {
    Requirement requirement;
    if (token_ == Token::kNot) {
      requirement.op = Operator::kAbsent;
      Next();
    }
    if (token_ != Token::kWord) return Unexpected("a name");
    requirement.key = std::string(word_);
    if (!IsQualifiedName(requirement.key)) {
      return absl::InvalidArgumentError(absl::StrCat("unable to parse selector '", text_, "': '",
                                                     requirement.key, "' is no label name"));
    }
    Next();
    if (requirement.op == Operator::kAbsent || token_ == Token::kEnd || token_ == Token::kComma) {
      return requirement;
    }
    RETURN_IF_ERROR(OperatorAndValues(requirement));
    for (const std::string& value : requirement.values) {
      if (!value.empty() && !IsNamePart(value)) {
        return absl::InvalidArgumentError(absl::StrCat("unable to parse selector '", text_, "': '",
                                                       value, "' is no label value"));
      }
    }
    return requirement;
  }

  absl::Status OperatorAndValues(Requirement& requirement) {
    const bool in = token_ == Token::kWord && word_ == "in";
    if (in || (token_ == Token::kWord && word_ == "notin")) {
      requirement.op = in ? Operator::kIn : Operator::kNotIn;
      Next();
      return ValueSet(requirement.values);
    }
    switch (token_) {
      case Token::kEquals:
        requirement.op = Operator::kIn;
        break;
      case Token::kNotEquals:
        requirement.op = Operator::kNotIn;
        break;
      case Token::kGreater:
        requirement.op = Operator::kGreater;
        break;
      case Token::kLess:
        requirement.op = Operator::kLess;
        break;
      default:
        return Unexpected("an operator: =, ==, !=, in, notin, > or <");
    }
    Next();
    if (token_ == Token::kEnd || token_ == Token::kComma) {
      requirement.values.emplace_back();
      return absl::OkStatus();
    }
    if (token_ != Token::kWord) return Unexpected("a value");
    requirement.values.emplace_back(word_);
    int64_t number = 0;
    if ((requirement.op == Operator::kGreater || requirement.op == Operator::kLess) &&
        !absl::SimpleAtoi(word_, &number)) {
      return Unexpected("a number");
    }
    Next();
    return absl::OkStatus();
  }

  absl::Status ValueSet(std::vector<std::string>& values) {
    if (token_ != Token::kOpen) return Unexpected("'('");
    Next();
    while (token_ != Token::kClose) {
      if (token_ == Token::kWord) {
        values.emplace_back(word_);
        Next();
      } else if (token_ == Token::kComma) {
        values.emplace_back();
      } else {
        return Unexpected("',' or ')'");
      }
      if (token_ == Token::kComma) {
        Next();
        if (token_ == Token::kClose) values.emplace_back();
      }
    }
    if (values.empty()) return Unexpected("a value in the parentheses");
    Next();
    return absl::OkStatus();
  }

  absl::string_view text_;
  size_t at_ = 0;
  Token token_ = Token::kEnd;
  absl::string_view word_;
};

absl::StatusOr<LabelSelector> LabelSelector::Parse(absl::string_view text) {
  return Parser(text).Run();
}

bool LabelSelector::Matches(const Requirement& requirement, const TextMap& labels) {
  const absl::string_view* value = FindText(labels, requirement.key);
  const bool listed =
      value != nullptr && std::find(requirement.values.begin(), requirement.values.end(), *value) !=
                              requirement.values.end();
  switch (requirement.op) {
    case Operator::kIn:
      return listed;
    case Operator::kNotIn:
      return !listed;
    case Operator::kExists:
      return value != nullptr;
    case Operator::kAbsent:
      return value == nullptr;
    case Operator::kGreater:
    case Operator::kLess:
      break;
  }
  int64_t actual = 0;
  int64_t bound = 0;
  if (value == nullptr || !absl::SimpleAtoi(*value, &actual) ||
      !absl::SimpleAtoi(requirement.values[0], &bound)) {
    return false;
  }
  return requirement.op == Operator::kGreater ? actual > bound : actual < bound;
}

bool LabelSelector::Matches(const TextMap& labels) const {
  return std::all_of(
      requirements_.begin(), requirements_.end(),
      [&labels](const Requirement& requirement) { return Matches(requirement, labels); });
}

}  // namespace sluice::kustomize
