// Processes that a test starts, watches and ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::e2e {

// The path of one of our programs: "dev-apiserver", "kustomize-controller", …
std::string Program(const std::string& name);

// Whether `condition` became true before `limit` had passed. Asks every 20 ms.
bool Eventually(absl::Duration limit, const std::function<bool()>& condition);

// A folder of its own that is removed with all it holds.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(absl::string_view name) const;

 private:
  std::string path_;
};

// A child process; killed when destroyed, or when the test process dies. Not thread-safe.
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
  // What others can see of how it was started: its command line and environment; and its limits.
  std::string Environment() const;
  std::string Limits() const;
  // Sends `signal` and waits until the process is gone: its exit code, or 128 + the signal that
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

// Runs `command` to its end; its output. kUnknown with the output if it fails.
absl::StatusOr<std::string> Run(
    const std::vector<std::string>& command,
    const std::vector<std::pair<std::string, std::string>>& environment = {});

// The content of a file, without trailing newline, once it exists and is not empty; the error holds
// what `process` printed if that ends first or `limit` passes.
absl::StatusOr<std::string> AwaitFile(const std::string& path, Process& process,
                                      absl::Duration limit);

std::string ReadFile(const std::string& path);                       // "" if there is none
void WriteFile(const std::string& path, absl::string_view content);  // makes the folders

// A port of 127.0.0.1 that nobody listens on now.
int FreePort();

}  // namespace sluice::e2e
