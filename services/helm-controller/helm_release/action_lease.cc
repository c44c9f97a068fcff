// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/action_lease.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {
namespace {

constexpr absl::Duration kRenewal = absl::Milliseconds(500);

const kube::Resource& Leases() {
  static const auto* const kLeases =
      new kube::Resource{"coordination.k8s.io", "v1", "leases", "Lease", true};
  return *kLeases;
}

}  // namespace

ActionLease::ActionLease(kube::Client& client, std::string ns, std::string instance, Clock& clock)
    : client_(client), ns_(std::move(ns)), instance_(std::move(instance)), clock_(clock) {
  thread_ = std::jthread([this] { Run(Context::Background().WithStopToken(stop_.get_token())); });
}

ActionLease::~ActionLease() {
  {
    absl::MutexLock lock(&mutex_);  // so that the thread's condition is looked at again
    stop_.request_stop();
  }
  thread_.join();
  {
    absl::MutexLock lock(&mutex_);
    if (attempts_ == 0) return;
  }
  client_.Delete(Context::Background().WithTimeout(kDuration), Leases(), KeyOf(instance_))
      .IgnoreError();  // it runs out by itself
}

kube::ObjectKey ActionLease::KeyOf(const std::string& instance) const {
  return {ns_, absl::StrCat("helm-controller-actions-", instance)};
}

absl::Status ActionLease::Renew(const Context& ctx) {
  const kube::ObjectKey key = KeyOf(instance_);
  const Value lease = {{"apiVersion", "coordination.k8s.io/v1"},
                       {"kind", "Lease"},
                       {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
                       {"spec",
                        {{"holderIdentity", instance_},
                         {"leaseDurationSeconds", absl::ToInt64Seconds(kDuration)},
                         {"renewTime", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", clock_.Now(),
                                                        absl::UTCTimeZone())}}}};
  return client_
      .Apply(ctx.WithTimeout(kDuration), Leases(), lease,
             {.field_manager = kFieldManager, .force = true})
      .status();
}

void ActionLease::Run(const Context& ctx) {
  const auto wanted = [this, &ctx]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return holders_ > 0 || ctx.cancelled();
  };
  while (!ctx.cancelled()) {
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&wanted));
      if (ctx.cancelled()) return;
    }
    const absl::Time begun = clock_.Now();
    absl::Status renewed = Renew(ctx);
    if (!renewed.ok() && !ctx.cancelled())
      log::Error(ctx, renewed, "cannot renew the lease for actions");
    {
      absl::MutexLock lock(&mutex_);
      if (renewed.ok()) renewed_ = begun;
      ++attempts_;
      failure_ = std::move(renewed);
    }
    clock_.Sleep(ctx, kRenewal).IgnoreError();
  }
}

absl::StatusOr<ActionLease::Held> ActionLease::Hold(const Context& ctx) {
  RETURN_IF_ERROR(ctx.Check());
  absl::MutexLock lock(&mutex_);
  ++holders_;
  const int64_t attempts = attempts_;
  const auto decided = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return clock_.Now() - renewed_ < kDuration / 2 || attempts_ > attempts;
  };
  // An attempt ends within its timeout.
  mutex_.Await(absl::Condition(&decided));
  if (attempts_ > attempts && !failure_.ok()) {
    --holders_;
    return Annotate(failure_, "cannot tell others that an action begins");
  }
  return Held(this);
}

void ActionLease::Release::operator()(ActionLease* lease) const {
  absl::MutexLock lock(&lease->mutex_);
  --lease->holders_;
}

absl::StatusOr<absl::Duration> ActionLease::Remaining(const Context& ctx,
                                                      const std::string& instance) {
  if (instance == instance_) return absl::ZeroDuration();
  const auto lease = client_.Get(ctx, Leases(), KeyOf(instance));
  if (!lease.ok() && !absl::IsNotFound(lease.status())) return lease.status();
  absl::Duration remaining;
  {
    absl::MutexLock lock(&mutex_);
    if (lease.ok()) {
      const absl::Time now = clock_.Now();
      const absl::string_view version = kube::ResourceVersion(*lease);
      Sighting& seen = others_[instance];
      if (seen.version != version) seen = {std::string(version), now};
      remaining = std::max(seen.since + kDuration - now, absl::ZeroDuration());
    }
    if (remaining == absl::ZeroDuration()) others_.erase(instance);
  }
  if (lease.ok() && remaining == absl::ZeroDuration()) {
    // Nobody needs it any more; if its owner comes to life again it makes another.
    client_.Delete(ctx, Leases(), KeyOf(instance), {.uid = std::string(kube::Uid(*lease))})
        .IgnoreError();
  }
  return remaining;
}

}  // namespace sluice::helm_controller
