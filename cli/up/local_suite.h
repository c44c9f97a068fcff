// A cluster on this machine: the development API server and the four controllers as processes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/disk/temp_dir.h"
#include "common/process/process.h"
#include "common/value/value.h"

namespace sluice::cli {

// The namespace of the controllers and of the objects that `up` makes.
inline constexpr char kUpNamespace[] = "flux-system";

// Ends the processes and removes the folder when destroyed. Not thread-safe.
class LocalSuite {
 public:
  // Takes the programs from the folder that this program is in. `objects` are in the cluster from
  // the start, beside Flux's kinds. kUnavailable with the end of a log if a process does not start.
  static absl::StatusOr<std::unique_ptr<LocalSuite>> Start(const Context& ctx,
                                                           const std::vector<Value>& objects);
  ~LocalSuite();
  LocalSuite(const LocalSuite&) = delete;
  LocalSuite& operator=(const LocalSuite&) = delete;

  // Holds `kubeconfig` and the processes' logs, "<program>.log".
  const std::string& folder() const { return folder_.path(); }
  std::string kubeconfig() const { return folder_.path() + "/kubeconfig"; }

  // kUnavailable with the end of its log if a process has ended.
  absl::Status Check();

 private:
  explicit LocalSuite(disk::TempDir folder) : folder_(std::move(folder)) {}
  absl::Status WriteObjects(const std::vector<Value>& objects);
  absl::Status StartApiServer(const Context& ctx);
  absl::Status StartControllers();
  absl::Status Launch(const std::string& program, std::vector<std::string> flags);

  disk::TempDir folder_;
  std::map<std::string, std::unique_ptr<process::Process>> processes_;
};

}  // namespace sluice::cli
