// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/sprig/toml.h"
#include "common/sprig/toml_key.h"
#include "common/sprig/toml_number.h"
#include "common/sprig/toml_scanner.h"
#include "common/sprig/toml_tables.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"
#include "common/value/json.h"

namespace sluice::sprig {
namespace {

using gotmpl::List;
using gotmpl::Map;
using gotmpl::Value;

std::string CharacterOrEnd(char32_t character) {
  if (character == TomlScanner::kEnd) return "end of file";
  std::string text = "'";
  text::AppendCharacter(character, text);
  return text + "'";
}

using Key = TomlTables::Key;

class Decoder {
 public:
  explicit Decoder(absl::string_view text) : scanner_(text) {}

  absl::StatusOr<Value> Run();

 private:
  void Item();
  void Header();
  void KeyValue(Map* into);
  // "a.b =", up to the sign of equality.
  Key EqualKey();

  Value ReadValue(bool in_list);
  Value ReadList();
  Value ReadInlineTable(bool in_list);
  Value ReadNumber();

  // What is wrong with the key that is being read, if anything.
  void Check(const absl::Status& status) {
    if (!status.ok()) scanner_.Fail(status.message(), key_line_);
  }
  // An error in the item that was read last.
  void RefuseItem(absl::string_view message) { scanner_.Fail(message, scanner_.line()); }

