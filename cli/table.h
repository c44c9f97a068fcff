// Tables of text: aligned columns, no borders.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace sluice::cli {

struct Table {
  std::vector<std::string> header;  // printed in upper case
  std::vector<std::vector<std::string>> rows;
};

// Columns padded to their widest cell and separated by a tab, so that both eyes and `cut` read
// them; on a terminal by two blanks. Every line ends with a newline, none with blanks.
std::string FormatTable(const Table& table, bool with_header, const Style& style);

}  // namespace sluice::cli
