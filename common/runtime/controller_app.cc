// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller_app.h"

#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace sluice::runtime {

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