  TomlScanner scanner_;
  TomlTables tables_;
  std::string name_;  // the key in the table that is filled, while its value is read
  int key_line_ = 1;  // of the last key
  size_t depth_ = 0;
};

absl::StatusOr<Value> Decoder::Run() {
  // The key at fault is the one at the time of the error: reading stops there.
  while (!scanner_.failed()) {
    scanner_.SkipSpace();
    if (scanner_.Peek() == TomlScanner::kEnd) break;
    Item();
  }
  if (!scanner_.failed()) return tables_.ToValue();
  const Key& table = tables_.current();
  std::string key = TomlKeyText(table);
  if (!name_.empty()) key = table.empty() ? name_ : absl::StrCat(key, ".", name_);
  return absl::InvalidArgumentError(
      absl::StrCat("toml: line ", scanner_.error_line(),
                   key.empty() ? "" : absl::StrCat(" (last key ", text::Quote(key), ")"), ": ",
                   scanner_.error()));
}

void Decoder::Item() {
  if (scanner_.Take('[')) {
    Header();
  } else {
    KeyValue(nullptr);
  }
  if (scanner_.failed()) return;
  scanner_.SkipBlanks();
  const char32_t c = scanner_.Peek();
  if (c == TomlScanner::kEnd || c == '#' || c == '\n' || c == '\r') return;
  scanner_.FailAtNext("expected a top-level item to end with a newline, comment, or EOF, but got ",
                      " instead");
}

void Decoder::Header() {
  const bool tables = scanner_.Take('[');
  Key key;
  do {
    scanner_.SkipBlanks();
    const char32_t c = scanner_.Peek();
    if (scanner_.failed()) return;
    if (c == ']' || c == TomlScanner::kEnd) {
      return scanner_.FailHere("unexpected end of table name (table names cannot be empty)");
    }
    if (c == '.') {
      return scanner_.FailHere("unexpected table separator (table names cannot be empty)");
    }
    key.push_back(scanner_.KeyPart());
    if (key.size() == 1) key_line_ = scanner_.line();
    scanner_.SkipBlanks();
  } while (scanner_.Take('.'));
  if (scanner_.failed()) return;
  if (!scanner_.Take(']')) {
    return scanner_.FailAtNext("expected '.' or ']' to end table name, but got ", " instead");
  }
  if (tables && !scanner_.Take(']')) {
    return scanner_.FailAtNext("expected end of table array name delimiter ']', but got ",
                               " instead");
  }
  Check(tables_.Open(key, tables));
}

Key Decoder::EqualKey() {
  Key key;
  scanner_.SkipBlanks();
  char32_t c = scanner_.Peek();
  if (scanner_.failed()) return key;
  if (c == '=' || c == TomlScanner::kEnd) {
    scanner_.FailHere("unexpected '=': key name appears blank");
  } else if (c == '.') {
    scanner_.FailHere("unexpected '.': keys cannot start with a '.'");
  }
  while (!scanner_.failed()) {
    key.push_back(scanner_.KeyPart());
    if (key.size() == 1) key_line_ = scanner_.line();
    scanner_.SkipBlanks();
    if (scanner_.Take('=')) break;
    if (!scanner_.Take('.')) {
      c = scanner_.Next();
      const std::string message =
          c == TomlScanner::kEnd
              ? "unexpected EOF; expected key separator '='"
              : absl::StrCat("expected '.' or '=', but got ", QuotedCharacter(c), " instead");
      if (c == '\n') {
        scanner_.Fail(message, scanner_.line() - 1);
      } else {
        scanner_.FailHere(message);
      }
      break;
    }
    scanner_.SkipBlanks();
    c = scanner_.Peek();
    if (c == '=' || c == TomlScanner::kEnd) scanner_.FailHere("unexpected '='");
    if (c == '.') scanner_.FailHere("unexpected '.'");
  }
  return key;
}

// Of an inline table the member goes `into` its value, too.
void Decoder::KeyValue(Map* into) {
  const Key outer = tables_.current();
  const Key key = EqualKey();
  if (scanner_.failed()) return;
  name_ = key.back();
  Check(tables_.OpenParents(key));
  if (scanner_.failed()) return;
  scanner_.SkipBlanks();
  const Value value = ReadValue(/*in_list=*/false);
  if (scanner_.failed()) return;
  Check(tables_.Put(name_, value));
  if (scanner_.failed()) return;
  if (into != nullptr) {
    for (size_t i = 0; i + 1 < key.size(); ++i) {
      Value& parent = (*into)[key[i]];
      if (parent.is_untyped_nil()) parent = Value::NewMap();
      into = parent.map().get();
      if (into == nullptr) {
        return scanner_.Fail(
            absl::StrCat(text::Quote(TomlKeyText(tables_.current())), " is not a table"),
            key_line_);
      }
    }
    (*into)[key.back()] = value;
  }
  tables_.Return(outer);
  name_.clear();
}

Value Decoder::ReadValue(bool in_list) {
  const char32_t c = scanner_.Peek();
  if (scanner_.failed()) return Value();
  if (depth_ >= value::kMaxDepth) {
    RefuseItem(absl::StrCat("values nest deeper than ", value::kMaxDepth));
    return Value();
  }
  if ((c >= '0' && c <= '9') || c == '+' || c == '-') return ReadNumber();
  switch (c) {
    case '[':
      scanner_.Next();
      return ReadList();
    case '{':
      scanner_.Next();
      return ReadInlineTable(in_list);
    case '"':
    case '\'':
      return Value::String(scanner_.String());
    case '.':
      scanner_.Next();
      scanner_.FailHere("floats must start with a digit, not '.'");
      return Value();
    case TomlScanner::kEnd:
      scanner_.Next();
      scanner_.FailHere("unexpected EOF; expected value");
      return Value();
    case '\n':
      scanner_.Next();
      scanner_.Fail("expected value but found '\\n' instead", scanner_.line() - 1);
      return Value();
    default:
      break;
  }
  if (scanner_.TakeWord("inf")) return Value::Float(std::numeric_limits<double>::infinity());
  if (scanner_.TakeWord("nan")) return Value::Float(std::numeric_limits<double>::quiet_NaN());
  const absl::string_view word = scanner_.Word();
  if (word == "true" || word == "false") return Value::Bool(word == "true");
  if (word.empty()) {
    scanner_.FailAtNext("expected value but found ", " instead");
  } else {
    scanner_.FailHere(absl::StrCat("expected value but found ", text::Quote(word), " instead"));
  }
  return Value();
}

Value Decoder::ReadList() {
  tables_.MarkList(name_);
  List items;
  ++depth_;
  for (;;) {
    scanner_.SkipSpace();
    if (scanner_.Take(']')) break;
    if (scanner_.Peek() == ',') {
      scanner_.Next();
      scanner_.FailHere("unexpected comma");
    }
    if (scanner_.failed()) break;
    items.push_back(ReadValue(/*in_list=*/true));
    scanner_.SkipSpace();
    if (scanner_.failed() || scanner_.Take(']')) break;
    if (scanner_.Take(',')) continue;
    const std::string got = CharacterOrEnd(scanner_.Next());
    scanner_.FailHere(
        absl::StrCat("expected a comma (',') or array terminator (']'), but got ", got));
    break;
  }
  --depth_;
  return Value::FromList(std::move(items));
}

Value Decoder::ReadInlineTable(bool in_list) {
  const Key outer = tables_.current();
  const std::string outer_name = std::exchange(name_, "");
  Check(tables_.OpenInline(outer_name, in_list));
  Value table = Value::NewMap();
  ++depth_;
  while (!scanner_.failed()) {
    scanner_.SkipSpace();
    if (scanner_.Take('}')) break;
    if (scanner_.Peek() == ',') {
      scanner_.Next();
      scanner_.FailHere("unexpected comma");
    }
    if (scanner_.failed()) break;
    KeyValue(table.map().get());
    scanner_.SkipSpace();
    if (scanner_.failed() || scanner_.Take('}')) break;
    if (scanner_.Take(',')) continue;
    const std::string got = CharacterOrEnd(scanner_.Next());
    scanner_.FailHere(absl::StrCat("expected a comma or an inline table terminator '}', but got ",
                                   got, " instead"));
  }
  if (scanner_.failed()) return Value();
  --depth_;
  tables_.Return(outer);
  name_ = outer_name;
  return table;
}

Value Decoder::ReadNumber() {
  absl::string_view text;
  absl::StatusOr<Value> value;
  switch (scanner_.Number(text)) {
    case TomlScanner::Kind::kInteger:
      value = TomlInteger(text);
      break;
    case TomlScanner::Kind::kFloat:
      value = TomlFloat(text);
      break;
    case TomlScanner::Kind::kTime:
      value = TomlTime(text);
      break;
    case TomlScanner::Kind::kNone:
      return Value();
  }
  if (value.ok()) return *std::move(value);
  RefuseItem(value.status().message());
  return Value();
}

}  // namespace

absl::StatusOr<Value> DecodeToml(absl::string_view text) {
  for (const absl::string_view mark : {"\xFF\xFE", "\xFE\xFF", "\xEF\xBB\xBF"}) {
    if (!absl::StartsWith(text, mark)) continue;
    text.remove_prefix(mark.size());
    break;
  }
  if (absl::StrContains(text.substr(0, 6), '\0')) {
    return absl::InvalidArgumentError(
        "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be "
        "UTF-8");
  }
  return Decoder(text).Run();
}

}  // namespace sluice::sprig
