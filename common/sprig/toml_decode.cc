// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/gotmpl/literal.h"
#include "common/sprig/time_layout.h"
#include "common/sprig/time_types.h"
#include "common/sprig/toml.h"
#include "common/sprig/toml_key.h"
#include "common/sprig/toml_scanner.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"
#include "common/value/json.h"

namespace sluice::sprig {
namespace {

using gotmpl::List;
using gotmpl::Map;
using gotmpl::Value;

using Key = std::vector<std::string>;

// What a key stands for so far.
struct Entry {
  enum class Kind : uint8_t { kValue, kTable, kTables };
  Kind kind = Kind::kTable;
  Value value;                                        // kValue
  std::map<std::string, Entry, std::less<>> members;  // kTable
  std::vector<Entry> tables;                          // kTables, the last one grows
};

Value ToValue(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::kValue:
      return entry.value;
    case Entry::Kind::kTable: {
      Map members;
      for (const auto& [name, member] : entry.members) members[name] = ToValue(member);
      return Value::FromMap(std::move(members));
    }
    case Entry::Kind::kTables: {
      List tables;
      for (const Entry& table : entry.tables) tables.push_back(ToValue(table));
      return Value::ListOf(gotmpl::types::kMaps, std::move(tables));
    }
  }
  return Value();
}

// The rules of numbers that the scanner does not know.

bool UnderscoresStandBetweenDigits(absl::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (c == '_' && !digit) return false;
    digit = absl::ascii_isxdigit(static_cast<unsigned char>(c));
  }
  return digit;
}

bool HasLeadingZero(absl::string_view text) {
  if (text.size() > 1 && text[0] == '0') return !absl::StrContains("box", text[1]);
  return text.size() > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

bool PointsStandBeforeDigits(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '.') continue;
    if (i + 1 == text.size() || !absl::ascii_isdigit(static_cast<unsigned char>(text[i + 1]))) {
      return false;
    }
  }
  return true;
}

std::string CharacterOrEnd(char32_t character) {
  if (character == TomlScanner::kEnd) return "end of file";
  std::string text = "'";
  text::AppendCharacter(character, text);
  return text + "'";
}

// Go's ParseTime reads "1" for "01"; the separators then stand elsewhere than in the layout.
bool LacksZero(absl::string_view text, absl::string_view layout) {
  for (size_t i = 0; i < layout.size() && layout[i] != '.' && layout[i] != 'Z'; ++i) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(layout[i]))) continue;
    if (i >= text.size() || text[i] != layout[i]) return true;
  }
  return false;
}

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
  Value ReadInteger(absl::string_view text);
  Value ReadFloat(absl::string_view text);
  Value ReadTime(absl::string_view text);

  void AddContext(const Key& key, bool tables);
  void AddImplicitParents(const Key& key);
  void Set(const std::string& name, Entry entry);

  // An error at the key that is being read.
  void Refuse(absl::string_view message) {
    if (scanner_.failed()) return;
    scanner_.Fail(message, key_line_);
  }
  void Defined(const Key& key) {
    Refuse(absl::StrCat("Key '", TomlKeyText(key), "' has already been defined."));
  }
  // An error in the item that was read last.
  void RefuseItem(absl::string_view message) { scanner_.Fail(message, scanner_.line()); }

  TomlScanner scanner_;
  Entry root_;
  Key context_;             // the table that is being filled
  std::string name_;        // the key in it, while its value is read
  int key_line_ = 1;        // of the last key
  std::set<Key> implicit_;  // tables that only a longer key has named
  std::set<Key> lists_;
  size_t depth_ = 0;
};

absl::StatusOr<Value> Decoder::Run() {
  // The key at fault is the one at the time of the error: reading stops there.
  while (!scanner_.failed()) {
    scanner_.SkipSpace();
    if (scanner_.Peek() == TomlScanner::kEnd) break;
    Item();
  }
  if (!scanner_.failed()) return ToValue(root_);
  std::string key = TomlKeyText(context_);
  if (!name_.empty()) key = context_.empty() ? name_ : absl::StrCat(key, ".", name_);
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
  AddContext(key, tables);
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
  const Key outer = context_;
  const Key key = EqualKey();
  if (scanner_.failed()) return;
  name_ = key.back();
  AddImplicitParents(key);
  if (scanner_.failed()) return;
  scanner_.SkipBlanks();
  const Value value = ReadValue(/*in_list=*/false);
  if (scanner_.failed()) return;
  Set(name_, {.kind = Entry::Kind::kValue, .value = value, .members = {}, .tables = {}});
  if (scanner_.failed()) return;
  if (into != nullptr) {
    for (size_t i = 0; i + 1 < key.size(); ++i) {
      Value& parent = (*into)[key[i]];
      if (parent.is_untyped_nil()) parent = Value::NewMap();
      into = parent.map().get();
      if (into == nullptr) {
        return Refuse(absl::StrCat(text::Quote(TomlKeyText(context_)), " is not a table"));
      }
    }
    (*into)[key.back()] = value;
  }
  context_ = outer;
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
  Key key = context_;
  key.push_back(name_);
  lists_.insert(key);
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
  const Key outer = context_;
  const std::string outer_name = name_;
  context_.push_back(std::exchange(name_, ""));
  implicit_.insert(context_);
  AddContext(Key(context_), in_list);
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
  context_ = outer;
  name_ = outer_name;
  return table;
}

