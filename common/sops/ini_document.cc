// SPDX-License-Identifier: Apache-2.0
#include "common/sops/ini_document.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/sops/tree.h"

namespace sluice::sops {
namespace {

constexpr char kDefault[] = "DEFAULT";
constexpr char kDelimiters[] = "=:";
constexpr absl::string_view kTriple = "\"\"\"";

absl::string_view Trim(absl::string_view text) { return absl::StripAsciiWhitespace(text); }

class Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) {
    absl::ConsumePrefix(&rest_, "\xEF\xBB\xBF");
  }

  absl::StatusOr<std::vector<IniSection>> Parse() {
    sections_.push_back({kDefault, "", {}, {}});
    size_t keys = 0;
    while (!rest_.empty()) {
      const absl::string_view line = absl::StripLeadingAsciiWhitespace(TakeLine());
      if (line.empty()) continue;
      if (line[0] == '#' || line[0] == ';') {
        absl::StrAppend(&comment_, line);
      } else if (line[0] == '[') {
        RETURN_IF_ERROR(Section(line));
      } else {
        if (++keys > kMaxNodes) return absl::ResourceExhaustedError("too many keys");
        RETURN_IF_ERROR(Key(line));
      }
    }
    return std::move(sections_);
  }

 private:
  // With its end, if it has one.
  absl::string_view TakeLine() {
    const size_t end = rest_.find('\n');
    const absl::string_view line =
        end == absl::string_view::npos ? rest_ : rest_.substr(0, end + 1);
    rest_.remove_prefix(line.size());
    return line;
  }

  std::string TakeComment() { return std::string(Trim(std::exchange(comment_, ""))); }

  absl::Status Section(absl::string_view line) {
    const size_t end = line.rfind(']');
    if (end == absl::string_view::npos) return absl::InvalidArgumentError("unclosed section");
    const absl::string_view name = line.substr(1, end - 1);
    if (name.empty()) return absl::InvalidArgumentError("empty section name");
    const absl::string_view behind = line.substr(end + 1);
    const size_t mark = behind.find_first_of("#;");
    if (mark != absl::string_view::npos) absl::StrAppend(&comment_, behind.substr(mark));
    std::string comment = TakeComment();
    sections_.push_back({std::string(name), std::move(comment), {}, {}});
    numbered_ = 1;
    return absl::OkStatus();
  }

  // Where the value begins.
  static absl::StatusOr<size_t> KeyName(absl::string_view line, std::string& name) {
    const absl::Status no_delimiter =
        absl::InvalidArgumentError("key-value delimiter not found in a line");
    absl::string_view quote;
    if (line[0] == '"') {
      quote = line.size() > 6 && absl::StartsWith(line, kTriple) ? kTriple : kTriple.substr(0, 1);
    } else if (line[0] == '`') {
      quote = "`";
    }
    if (!quote.empty()) {
      const size_t end = line.find(quote, quote.size());
      if (end == absl::string_view::npos) {
        return absl::InvalidArgumentError("missing closing key quote");
      }
      const size_t delimiter = end + quote.size() > line.size()
                                   ? absl::string_view::npos
                                   : line.find_first_of(kDelimiters, end + quote.size());
      if (delimiter == absl::string_view::npos) return no_delimiter;
      name = std::string(Trim(line.substr(quote.size(), end - quote.size())));
      return delimiter + 1;
    }
    const size_t delimiter = line.find_first_of(kDelimiters);
    if (delimiter == absl::string_view::npos) return no_delimiter;
    if (delimiter == 0) return absl::InvalidArgumentError("empty key name");
    name = std::string(Trim(line.substr(0, delimiter)));
    return delimiter + 1;
  }

