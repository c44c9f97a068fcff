// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/informer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace sluice::runtime {
namespace {

constexpr int64_t kPageSize = 500;
constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(30);
// A kind that is not served may be a moment later, when its CRD is applied.
constexpr absl::Duration kUnservedRetry = absl::Seconds(2);

kube::ObjectPtr Share(Value object) { return std::make_shared<const Value>(std::move(object)); }

}  // namespace

Informer::Informer(kube::Client& client, kube::Resource resource, InformerOptions options,
                   Clock& clock)
    : client_(client),
      resource_(std::move(resource)),
      options_(std::move(options)),
      clock_(clock) {}

Informer::~Informer() { stop_.request_stop(); }

void Informer::Start(const Context& ctx) {
  const Context own =
      ctx.WithStopToken(stop_.get_token()).WithField("resource", resource_.group_resource());
  thread_ = std::jthread([this, own] { Run(own); });
}

absl::Status Informer::WaitForSync(const Context& ctx) {
  while (!synced_.WaitForNotificationWithTimeout(absl::Milliseconds(20))) {
    RETURN_IF_ERROR(ctx.Check());
  }
  return absl::OkStatus();
}

void Informer::Tell(const Change& change) {
  for (const Handler& handler : handlers_) handler(change);
}

void Informer::Run(const Context& ctx) {
  absl::Duration retry = kFirstRetry;
  std::string version;  // empty: list first
  while (!ctx.cancelled()) {
    absl::Status status;
    if (version.empty()) {
      auto listed = Relist(ctx);
      if (listed.ok()) version = std::move(listed).value();
      status = std::move(listed).status();
    } else {
      status = WatchOnce(ctx, version);
      // Too old to go on from, or no longer served at all: what we hold may be wrong.
      if (absl::IsOutOfRange(status) || absl::IsNotFound(status)) version.clear();
    }
    if (status.ok()) {
      retry = kFirstRetry;
      continue;
    }
    if (ctx.cancelled()) return;
    log::Debug(ctx, "list or watch ended, trying again", {{"error", status.message()}});
    if (absl::IsOutOfRange(status)) continue;  // list anew at once
    const bool unserved = absl::IsNotFound(status);
    if (unserved && !synced_.HasBeenNotified()) {
      log::Info(ctx, "the API server does not serve this kind yet; going on without it");
      synced_.Notify();
    }
    if (!clock_.Sleep(ctx, unserved ? kUnservedRetry : retry).ok()) return;
    if (!unserved) retry = std::min(retry * 2, kLongestRetry);
  }
}

absl::StatusOr<std::string> Informer::Relist(const Context& ctx) {
  ASSIGN_OR_RETURN(kube::ObjectList list, client_.List(ctx, resource_, options_.ns,
                                                       {.label_selector = options_.label_selector,
                                                        .field_selector = options_.field_selector,
                                                        .limit = kPageSize}));
  Store::Map objects;
  objects.reserve(list.items.size());
  for (Value& item : list.items) {
    kube::ObjectKey key = kube::KeyOf(item);
    objects.insert_or_assign(std::move(key), Share(std::move(item)));
  }
  const Store::Map now = objects;
  const Store::Map before = store_.Replace(std::move(objects));
  for (const auto& [key, object] : now) {
    const auto it = before.find(key);
    const kube::ObjectPtr old = it == before.end() ? nullptr : it->second;
    if (old != nullptr && kube::ResourceVersion(*old) == kube::ResourceVersion(*object)) continue;
    Tell({old, object});
  }
  for (const auto& [key, object] : before) {
    if (!now.contains(key)) Tell({object, nullptr});
  }
  if (!synced_.HasBeenNotified()) synced_.Notify();
  if (list.resource_version.empty()) {
    return absl::UnavailableError(
        absl::StrCat("the list of ", resource_.group_resource(), " has no resourceVersion"));
  }
  return list.resource_version;
}

absl::Status Informer::WatchOnce(const Context& ctx, std::string& version) {
  return client_.Watch(ctx, resource_, options_.ns,
                       {.label_selector = options_.label_selector,
                        .field_selector = options_.field_selector,
                        .resource_version = version},
                       [&](kube::WatchEvent event) {
                         if (const absl::string_view seen = kube::ResourceVersion(event.object);
                             !seen.empty()) {
                           version = std::string(seen);
                         }
                         if (event.type == kube::WatchEventType::kBookmark) return absl::OkStatus();
                         const kube::ObjectKey key = kube::KeyOf(event.object);
                         if (event.type == kube::WatchEventType::kDeleted) {
                           store_.Remove(key);
                           Tell({Share(std::move(event.object)), nullptr});
                         } else {
                           kube::ObjectPtr after = Share(std::move(event.object));
                           kube::ObjectPtr before = store_.Put(key, after);
                           Tell({std::move(before), std::move(after)});
                         }
                         return absl::OkStatus();
                       });
}

}  // namespace sluice::runtime
