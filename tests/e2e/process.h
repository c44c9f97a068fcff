// Processes that a test starts, watches and ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/process/process.h"
#include "common/process/reserve_port.h"

namespace sluice::e2e {

using process::Process;
using process::ReservePort;

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

}  // namespace sluice::e2e
