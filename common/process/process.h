// Child processes: programs that a test or `sluice up` starts, watches and ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace sluice::process {

// A child process; killed when destroyed, or when the process that started it dies. Not
// thread-safe.
class Process {
 public:
  // `command[0]` is a path. Output of both kinds goes to the file `log`, which is appended to.
  static absl::StatusOr<std::unique_ptr<Process>> Start(
      const std::vector<std::string>& command, const std::string& log,
      const std::vector<std::pair<std::string, std::string>>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running();
  pid_t pid() const { return pid_; }  // -1 once it is known to be gone
  // What a running process has used so far, and uses now.
  struct Usage {
    double cpu_seconds = 0;
    double peak_mib = 0;          // resident
    double resident_mib = 0;      // now
    double proportional_mib = 0;  // the same, with what is shared divided by who shares it
    double anonymous_mib = 0;     // resident and not a part of any file: heap and stacks
    int threads = 0;
    int descriptors = 0;
  };
  Usage usage() const;
  // What /proc has about it: "cmdline", "environ", "limits" … "" if there is no such file.
  std::string Proc(const std::string& file) const;
  // Sends `signal`, if it still runs.
  void Signal(int signal);
  // The same, and waits until the process is gone: its exit code, or 128 + the signal that
  // ended it. kDeadlineExceeded if it outlives `limit`; it is then killed.
  absl::StatusOr<int> End(int signal, absl::Duration limit);
  // What it has printed.
  std::string Output() const;

 private:
  Process(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}

  pid_t pid_;
  std::string log_;
  int exit_code_ = -1;  // once it is gone
};

}  // namespace sluice::process
