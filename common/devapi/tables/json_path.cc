// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/tables/json_path.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxText = 4096;
constexpr size_t kMaxResults = 1000;

bool Compare(const Value& left, absl::string_view op, const Value& right) {
  if (op == "==")
    return left == right ||
           (left.is_number() && right.is_number() && left.double_or(0) == right.double_or(0));
  if (op == "!=") return !Compare(left, "==", right);
  int order = 0;
  if (left.is_number() && right.is_number()) {
    const double a = left.double_or(0);
    const double b = right.double_or(0);
    order = a < b ? -1 : a > b ? 1 : 0;
  } else if (left.is_string() && right.is_string()) {
    order = left.str().compare(right.str());
  } else {
    return false;
  }
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

}  // namespace

class JsonPath::Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Step>> Run() {
    if (text_.size() > kMaxText) return Fault();
    if (absl::StartsWith(text_, "{") && absl::EndsWith(text_, "}")) {
      text_ = text_.substr(1, text_.size() - 2);
    }
    if (absl::StartsWith(text_, "$")) ++pos_;
    ASSIGN_OR_RETURN(std::vector<Step> steps, ReadSteps());
    if (pos_ != text_.size()) return Fault();
    return steps;
  }

 private:
  absl::Status Fault() const {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid JSON path \"", text_, "\" at character ", pos_ + 1));
  }
  bool At(char c) const { return pos_ < text_.size() && text_[pos_] == c; }
  void SkipBlanks() {
    while (pos_ < text_.size() && absl::ascii_isspace(text_[pos_])) ++pos_;
  }

  static bool EndsName(char c) {
    return c == '.' || c == '[' || c == ']' || c == ')' || c == '=' || c == '!' || c == '<' ||
           c == '>' || c == '}' || absl::ascii_isspace(c);
  }

  std::string ReadName() {
    std::string name;
    while (pos_ < text_.size() && !EndsName(text_[pos_])) {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      name.push_back(text_[pos_++]);
    }
    return name;
  }

  absl::StatusOr<std::vector<Step>> ReadSteps() {
    std::vector<Step> steps;
    while (pos_ < text_.size() && (At('.') || At('['))) {
      Step step;
      if (At('.')) {
        ++pos_;
        if (At('.')) {
          ++pos_;
          step.kind = Step::Kind::kRecursive;
        }
        if (At('*')) {
          ++pos_;
          step.kind = Step::Kind::kWildcard;
          steps.push_back(std::move(step));
          continue;
        }
        if (At('[') || pos_ == text_.size()) {
          // ".[0]", and a lone "." for the root; but ".." is everything.
          if (step.kind == Step::Kind::kRecursive) steps.push_back(std::move(step));
          continue;
        }
        step.name = ReadName();
        if (step.name.empty()) return Fault();
      } else {
        RETURN_IF_ERROR(ReadBracket(step));
      }
      steps.push_back(std::move(step));
    }
    return steps;
  }

  absl::Status ReadBracket(Step& step) {
    ++pos_;  // [
    SkipBlanks();
    if (At('?')) {
      ++pos_;
      RETURN_IF_ERROR(ReadFilter(step));
    } else if (At('*')) {
      ++pos_;
      step.kind = Step::Kind::kWildcard;
    } else if (At('\'') || At('"')) {
      ASSIGN_OR_RETURN(const Value name, ReadQuoted());
      step.name = std::string(name.str());
    } else {
      RETURN_IF_ERROR(ReadRange(step));
    }
    SkipBlanks();
    if (!At(']')) return Fault();
    ++pos_;
    return absl::OkStatus();
  }

  absl::Status ReadRange(Step& step) {
    const size_t end = text_.find(']', pos_);
    if (end == absl::string_view::npos) return Fault();
    const absl::string_view inside = text_.substr(pos_, end - pos_);
    const size_t colon = inside.find(':');
    step.kind = colon == absl::string_view::npos ? Step::Kind::kIndex : Step::Kind::kSlice;
    const absl::string_view first = inside.substr(0, colon);
    if (!(step.kind == Step::Kind::kSlice && first.empty()) &&
        !absl::SimpleAtoi(first, &step.from)) {
      return Fault();
    }
    if (step.kind == Step::Kind::kSlice && colon + 1 < inside.size()) {
      step.has_to = true;
      if (!absl::SimpleAtoi(inside.substr(colon + 1), &step.to)) return Fault();
    }
    pos_ = end;
    return absl::OkStatus();
  }

  absl::StatusOr<Value> ReadQuoted() {
    const char quote = text_[pos_++];
    std::string out;
    while (pos_ < text_.size() && text_[pos_] != quote) {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      out.push_back(text_[pos_++]);
    }
    if (!At(quote)) return Fault();
    ++pos_;
    return Value(out);
  }

  absl::Status ReadFilter(Step& step) {
    step.kind = Step::Kind::kFilter;
    if (!At('(')) return Fault();
    ++pos_;
    SkipBlanks();
    if (!At('@')) return Fault();
    ++pos_;
    if (++depth_ > 8) return Fault();
    ASSIGN_OR_RETURN(step.left, ReadSteps());
    --depth_;
    SkipBlanks();
    for (const char* op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!absl::StartsWith(text_.substr(pos_), op)) continue;
      step.op = op;
      pos_ += step.op.size();
      break;
    }
    if (!step.op.empty()) {
      SkipBlanks();
      RETURN_IF_ERROR(ReadOperand(step.right));
    }
    SkipBlanks();
    if (!At(')')) return Fault();
    ++pos_;
    return absl::OkStatus();
  }

  absl::Status ReadOperand(Value& operand) {
    if (At('\'') || At('"')) {
      ASSIGN_OR_RETURN(operand, ReadQuoted());
      return absl::OkStatus();
    }
    const size_t start = pos_;
    while (pos_ < text_.size() && text_[pos_] != ')' && !absl::ascii_isspace(text_[pos_])) ++pos_;
    const absl::string_view word = text_.substr(start, pos_ - start);
    int64_t integer = 0;
    double number = 0;
    if (word == "true" || word == "false") {
      operand = Value(word == "true");
    } else if (absl::SimpleAtoi(word, &integer)) {
      operand = Value(integer);
    } else if (absl::SimpleAtod(word, &number)) {
      operand = Value(number);
    } else {
      return Fault();
    }
    return absl::OkStatus();
  }

  absl::string_view text_;
  size_t pos_ = 0;
  int depth_ = 0;
};

