// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/json_text.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/jsonschema/json_syntax.h"
#include "common/value/json.h"

namespace sluice::jsonschema {
namespace {

// Walks a text that is known to be JSON beside the value that was read from it. Of a member that is
// written twice the last one counts, so what an earlier one left is overwritten.
class LiteralCollector {
 public:
  LiteralCollector(absl::string_view text, JsonText& out) : text_(text), out_(out) {}

  void Run() { Node(&out_.value); }

 private:
  void Blanks() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  // A string; its text without quotes, escapes as they are.
  absl::string_view String() {
    const size_t first = ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(first, at_++ - first);
  }

  // `value` is null where the text's structure is not the value's.
  void Node(const Value* value) {
    Blanks();
    switch (text_[at_]) {
      case '{':
        return Object(value);
      case '[':
        return Array(value);
      case '"':
        String();
        return;
      default:
        return Word(value);
    }
  }

  void Word(const Value* value) {
    const size_t first = at_;
    while (at_ < text_.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text_[at_])) ||
                                  text_[at_] == '+' || text_[at_] == '-' || text_[at_] == '.')) {
      ++at_;
    }
    if (value == nullptr || !value->is_number()) return;
    const absl::string_view literal = text_.substr(first, at_ - first);
    if (literal == value::FormatJson(*value)) {
      out_.literals.erase(value);
    } else {
      out_.literals[value] = std::string(literal);
    }
  }

  void Array(const Value* value) {
    ++at_;
    Blanks();
    for (size_t i = 0; text_[at_] != ']'; ++i) {
      Node(value != nullptr && i < value->items().size() ? &value->items()[i] : nullptr);
      Blanks();
      if (text_[at_] == ',') ++at_;
    }
    ++at_;
  }

  void Object(const Value* value) {
    ++at_;
    Blanks();
    while (text_[at_] != '}') {
      Blanks();
      const absl::string_view key = String();
      Blanks();
      ++at_;  // the colon
      Node(value == nullptr ? nullptr : Member(*value, key));
      Blanks();
      if (text_[at_] == ',') {
        ++at_;
        Blanks();
      }
    }
    ++at_;
  }

  static const Value* Member(const Value& value, absl::string_view key) {
    if (key.find('\\') == absl::string_view::npos) {
      if (const Value* found = value.Find(key)) return found;
    }
    const absl::StatusOr<Value> unescaped = value::ParseJson(absl::StrCat("\"", key, "\""));
    return unescaped.ok() ? value.Find(unescaped->str()) : nullptr;
  }

  const absl::string_view text_;
  JsonText& out_;
  size_t at_ = 0;
};

}  // namespace

std::string JsonText::LiteralOf(const Value& value) const {
  const auto found = literals.find(&value);
  return found != literals.end() ? found->second : value::FormatJson(value);
}

absl::StatusOr<JsonText> ReadJson(absl::string_view text) {
  absl::StatusOr<Value> value = value::ParseJson(text);
  if (!value.ok()) {
    const std::string fault = GoSyntaxError(text);
    return fault.empty() ? value.status() : absl::InvalidArgumentError(fault);
  }
  JsonText read;
  read.value = *std::move(value);
  LiteralCollector(text, read).Run();
  return read;
}

}  // namespace sluice::jsonschema
