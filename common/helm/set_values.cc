// SPDX-License-Identifier: Apache-2.0
#include "common/helm/set_values.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/literal.h"
#include "common/helm/json_prefix.h"
#include "common/helm/values_file.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"
#include "common/value/json.h"

namespace sluice::helm {
namespace {

absl::Status Invalid(absl::string_view message) { return absl::InvalidArgumentError(message); }

// The end of the text, where one more character was looked for. Go's io.EOF.
absl::Status AtEnd() { return absl::OutOfRangeError("EOF"); }
bool IsEnd(const absl::Status& status) { return absl::IsOutOfRange(status); }

absl::string_view GoType(const Value& value) {
  if (value.is_null()) return "nil";
  if (value.is_bool()) return "bool";
  if (value.is_string()) return "string";
  if (value.is_array()) return "[]interface {}";
  if (value.is_object()) return "map[string]interface {}";
  return value.is_integer() ? "int64" : "float64";
}

// What Helm makes of the panic of a wrong type assertion.
absl::Status WrongType(const Value& value, absl::string_view wanted) {
  return Invalid(absl::StrCat("unable to parse key: interface conversion: interface {} is ",
                              GoType(value), ", not ", wanted));
}

absl::Status TooDeep() {
  return Invalid(
      absl::StrCat("value name nested level is greater than maximum supported nested level of ",
                   kMaxSetNesting));
}

// The value of a text for --set.
Value Typed(const std::string& text) {
  if (absl::EqualsIgnoreCase(text, "true")) return Value(true);
  if (absl::EqualsIgnoreCase(text, "false")) return Value(false);
  if (absl::EqualsIgnoreCase(text, "null")) return Value();
  if (text == "0") return Value(0);
  if (!text.empty() && text[0] != '0') {
    if (const auto number = gotmpl::ParseInt(text, 10)) return Value(*number);
  }
  return Value(text);
}

// A list of characters as %q prints it.
std::string QuotedCharacters(absl::string_view text) {
  std::vector<std::string> quoted;
  while (!text.empty()) {
    const text::Decoded next = text::DecodeFirst(text);
    const absl::string_view character = text.substr(0, next.size);
    if (character == "'") {
      quoted.push_back("'\\''");
    } else if (character == "\"") {
      quoted.push_back("'\"'");
    } else {
      const std::string in_quotes = text::Quote(character);
      quoted.push_back(absl::StrCat("'", in_quotes.substr(1, in_quotes.size() - 2), "'"));
    }
    text.remove_prefix(next.size);
  }
  return absl::StrCat("[", absl::StrJoin(quoted, " "), "]");
}

class SetParser {
 public:
  SetParser(absl::string_view text, SetForm form, Dialect dialect, const FileReader& read)
      : rest_(text), form_(form), dialect_(dialect), read_(read) {}

  absl::Status Run(Value& values) {
    while (true) {
      const absl::Status status = Key(values, 0);
      if (IsEnd(status)) return absl::OkStatus();
      RETURN_IF_ERROR(status);
    }
  }

 private:
  // A text up to one of a few characters.
  struct Word {
    std::string text;
    char stop = 0;  // 0 at the end
  };

  Word Until(absl::string_view stops) {
    Word word;
    while (!rest_.empty()) {
      text::Decoded next = text::DecodeFirst(rest_);
      const char first = rest_[0];
      rest_.remove_prefix(next.size);
      if (next.size == 1 && absl::StrContains(stops, first)) {
        word.stop = first;
        return word;
      }
      if (first == '\\' && form_ != SetForm::kLiteral) {
        if (rest_.empty()) return word;
        next = text::DecodeFirst(rest_);
        rest_.remove_prefix(next.size);
      }
      text::AppendCharacter(next.character, word.text);
    }
    return word;
  }

