// What texts of others may do to a terminal: colour it. Messages in statuses, events, logs and
// charts are written by whoever owns the upstream, and a terminal obeys more than colours
// (CVE-2021-21303 is about Helm's table of charts).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ios>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::cli {

// `text` with control characters shown ("^[" for escape) rather than there to be obeyed, but for
// tabs, line ends and whole sequences that colour ("\x1b[1;32m"). Those of Latin-1, which are two
// bytes of UTF-8, become U+FFFD.
std::string WithoutControl(absl::string_view text);

// While it lives, all that is written to `stream` passes WithoutControl().
class TerminalGuard {
 public:
  explicit TerminalGuard(std::ostream& stream);
  ~TerminalGuard();
  TerminalGuard(const TerminalGuard&) = delete;
  TerminalGuard& operator=(const TerminalGuard&) = delete;

 private:
  class Buffer;
  friend void WriteUnguarded(std::ostream& stream, absl::string_view text);

  std::ostream& stream_;
  std::unique_ptr<Buffer> buffer_;
};

// What moves the cursor: written to `stream` as it is, guarded or not.
void WriteUnguarded(std::ostream& stream, absl::string_view text);

}  // namespace sluice::cli
