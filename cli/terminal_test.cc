// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <catch2/catch.hpp>

namespace sluice::cli {
namespace {

TEST_CASE("lines are cut to the width of the terminal", "[cli]") {
  CHECK(CutToWidth("abcdef", 0) == "abcdef");
  CHECK(CutToWidth("abcdef", 6) == "abcdef");
  CHECK(CutToWidth("abcdef", 5) == "abcd…");
  CHECK(CutToWidth("├── ✔ x", 7) == "├── ✔ x");
  CHECK(CutToWidth("├── ✔ x", 6) == "├── ✔…");
  CHECK(CutToWidth("\x1b[32m✔\x1b[0m abc", 4) == "\x1b[32m✔\x1b[0m a…\x1b[0m");
}

TEST_CASE("escape sequences take no columns", "[cli]") {
  CHECK(DisplayWidth("\x1b[32m✔\x1b[0m") == 1);
  CHECK(DisplayWidth("") == 0);
}

TEST_CASE("marks and colours come only where they are wanted", "[cli]") {
  Style style;
  CHECK(style.Of(Mark::kSuccess).empty());
  CHECK(style.Dim("x") == "x");
  style.marks = true;
  CHECK(style.Of(Mark::kFailure) == "✗ ");
  style.colours = true;
  CHECK(style.Of(Mark::kFailure) == "\x1b[31m✗\x1b[0m ");
}

}  // namespace
}  // namespace sluice::cli
