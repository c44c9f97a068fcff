// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace sluice::cli {
namespace {

void AppendLine(const std::vector<std::string>& cells, const std::vector<int>& widths,
                const Style& style, std::string& out) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(&line, cells[i]);
    if (i + 1 == cells.size()) break;
    line.append(static_cast<size_t>(widths[i] - DisplayWidth(cells[i])), ' ');
    absl::StrAppend(&line, style.marks ? "  " : "\t");
  }
  absl::StripTrailingAsciiWhitespace(&line);
  absl::StrAppend(&out, line, "\n");
}

}  // namespace

std::string FormatTable(const Table& table, bool with_header, const Style& style) {
  std::vector<std::string> header;
  for (const std::string& name : table.header) header.push_back(absl::AsciiStrToUpper(name));
  std::vector<int> widths(header.size(), 0);
  const auto widen = [&widths](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < std::min(cells.size(), widths.size()); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
    }
  };
  if (with_header) widen(header);
  for (const std::vector<std::string>& row : table.rows) widen(row);

  std::string out;
  if (with_header) {
    std::string line;
    AppendLine(header, widths, style, line);
    line.pop_back();
    absl::StrAppend(&out, style.Dim(line), "\n");
  }
  for (const std::vector<std::string>& row : table.rows) AppendLine(row, widths, style, out);
  return out;
}

}  // namespace sluice::cli
