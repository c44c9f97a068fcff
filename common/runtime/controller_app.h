// What is left of a controller's main() when everything common is taken out: its kinds and what
// they need. See services/*/app.cc.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/flags/command.h"
#include "common/runtime/informer.h"
#include "common/runtime/kind_controller.h"
#include "common/runtime/process.h"

namespace sluice::runtime {

// All of a controller's main(): parses the command line and calls `run`, which makes the Process.
// The exit code: that of `run`, 0 if a signal ended the start, 1 after an error, which is logged.
int RunController(Command& command, int argc, const char* const* argv,
                  const std::function<absl::StatusOr<int>()>& run);

// Starts `informers` and those of `kinds`, waits until all are filled, then starts the workers of
// `kinds` and declares the process ready. All must outlive the process's context.
absl::Status StartControllers(Process& process, const std::vector<Informer*>& informers,
                              const std::vector<std::unique_ptr<KindController>>& kinds);

// The same in two steps, for replicas that answer before they lead: the informers, filled, and the
// workers.
absl::Status StartInformers(Process& process, const std::vector<Informer*>& informers,
                            const std::vector<std::unique_ptr<KindController>>& kinds);
absl::Status StartWorkers(Process& process,
                          const std::vector<std::unique_ptr<KindController>>& kinds);

}  // namespace sluice::runtime
