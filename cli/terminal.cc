// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/terminal_guard.h"

namespace sluice::cli {
namespace {

struct Dress {
  const char* sign;
  const char* colour;
};

Dress DressOf(Mark mark) {
  switch (mark) {
    case Mark::kSuccess:
      return {"✔", "\x1b[32m"};
    case Mark::kFailure:
      return {"✗", "\x1b[31m"};
    case Mark::kWaiting:
      return {"◎", "\x1b[33m"};
    case Mark::kSuspended:
      return {"‖", "\x1b[2m"};
    case Mark::kAction:
      return {"►", "\x1b[36m"};
    case Mark::kGenerate:
      return {"✚", "\x1b[36m"};
  }
  return {"", ""};
}

constexpr char kReset[] = "\x1b[0m";

bool ColoursWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

// Bytes of the escape sequence or code point at the start of `text`; `columns` is what it takes.
size_t StepLength(absl::string_view text, int& columns) {
  columns = 0;
  if (text[0] == '\x1b') {
    const size_t end = text.find('m');
    return end == absl::string_view::npos ? text.size() : end + 1;
  }
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  columns = 1;
  return length;
}

}  // namespace

std::string Style::Of(Mark mark) const {
  if (!marks) return "";
  const Dress dress = DressOf(mark);
  return colours ? absl::StrCat(dress.colour, dress.sign, kReset, " ")
                 : absl::StrCat(dress.sign, " ");
}

std::string Style::Dim(absl::string_view text) const {
  return colours && !text.empty() ? absl::StrCat("\x1b[2m", text, kReset) : std::string(text);
}

std::string Style::Bold(absl::string_view text) const {
  return colours && !text.empty() ? absl::StrCat("\x1b[1m", text, kReset) : std::string(text);
}

void GuardTerminals() {
  static std::optional<TerminalGuard> out, err;
  if (isatty(STDOUT_FILENO) != 0) out.emplace(std::cout);
  if (isatty(STDERR_FILENO) != 0) err.emplace(std::cerr);
}

Style StandardOutputStyle() {
  Style style;
  if (isatty(STDOUT_FILENO) == 0) return style;
  style.marks = true;
  style.terminal = true;
  style.colours = ColoursWanted();
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) style.width = size.ws_col;
  return style;
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    int columns = 0;
    text.remove_prefix(StepLength(text, columns));
    width += columns;
  }
  return width;
}

std::string CutToWidth(absl::string_view text, int width) {
  if (width <= 0 || DisplayWidth(text) <= width) return std::string(text);
  std::string result;
  bool dressed = false;
  for (int used = 0; !text.empty();) {
    int columns = 0;
    const size_t length = StepLength(text, columns);
    if (used + columns > width - 1) break;
    dressed |= columns == 0;
    absl::StrAppend(&result, text.substr(0, length));
    text.remove_prefix(length);
    used += columns;
  }
  return absl::StrCat(result, "…", dressed ? kReset : "");
}

void PrintProgress(Mark mark, absl::string_view message) {
  Style style;
  style.marks = true;
  style.colours = isatty(STDERR_FILENO) != 0 && ColoursWanted();
  std::cerr << style.Of(mark) << message << std::endl;
}

void PrintFailure(absl::string_view message) { PrintProgress(Mark::kFailure, message); }

bool Confirm(absl::string_view question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return absl::EqualsIgnoreCase(answer, "y") || absl::EqualsIgnoreCase(answer, "yes");
}

void Screen::Paint(absl::string_view text, const Style& style) {
  std::string out;
  if (style.terminal && painted_lines_ > 0) {
    WriteUnguarded(std::cout, absl::StrCat("\x1b[", painted_lines_, "A\x1b[J"));
  }
  painted_lines_ = 0;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    absl::StrAppend(&out, CutToWidth(line, style.width), "\n");
    ++painted_lines_;
  }
  std::cout << out << std::flush;
}

}  // namespace sluice::cli