absl::StatusOr<JsonPath> JsonPath::Parse(absl::string_view text) {
  JsonPath path;
  ASSIGN_OR_RETURN(path.steps_, Parser(text).Run());
  return path;
}

bool JsonPath::Holds(const Step& filter, const Value& element) {
  std::vector<const Value*> left;
  Walk(filter.left, 0, element, left);
  if (left.empty()) return false;
  return filter.op.empty() || Compare(*left.front(), filter.op, filter.right);
}

void JsonPath::Walk(const std::vector<Step>& steps, size_t at, const Value& value,
                    std::vector<const Value*>& found) {
  if (found.size() >= kMaxResults) return;
  if (at == steps.size()) {
    found.push_back(&value);
    return;
  }
  const Step& step = steps[at];
  const auto items = value.items();
  const auto count = static_cast<int64_t>(items.size());
  switch (step.kind) {
    case Step::Kind::kField:
      if (const Value* member = value.Find(step.name)) Walk(steps, at + 1, *member, found);
      break;
    case Step::Kind::kIndex: {
      const int64_t index = step.from < 0 ? count + step.from : step.from;
      if (index >= 0 && index < count) {
        Walk(steps, at + 1, items[static_cast<size_t>(index)], found);
      }
      break;
    }
    case Step::Kind::kSlice: {
      const int64_t from = std::max<int64_t>(0, step.from < 0 ? count + step.from : step.from);
      int64_t to = count;
      if (step.has_to) to = std::min(count, step.to < 0 ? count + step.to : step.to);
      for (int64_t i = from; i < to; ++i) Walk(steps, at + 1, items[static_cast<size_t>(i)], found);
      break;
    }
    case Step::Kind::kWildcard:
      for (const Value& item : items) Walk(steps, at + 1, item, found);
      for (const value::Member& member : value.members()) Walk(steps, at + 1, member.value, found);
      break;
    case Step::Kind::kRecursive:
      if (step.name.empty()) {
        if (!value.is_null()) Walk(steps, at + 1, value, found);
      } else if (const Value* member = value.Find(step.name)) {
        Walk(steps, at + 1, *member, found);
      }
      for (const Value& item : items) Walk(steps, at, item, found);
      for (const value::Member& member : value.members()) Walk(steps, at, member.value, found);
      break;
    case Step::Kind::kFilter:
      for (const Value& item : items) {
        if (Holds(step, item)) Walk(steps, at + 1, item, found);
      }
      break;
  }
}

std::vector<const Value*> JsonPath::Find(const Value& root) const {
  std::vector<const Value*> found;
  Walk(steps_, 0, root, found);
  return found;
}

std::vector<std::string> JsonPath::Fields() const {
  std::vector<std::string> names;
  for (const Step& step : steps_) {
    if (step.kind != Step::Kind::kField) return {};
    names.push_back(step.name);
  }
  return names;
}

}  // namespace sluice::devapi