  // One name, what follows it, and the value. EOF where nothing is left.
  absl::Status Key(Value& data, int nesting) {
    const Word word = Until(form_ == SetForm::kLiteral ? "=[." : "=[,.");
    const std::string& key = word.text;
    switch (word.stop) {
      case '[':
        return Element(data, key, nesting);
      case '=':
        return Assign(data, key);
      case ',':
        Put(data, key, Value(""));
        return Invalid(absl::StrCat("key ", text::Quote(key), " has no value (cannot end with ,)"));
      case '.':
        return Inner(data, key, nesting + 1);
      default:
        if (key.empty()) return AtEnd();
        return Invalid(absl::StrCat("key ", text::Quote(key), " has no value"));
    }
  }

  absl::Status Inner(Value& data, const std::string& key, int nesting) {
    if (nesting > kMaxSetNesting) {
      return Invalid(
          absl::StrCat("value name nested level is greater than maximum supported nested level of ",
                       kMaxSetNesting));
    }
    Value* const held = data.FindMutable(key);
    if (held != nullptr && !held->is_object()) return WrongType(*held, "map[string]interface {}");
    Value fresh = Value::EmptyObject();
    Value& inner = held != nullptr ? *held : fresh;
    const absl::Status status = Key(inner, nesting);
    if (status.ok() && inner.empty()) {
      return Invalid(absl::StrCat("key map ", text::Quote(key), " has no value"));
    }
    if (held == nullptr && !inner.empty()) Put(data, key, std::move(fresh));
    return status;
  }

  absl::Status Element(Value& data, const std::string& key, int nesting) {
    ASSIGN_OR_RETURN(const int64_t index, Index());
    Value list = Value::EmptyArray();
    if (Value* const held = data.FindMutable(key)) {
      if (!held->is_array()) return WrongType(*held, "[]interface {}");
      list = std::move(*held);
    }
    const absl::Status status = Item(list, index, nesting);
    Put(data, key, std::move(list));
    return status;
  }

  absl::StatusOr<int64_t> Index() {
    const Word word = Until("]");
    if (word.stop == 0) {
      // Helm 4 takes the end here for the end of the whole text.
      if (dialect_ == Dialect::kHelm4) return AtEnd();
      return Invalid("error parsing index: EOF");
    }
    if (const auto index = gotmpl::ParseInt(word.text, 10)) return *index;
    const bool number =
        !word.text.empty() &&
        std::all_of(word.text.begin() + (word.text[0] == '-' || word.text[0] == '+' ? 1 : 0),
                    word.text.end(), absl::ascii_isdigit) &&
        absl::ascii_isdigit(word.text.back());
    return Invalid(absl::StrCat("error parsing index: strconv.Atoi: parsing ",
                                text::Quote(word.text),
                                number ? ": value out of range" : ": invalid syntax"));
  }

  // What follows "[index]".
  absl::Status Item(Value& list, int64_t index, int nesting) {
    if (index < 0) return Invalid(absl::StrCat("negative ", index, " index not allowed"));
    const Word word = Until("[.=");
    if (!word.text.empty()) {
      return Invalid(
          absl::StrCat("unexpected data at end of array index: ", QuotedCharacters(word.text)));
    }
    if (word.stop == 0) return AtEnd();
    const auto at = static_cast<size_t>(index);
    const Value held = at < list.size() ? list.at(at) : Value();
    if (word.stop == '=') {
      ASSIGN_OR_RETURN(Value value, ItemValue());
      RETURN_IF_ERROR(PutAt(list, index, std::move(value)));
      return form_ == SetForm::kJson ? SkipToNext() : absl::OkStatus();
    }
    if (word.stop == '[') {
      ASSIGN_OR_RETURN(const int64_t next, Index());
      // Not so in Helm, but each level may take a megabyte.
      if (nesting >= kMaxSetNesting) return TooDeep();
      if (!held.is_null() && !held.is_array()) return WrongType(held, "[]interface {}");
      Value inner = held.is_null() ? Value::EmptyArray() : held;
      RETURN_IF_ERROR(Item(inner, next, nesting + 1));
      return PutAt(list, index, std::move(inner));
    }
    Value inner = held.is_object() ? held : Value::EmptyObject();
    if (at < list.size() && !held.is_object()) list.mutable_items()[at] = inner;
    RETURN_IF_ERROR(Key(inner, nesting));
    return PutAt(list, index, std::move(inner));
  }

