// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/reflector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/object.h"
#include "common/log/log.h"

namespace sluice::runtime {
namespace {

constexpr int64_t kPageSize = 500;
constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(30);
// A watch that ends sooner has failed, whatever it says: what comes next must not be asked for at
// once, or a server that ends all watches is asked without a pause. As client-go's "very short
// watch".
constexpr absl::Duration kShortWatch = absl::Seconds(1);
// A kind that is not served may be a moment later, when its CRD is applied.
constexpr absl::Duration kUnservedRetry = absl::Seconds(2);

}  // namespace

Reflector::Reflector(kube::Client& client, kube::Resource resource, ReflectorOptions options,
                     Sink& sink, Clock& clock)
    : client_(client),
      resource_(std::move(resource)),
      options_(std::move(options)),
      sink_(sink),
      clock_(clock) {}

Reflector::~Reflector() { stop_.request_stop(); }

void Reflector::Start(const Context& ctx) {
  const Context own =
      ctx.WithStopToken(stop_.get_token()).WithField("resource", resource_.group_resource());
  thread_ = std::jthread([this, own] { Run(own); });
}

absl::Status Reflector::WaitForSync(const Context& ctx) {
  while (!synced_.WaitForNotificationWithTimeout(absl::Milliseconds(20))) {
    RETURN_IF_ERROR(ctx.Check());
  }
  return absl::OkStatus();
}

void Reflector::Run(const Context& ctx) {
  absl::Duration retry = kFirstRetry;
  std::string version;  // empty: list first
  while (!ctx.cancelled()) {
    absl::Status status;
    bool lasted = false;
    if (version.empty()) {
      auto listed = List(ctx);
      if (listed.ok()) {
        version = std::move(listed).value();
        continue;
      }
      status = std::move(listed).status();
    } else {
      const absl::Time begun = clock_.Now();
      status = WatchOnce(ctx, version);
      lasted = clock_.Now() - begun >= kShortWatch;
      // Too old to go on from, or no longer served at all: what is known may be wrong.
      if (absl::IsOutOfRange(status) || absl::IsNotFound(status)) version.clear();
    }
    if (ctx.cancelled()) return;
    log::Debug(ctx, "list or watch ended, trying again", {{"error", status.message()}});
    if (lasted) retry = kFirstRetry;
    if (lasted && (status.ok() || absl::IsOutOfRange(status))) continue;  // at once
    const bool unserved = absl::IsNotFound(status);
    if (unserved && !synced()) {
      log::Info(ctx, "the API server does not serve this kind yet; going on without it");
      synced_.Notify();
    }
    const absl::Duration wait =
        unserved ? kUnservedRetry : std::clamp(kube::RetryAfter(status), retry, kLongestRetry);
    if (!clock_.Sleep(ctx, wait).ok()) return;
    if (!unserved) retry = std::min(retry * 2, kLongestRetry);
  }
}

absl::StatusOr<std::string> Reflector::List(const Context& ctx) {
  sink_.BeginList();
  ASSIGN_OR_RETURN(std::string version, client_.ListEach(ctx, resource_, options_.ns,
                                                         {.label_selector = options_.label_selector,
                                                          .field_selector = options_.field_selector,
                                                          .limit = kPageSize},
                                                         [this](Value object) {
                                                           sink_.Listed(std::move(object));
                                                           return absl::OkStatus();
                                                         }));
  sink_.EndList();
  if (!synced()) synced_.Notify();
  if (version.empty()) {
    return absl::UnavailableError(
        absl::StrCat("the list of ", resource_.group_resource(), " has no resourceVersion"));
  }
  return version;
}

absl::Status Reflector::WatchOnce(const Context& ctx, std::string& version) {
  return client_.Watch(ctx, resource_, options_.ns,
                       {.label_selector = options_.label_selector,
                        .field_selector = options_.field_selector,
                        .resource_version = version},
                       [&](kube::WatchEvent event) {
                         if (const absl::string_view seen = kube::ResourceVersion(event.object);
                             !seen.empty()) {
                           version = std::string(seen);
                         }
                         if (event.type == kube::WatchEventType::kDeleted) {
                           sink_.Removed(std::move(event.object));
                         } else if (event.type != kube::WatchEventType::kBookmark) {
                           sink_.Put(std::move(event.object));
                         }
                         return absl::OkStatus();
                       });
}

}  // namespace sluice::runtime