Value Decoder::ReadNumber() {
  absl::string_view text;
  switch (scanner_.Number(text)) {
    case TomlScanner::Kind::kInteger:
      return ReadInteger(text);
    case TomlScanner::Kind::kFloat:
      return ReadFloat(text);
    case TomlScanner::Kind::kTime:
      return ReadTime(text);
    case TomlScanner::Kind::kNone:
      break;
  }
  return Value();
}

Value Decoder::ReadInteger(absl::string_view text) {
  const std::string invalid = absl::StrCat("Invalid integer ", text::Quote(text), ": ");
  if (!UnderscoresStandBetweenDigits(text)) {
    RefuseItem(absl::StrCat(invalid, "underscores must be surrounded by digits"));
  } else if (HasLeadingZero(text)) {
    RefuseItem(absl::StrCat(invalid, "cannot have leading zeroes"));
  } else if (const auto number = gotmpl::ParseInt(text, 0)) {
    return Value::Int64(*number);
  } else {
    RefuseItem(absl::StrCat(text, " is out of range for int64"));
  }
  return Value();
}

Value Decoder::ReadFloat(absl::string_view text) {
  if (absl::EndsWith(text, "inf") || absl::EndsWith(text, "nan")) {
    const double sign = text[0] == '-' ? -1 : 1;
    return Value::Float(std::copysign(absl::EndsWith(text, "inf")
                                          ? std::numeric_limits<double>::infinity()
                                          : std::numeric_limits<double>::quiet_NaN(),
                                      sign));
  }
  const std::string invalid = absl::StrCat("Invalid float ", text::Quote(text), ": ");
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar(".eE"), absl::SkipEmpty());
  if (!std::all_of(parts.begin(), parts.end(), UnderscoresStandBetweenDigits)) {
    RefuseItem(absl::StrCat(invalid, "underscores must be surrounded by digits"));
  } else if (!parts.empty() && HasLeadingZero(parts[0])) {
    RefuseItem(absl::StrCat(invalid, "cannot have leading zeroes"));
  } else if (!PointsStandBeforeDigits(text)) {
    RefuseItem(absl::StrCat(invalid, "'.' must be followed by one or more digits"));
  } else {
    const std::string digits = absl::StrReplaceAll(text, {{"_", ""}});
    double number = 0;
    if (!absl::SimpleAtod(digits, &number)) {
      RefuseItem(absl::StrCat("Invalid float value: ", text::Quote(text)));
    } else if (std::isinf(number)) {
      RefuseItem(absl::StrCat(text, " is out of range for float64"));
    } else {
      return Value::Float(number);
    }
  }
  return Value();
}

Value Decoder::ReadTime(absl::string_view written) {
  const std::string text = absl::StrReplaceAll(absl::StripAsciiWhitespace(written),
                                               {{"z", "Z"}, {"t", "T"}, {" ", "T"}});
  for (const TomlTimeForm& form : TomlTimeForms()) {
    const absl::StatusOr<Moment> moment = ParseTime(form.layout, text, form.location);
    if (!moment.ok()) continue;
    if (LacksZero(text, form.layout)) break;
    return FromMoment(*moment);
  }
  RefuseItem(absl::StrCat("invalid datetime: ", text::Quote(text)));
  return Value();
}

// Makes `key` the table that is filled, creating it and those that it lies in.
void Decoder::AddContext(const Key& key, bool tables) {
  Entry* table = &root_;
  Key path;
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    path.push_back(key[i]);
    const auto [member, added] = table->members.try_emplace(key[i]);
    if (added) implicit_.insert(path);
    table = &member->second;
    if (table->kind == Entry::Kind::kTables) table = &table->tables.back();
    if (table->kind == Entry::Kind::kValue) {
      return Refuse(absl::StrCat("Key '", TomlKeyText(path), "' was already created as a hash."));
    }
  }
  context_ = path;
  if (tables) {
    const auto [member, added] = table->members.try_emplace(key.back());
    if (added) member->second.kind = Entry::Kind::kTables;
    if (member->second.kind != Entry::Kind::kTables) {
      return Refuse(absl::StrCat("Key '", TomlKeyText(key),
                                 "' was already created and cannot be used as an array."));
    }
    member->second.tables.emplace_back();
  } else {
    Set(key.back(), Entry());
  }
  if (!scanner_.failed()) context_.push_back(key.back());
}

void Decoder::AddImplicitParents(const Key& key) {
  for (size_t i = 0; i + 1 < key.size() && !scanner_.failed(); ++i) {
    Key parent = context_;
    parent.push_back(key[i]);
    implicit_.insert(parent);
    AddContext(parent, /*tables=*/false);
  }
}

// Puts the entry into the table that is filled. What only a longer key has named may be named once.
void Decoder::Set(const std::string& name, Entry entry) {
  if (scanner_.failed()) return;
  Entry* table = &root_;
  Key path;
  for (const std::string& part : context_) {
    path.push_back(part);
    table = &table->members[part];
    if (table->kind == Entry::Kind::kTables) table = &table->tables.back();
    if (table->kind == Entry::Kind::kValue) return Defined(path);
  }
  path.push_back(name);
  const auto [member, added] = table->members.try_emplace(name);
  if (added) {
    member->second = std::move(entry);
    return;
  }
  const bool implicit = implicit_.erase(path) > 0;
  if (!implicit) return Defined(path);
  if (lists_.contains(path)) member->second = std::move(entry);
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