  absl::StatusOr<Value> ItemValue() {
    if (form_ == SetForm::kJson) return JsonValue();
    if (form_ == SetForm::kLiteral) return Value(Until("").text);
    if (rest_.empty()) return Value("");
    if (rest_[0] == '{') return List();
    return Read(Until(",").text);
  }

  absl::Status Assign(Value& data, const std::string& key) {
    if (form_ == SetForm::kJson) {
      ASSIGN_OR_RETURN(Value value, JsonValue());
      Put(data, key, std::move(value));
      return SkipToNext();
    }
    if (form_ == SetForm::kLiteral) {
      Put(data, key, Value(Until("").text));
      return absl::OkStatus();
    }
    if (rest_.empty()) {
      Put(data, key, Value(""));
      return AtEnd();
    }
    if (rest_[0] == '{') {
      ASSIGN_OR_RETURN(Value list, List());
      Put(data, key, std::move(list));
      return absl::OkStatus();
    }
    absl::StatusOr<Value> value = Read(Until(",").text);
    Put(data, key, value.ok() ? *value : Value());
    return value.status();
  }

  absl::StatusOr<Value> List() {
    rest_.remove_prefix(1);
    Value list = Value::EmptyArray();
    while (true) {
      const Word word = Until(",}");
      if (word.stop == 0) return Invalid("list must terminate with '}'");
      ASSIGN_OR_RETURN(Value item, Read(word.text));
      list.Append(std::move(item));
      if (word.stop == ',') continue;
      if (!rest_.empty() && rest_[0] == ',') rest_.remove_prefix(1);
      return list;
    }
  }

  absl::StatusOr<Value> Read(const std::string& text) {
    if (form_ == SetForm::kTyped) return Typed(text);
    if (form_ == SetForm::kString) return Value(text);
    ASSIGN_OR_RETURN(const std::string content, read_(text));
    return Value(content);
  }

  // A JSON value. Nothing before a comma or the end is null, and the comma is taken.
  absl::StatusOr<Value> JsonValue() {
    empty_json_ = TakeBlanks();
    if (empty_json_) return Value();
    ASSIGN_OR_RETURN(const size_t length, JsonPrefixLength(rest_));
    ASSIGN_OR_RETURN(Value value, value::ParseJson(rest_.substr(0, length)));
    rest_.remove_prefix(length);
    return WithFloats(std::move(value));
  }

  absl::Status SkipToNext() {
    if (!empty_json_) TakeBlanks();
    return absl::OkStatus();
  }

  // Takes blanks, and a comma behind them. Whether there was one, or the end.
  bool TakeBlanks() {
    while (!rest_.empty()) {
      const text::Decoded next = text::DecodeFirst(rest_);
      if (next.character != ',' && !text::IsSpace(next.character)) return false;
      rest_.remove_prefix(next.size);
      if (next.character == ',') return true;
    }
    return true;
  }

  static void Put(Value& data, const std::string& key, Value value) {
    if (!key.empty()) data.Set(key, std::move(value));
  }

  static absl::Status PutAt(Value& list, int64_t index, Value value) {
    if (index > kMaxSetIndex) {
      return Invalid(absl::StrCat("index of ", index,
                                  " is greater than maximum supported index of ", kMaxSetIndex));
    }
    Value::Array& items = list.mutable_items();
    if (items.size() <= static_cast<size_t>(index)) items.resize(static_cast<size_t>(index) + 1);
    items[static_cast<size_t>(index)] = std::move(value);
    return absl::OkStatus();
  }

  absl::string_view rest_;
  const SetForm form_;
  const Dialect dialect_;
  const FileReader& read_;
  bool empty_json_ = false;
};

}  // namespace

absl::Status SetValues(absl::string_view text, SetForm form, Dialect dialect, Value& values,
                       const FileReader& read) {
  return SetParser(text, form, dialect, read).Run(values);
}

}  // namespace sluice::helm