  absl::Status Key(absl::string_view line) {
    std::string name;
    ASSIGN_OR_RETURN(const size_t offset, KeyName(line, name));
    if (name == "-") name = absl::StrCat("#", numbered_++);
    ASSIGN_OR_RETURN(const std::string value, ReadValue(line.substr(offset)));
    if (name.empty()) return absl::InvalidArgumentError("error creating new key: empty key name");
    IniKey& key = SetIniKey(sections_.back(), name, value);
    key.comment = TakeComment();
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadValue(absl::string_view text) {
    absl::string_view line = absl::StripLeadingAsciiWhitespace(text);
    if (line.empty()) return "";
    absl::string_view quote;
    if (line.size() > 3 && absl::StartsWith(line, kTriple)) {
      quote = kTriple;
    } else if (line[0] == '`') {
      quote = "`";
    }
    if (!quote.empty()) {
      line.remove_prefix(quote.size());
      const size_t end = line.rfind(quote);
      if (end != absl::string_view::npos) return std::string(line.substr(0, end));
      return ReadLines(line, quote);
    }
    line = Trim(line);
    if (line.back() == '\\') return ReadContinuation(line.substr(0, line.size() - 1));
    if (const size_t mark = line.find_first_of("#;"); mark != absl::string_view::npos) {
      absl::StrAppend(&comment_, line.substr(mark));
      line = Trim(line.substr(0, mark));
    }
    if (SurroundedBy(line, '\'') || SurroundedBy(line, '"')) line = line.substr(1, line.size() - 2);
    return std::string(line);
  }

  static bool SurroundedBy(absl::string_view text, char quote) {
    return text.size() >= 2 && text.front() == quote && text.find(quote, 1) == text.size() - 1;
  }

  absl::StatusOr<std::string> ReadLines(absl::string_view first, absl::string_view quote) {
    std::string value(first);
    while (!rest_.empty()) {
      const absl::string_view line = TakeLine();
      const size_t end = line.rfind(quote);
      if (end == absl::string_view::npos) {
        absl::StrAppend(&value, line);
        continue;
      }
      absl::StrAppend(&value, line.substr(0, end));
      const absl::string_view behind = line.substr(end);
      if (const size_t mark = behind.find_first_of("#;"); mark != absl::string_view::npos) {
        absl::StrAppend(&comment_, Trim(behind.substr(mark)));
      }
      return value;
    }
    return absl::InvalidArgumentError("missing closing key quote");
  }

  std::string ReadContinuation(absl::string_view first) {
    std::string value(first);
    while (!rest_.empty()) {
      const absl::string_view line = Trim(TakeLine());
      if (line.empty()) break;
      absl::StrAppend(&value, line);
      if (value.back() != '\\') break;
      value.pop_back();
    }
    return value;
  }

  absl::string_view rest_;
  std::string comment_;
  int numbered_ = 1;
  std::vector<IniSection> sections_;
};

void AppendComment(absl::string_view comment, bool trim, std::string& out) {
  if (comment.empty()) return;
  for (const absl::string_view line : absl::StrSplit(comment, '\n')) {
    if (!line.empty() && (line[0] == '#' || line[0] == ';')) {
      absl::StrAppend(&out, line.substr(0, 1), " ", Trim(line.substr(1)), "\n");
    } else {
      absl::StrAppend(&out, "; ", trim ? Trim(line) : line, "\n");
    }
  }
}

std::string QuotedName(const IniKey& key) {
  if (key.name.find_first_of("\"=:") != std::string::npos) return absl::StrCat("`", key.name, "`");
  if (absl::StrContains(key.name, "`")) return absl::StrCat(kTriple, key.name, kTriple);
  return key.name;
}

std::string QuotedValue(absl::string_view value) {
  if (value.find_first_of("\n`") != absl::string_view::npos) {
    return absl::StrCat(kTriple, value, kTriple);
  }
  if (value.find_first_of("#;") != absl::string_view::npos) return absl::StrCat("`", value, "`");
  if (Trim(value).size() != value.size()) return absl::StrCat("\"", value, "\"");
  return std::string(value);
}

}  // namespace

absl::StatusOr<std::vector<IniSection>> ParseIni(absl::string_view text) {
  return Parser(text).Parse();
}

IniKey& SetIniKey(IniSection& section, absl::string_view name, absl::string_view value) {
  const auto [at, added] = section.positions.try_emplace(name, section.keys.size());
  if (added) section.keys.push_back({std::string(name), "", ""});
  IniKey& key = section.keys[at->second];
  key.value = std::string(value);
  return key;
}

std::string FormatIni(const std::vector<IniSection>& sections) {
  std::string out;
  for (size_t i = 0; i < sections.size(); ++i) {
    const IniSection& section = sections[i];
    AppendComment(section.comment, /*trim=*/false, out);
    if (i > 0 || absl::AsciiStrToUpper(section.name) != kDefault) {
      absl::StrAppend(&out, "[", section.name, "]\n");
    } else if (section.keys.empty()) {
      continue;
    }
    size_t width = 0;
    for (const IniKey& key : section.keys) width = std::max(width, QuotedName(key).size());
    for (const IniKey& key : section.keys) {
      AppendComment(key.comment, /*trim=*/true, out);
      const std::string name = QuotedName(key);
      absl::StrAppend(&out, name, std::string(width - name.size(), ' '), " = ",
                      QuotedValue(key.value), "\n");
    }
    if (i + 1 < sections.size()) out += '\n';
  }
  return out;
}

}  // namespace sluice::sops
