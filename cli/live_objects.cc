// SPDX-License-Identifier: Apache-2.0
#include "cli/live_objects.h"

#include <algorithm>
#include <utility>

#include "common/base/clock.h"
#include "common/base/steady_clock.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {

absl::StatusOr<std::vector<const KindView*>> Served(const Context& ctx, Connection& connection,
                                                    std::span<const KindView* const> views) {
  std::vector<const KindView*> served;
  for (const KindView* view : views) {
    const auto resource = connection.discovery->Resolve(ctx, view->Resource().gvk());
    if (resource.ok()) served.push_back(view);
    if (!resource.ok() && !absl::IsNotFound(resource.status())) return resource.status();
  }
  return served;
}

void SortByName(std::vector<kube::ObjectPtr>& objects) {
  std::sort(objects.begin(), objects.end(),
            [](const auto& a, const auto& b) { return kube::KeyOf(*a) < kube::KeyOf(*b); });
}

LiveObjects::LiveObjects(Connection& connection, std::span<const KindView* const> views,
                         const runtime::InformerOptions& options) {
  for (const KindView* view : views) {
    auto informer = std::make_unique<runtime::Informer>(*connection.client, view->Resource(),
                                                        options, RealClock());
    informer->AddHandler([this, view](const runtime::Change& change) {
      absl::MutexLock lock(&mutex_);
      const bool gone = change.after == nullptr;
      changes_.push_back({view, gone ? change.before : change.after, gone});
      changed_.Signal();
    });
    watched_.push_back({view, std::move(informer)});
  }
}

absl::Status LiveObjects::Start(const Context& ctx, absl::Duration timeout) {
  for (const Watched& watched : watched_) watched.informer->Start(ctx);
  const Context limited = ctx.WithTimeout(timeout);
  for (const Watched& watched : watched_) RETURN_IF_ERROR(watched.informer->WaitForSync(limited));
  return absl::OkStatus();
}

std::vector<kube::ObjectPtr> LiveObjects::List(const KindView& view) const {
  for (const Watched& watched : watched_) {
    if (watched.view != &view) continue;
    std::vector<kube::ObjectPtr> objects = watched.informer->store().List();
    SortByName(objects);
    return objects;
  }
  return {};
}

std::vector<LiveChange> LiveObjects::Wait(const Context& ctx, absl::Time deadline) {
  const auto wake = ctx.OnCancel([this] {
    absl::MutexLock lock(&mutex_);
    changed_.Signal();
  });
  absl::MutexLock lock(&mutex_);
  while (changes_.empty() && ctx.Check().ok() && SteadyClock().Now() < deadline) {
    SteadyClock().WaitUntil(changed_, mutex_, std::min(deadline, ctx.deadline()));
  }
  return std::exchange(changes_, {});
}

}  // namespace sluice::cli
