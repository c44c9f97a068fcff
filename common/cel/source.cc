// SPDX-License-Identifier: Apache-2.0
#include "common/cel/source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

// A longer line is not repeated in the message.
constexpr size_t kMaxSnippetBytes = 16384;

std::string FormatIssue(absl::string_view text, const Issue& issue) {
  if (text.empty()) return absl::StrCat("ERROR: <input>:1:0: ", issue.message);
  const size_t offset = std::min<size_t>(issue.offset, text.size());
  const absl::string_view before = text.substr(0, offset);
  const size_t line_number =
      1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t newline = before.rfind('\n');
  const size_t line_start = newline == absl::string_view::npos ? 0 : newline + 1;
  const absl::string_view line = text.substr(line_start, text.find('\n', line_start) - line_start);

  // The caret line: a dot for each character before, as wide as the character.
  std::string caret;
  size_t column = 1;
  absl::string_view rest = line;
  for (size_t at = line_start; at < offset && !rest.empty(); ++column) {
    const size_t size = text::DecodeFirst(rest).size;
    caret += size > 1 ? "\uff0e" : ".";
    rest.remove_prefix(size);
    at += size;
  }
  caret += text::DecodeFirst(rest).size > 1 ? "\uff3e" : "^";

  std::string message =
      absl::StrCat("ERROR: <input>:", line_number, ":", column, ": ", issue.message);
  if (line.size() > kMaxSnippetBytes) return message;
  std::string shown(line);
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  absl::StrAppend(&message, "\n | ", shown, "\n | ", caret);
  return message;
}

}  // namespace

std::string FormatIssues(absl::string_view text, std::vector<Issue> issues) {
  std::stable_sort(issues.begin(), issues.end(),
                   [](const Issue& a, const Issue& b) { return a.offset < b.offset; });
  std::string message;
  for (const Issue& issue : issues) {
    if (!message.empty()) message += '\n';
    message += FormatIssue(text, issue);
  }
  return message;
}

}  // namespace sluice::cel
