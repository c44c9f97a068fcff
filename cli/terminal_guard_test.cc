// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_guard.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace sluice::cli {
namespace {

TEST_CASE("texts of others colour a terminal and do nothing else to it", "[cli]") {
  struct Row {
    const char* text;
    const char* shown;
  };
  for (const Row& row : {
           Row{"plain\ttext, é ✔\n", "plain\ttext, é ✔\n"},
           Row{"\x1b[1;32m✔\x1b[0m", "\x1b[1;32m✔\x1b[0m"},
           Row{"\x1b]0;title\x07", "^[]0;title^G"},
           Row{"\x1b[2J\x1b[1;1Hall is well", "^[[2J^[[1;1Hall is well"},
           Row{"\x1b[3", "^[[3"},
           Row{"failed\r\x08\x7Fready", "failed^M^H^?ready"},
           Row{"\xC2\x9B"
               "2J",
               "\xEF\xBF\xBD"
               "2J"},
       }) {
    CAPTURE(row.text);
    CHECK(WithoutControl(row.text) == row.shown);
    std::ostringstream stream;
    {
      TerminalGuard guard(stream);
      stream << row.text;
      WriteUnguarded(stream, "\x1b[1A");
    }
    stream << "\r";
    CHECK(stream.str() == std::string(row.shown) + "\x1b[1A\r");
  }
}

}  // namespace
}  // namespace sluice::cli
