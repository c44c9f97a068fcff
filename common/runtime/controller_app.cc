// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller_app.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "common/runtime/end_signals.h"
#include "common/runtime/unused_memory.h"

namespace sluice::runtime {

int RunController(Command& command, int argc, const char* const* argv,
                  const std::function<absl::StatusOr<int>()>& run) {
  HoldEndSignals();
  ShareArenas();
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const absl::StatusOr<int> code = run();
  if (code.ok()) return *code;
  if (absl::IsCancelled(code.status())) return 0;
  log::Error(Context::Background(), code.status(),
             absl::StrCat(command.Describe().names.front(), " cannot go on"));
  return 1;
}

absl::Status StartInformers(Process& process, const std::vector<Informer*>& informers,
                            const std::vector<std::unique_ptr<KindController>>& kinds) {
  const Context& ctx = process.context();
  for (Informer* informer : informers) informer->Start(ctx);
  for (const auto& kind : kinds) kind->StartInformer(ctx);
  for (Informer* informer : informers) RETURN_IF_ERROR(informer->WaitForSync(ctx));
  for (const auto& kind : kinds) RETURN_IF_ERROR(kind->informer().WaitForSync(ctx));
  return absl::OkStatus();
}

absl::Status StartWorkers(Process& process,
                          const std::vector<std::unique_ptr<KindController>>& kinds) {
  for (const auto& kind : kinds) kind->StartWorkers(process.context());
  process.SetReady();
  log::Info(process.context(), "all caches are filled, working");
  return absl::OkStatus();
}

absl::Status StartControllers(Process& process, const std::vector<Informer*>& informers,
                              const std::vector<std::unique_ptr<KindController>>& kinds) {
  RETURN_IF_ERROR(StartInformers(process, informers, kinds));
  return StartWorkers(process, kinds);
}

}  // namespace sluice::runtime
