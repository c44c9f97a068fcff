// Where output goes: marks and colours on a terminal, plain text elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::cli {

enum class Mark { kSuccess, kFailure, kWaiting, kSuspended, kAction, kGenerate };

// How text is dressed. Plain by default, so that formatting can be tested as text.
struct Style {
  bool marks = false;
  bool colours = false;
  bool terminal = false;  // what was painted can be painted over
  int width = 0;          // columns to cut lines at; 0: no limit

  // "✔ ", in colour if wanted; "" without marks.
  std::string Of(Mark mark) const;
  std::string Dim(absl::string_view text) const;
  std::string Bold(absl::string_view text) const;
};

// From now on texts on standard output and standard error only colour them, if they are terminals
// (terminal_guard.h).
void GuardTerminals();

// Of standard output: marks and colours if it is a terminal, unless $NO_COLOR is set.
Style StandardOutputStyle();

// Columns that `text` takes on a terminal: code points, escape sequences left out. Wide characters
// count as one; ours do not occur in names.
int DisplayWidth(absl::string_view text);
// The start of `text` that fits `width` columns, escape sequences kept; "…" marks the cut.
std::string CutToWidth(absl::string_view text, int width);

// One line of progress on standard error, dressed if that is a terminal.
void PrintProgress(Mark mark, absl::string_view message);
// "✗ message".
void PrintFailure(absl::string_view message);

// Asks on standard error; whether the answer on standard input is yes.
bool Confirm(absl::string_view question);

// Text that replaces what it painted before.
class Screen {
 public:
  // Writes `text`; on a terminal over the text of the last call.
  void Paint(absl::string_view text, const Style& style);

 private:
  int painted_lines_ = 0;
};

}  // namespace sluice::cli
