// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/leader_election.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/lease.h"

namespace sluice::runtime {

LeaderElection::LeaderElection(LeaderElectionOptions options, kube::Client& client, Clock& clock)
    : options_(std::move(options)), client_(client), clock_(clock) {}

LeaderElection::~LeaderElection() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (!leading_ || !options_.release_on_cancel) return;
  const Context ctx = Context::Background().WithTimeout(absl::Seconds(2));
  const auto lease = client_.Get(ctx, LeaseResource(), {options_.ns, options_.lease});
  if (!lease.ok() || (*lease)["spec"]["holderIdentity"].str() != options_.identity) return;
  // Best effort: without it the others wait for the lease to run out.
  client_.Update(ctx, LeaseResource(), Record(*lease, true)).IgnoreError();
}

Value LeaderElection::Record(const Value& previous, bool release) const {
  Value lease = previous;
  const std::string now = MicroTime(clock_.Now());
  const bool ours = previous["spec"]["holderIdentity"].str() == options_.identity;
  lease.Set("apiVersion", "coordination.k8s.io/v1");
  lease.Set("kind", "Lease");
  lease.Ensure("metadata").Set("name", options_.lease);
  lease.Ensure("metadata").Set("namespace", options_.ns);
  Value& spec = lease.Ensure("spec");
  spec.Set("holderIdentity", release ? "" : options_.identity);
  spec.Set("leaseDurationSeconds", release ? 1 : absl::ToInt64Seconds(options_.lease_duration));
  spec.Set("renewTime", now);
  if (!ours) {
    spec.Set("acquireTime", now);
    spec.Set("leaseTransitions", previous["spec"]["leaseTransitions"].int_or(-1) + 1);
  }
  return lease;
}

absl::StatusOr<bool> LeaderElection::TryOnce(const Context& ctx) {
  auto lease = client_.Get(ctx, LeaseResource(), {options_.ns, options_.lease});
  if (absl::IsNotFound(lease.status())) {
    return client_.Create(ctx, LeaseResource(), Record(Value(), false)).ok();
  }
  RETURN_IF_ERROR(lease.status());
  if (kube::ResourceVersion(*lease) != observed_version_) {
    observed_version_ = std::string(kube::ResourceVersion(*lease));
    observed_at_ = clock_.Now();
  }
  const Value& spec = (*lease)["spec"];
  const absl::string_view holder = spec["holderIdentity"].str();
  const absl::Duration duration = absl::Seconds(spec["leaseDurationSeconds"].int_or(0));
  if (!holder.empty() && holder != options_.identity && clock_.Now() < observed_at_ + duration) {
    return false;
  }
  // A conflict means that another replica was quicker.
  return client_.Update(ctx, LeaseResource(), Record(*lease, false)).ok();
}

absl::Status LeaderElection::Acquire(const Context& ctx, std::function<void()> on_lost) {
  on_lost_ = std::move(on_lost);
  log::Info(ctx, "attempting to acquire leader lease",
            {{"lease", absl::StrCat(options_.ns, "/", options_.lease)}});
  while (true) {
    const auto ours = TryOnce(ctx);
    if (ours.ok() && *ours) break;
    if (!ours.ok()) log::Debug(ctx, "leader election", {{"error", ours.status().message()}});
    RETURN_IF_ERROR(clock_.Sleep(ctx, options_.retry_period));
  }
  log::Info(ctx, "successfully acquired lease");
  leading_ = true;
  const Context own = Context::Background().WithStopToken(stop_.get_token());
  thread_ = std::jthread([this, own] { Renew(own); });
  return absl::OkStatus();
}

void LeaderElection::Renew(const Context& ctx) {
  absl::Time renewed = clock_.Now();
  while (clock_.Sleep(ctx, options_.retry_period).ok()) {
    const auto ours = TryOnce(ctx.WithTimeout(options_.retry_period));
    if (ours.ok() && *ours) {
      renewed = clock_.Now();
    } else if (!ctx.cancelled() && clock_.Now() - renewed >= options_.renew_deadline) {
      leading_ = false;
      log::Error(ctx,
                 ours.ok() ? absl::AbortedError("another replica holds the lease") : ours.status(),
                 "leader election lost");
      on_lost_();
      return;
    }
  }
}

}  // namespace sluice::runtime
