// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/membership.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/lease.h"

namespace sluice::runtime {
namespace {

using sharding::Replicas;
using sharding::Share;

constexpr char kGroupLabel[] = "sluice.dev/replica-of";
constexpr char kSetAnnotation[] = "sluice.dev/replicas";
constexpr char kDurationAnnotation[] = "sluice.dev/lease-milliseconds";
constexpr absl::Duration kLongestLease = absl::Seconds(15);
// How often work that has to end is looked at.
constexpr absl::Duration kDrainPoll = absl::Milliseconds(10);
constexpr absl::Duration kRetry = absl::Milliseconds(100);
// A lease outlasts so many answers of the slowest kind.
constexpr int kAnswersPerLease = 6;
constexpr size_t kAnswersKept = 16;

}  // namespace

Membership::Membership(MembershipOptions options, kube::Client& client, sharding::Shares& shares,
                       Clock& clock)
    : options_(std::move(options)),
      client_(client),
      shares_(shares),
      clock_(clock),
      informer_(client, LeaseResource(),
                {options_.ns, absl::StrCat(kGroupLabel, "=", options_.group), ""}, clock) {
  informer_.AddHandler([this](const Change& change) { OnLease(change); });
}

Membership::~Membership() {
  stop_.request_stop();
  {
    absl::MutexLock lock(&mutex_);
    ++changes_;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Membership::Start() {
  const Context own = Context::Background().WithStopToken(stop_.get_token());
  informer_.Start(own);
  thread_ = std::jthread([this, own] { Run(own); });
}

void Membership::OnLease(const Change& change) {
  const Value& lease = change.object();
  const std::string name(kube::Name(lease));
  absl::MutexLock lock(&mutex_);
  ++changes_;
  changed_.SignalAll();
  if (change.after == nullptr) {
    leases_.erase(name);
    return;
  }
  Peer& peer = leases_[name];
  peer.version = kube::VersionNumber(kube::ResourceVersion(lease));
  peer.uid = std::string(kube::Uid(lease));
  peer.set =
      Replicas(absl::StrSplit(kube::Annotation(lease, kSetAnnotation), ',', absl::SkipEmpty()));
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(kube::Annotation(lease, kDurationAnnotation), &milliseconds)) {
    milliseconds = absl::ToInt64Milliseconds(kLongestLease);
  }
  peer.lease = std::clamp(absl::Milliseconds(milliseconds), absl::ZeroDuration(), kLongestLease);
  peer.seen = clock_.Now();
}

void Membership::Run(const Context& ctx) {
  if (!informer_.WaitForSync(ctx).ok()) return;
  while (!ctx.cancelled()) {
    Own own;
    own.name = absl::StrCat(options_.group, "-replica-", crypto::RandomHex(5));
    TakePart(ctx, own);
    if (ctx.cancelled()) return Leave(own);
    // Nobody may be at work for a name that is given up.
    shares_.Set(Share(), absl::InfinitePast());
    while (shares_.Outside(Share(), /*cancel=*/true) > 0) {
      if (!clock_.Sleep(ctx, kDrainPoll).ok()) return;
    }
    if (!clock_.Sleep(ctx, kRetry).ok()) return;
  }
}

void Membership::TakePart(const Context& ctx, Own& own) {
  Replicas next(Look(own).live);
  absl::Time hand_over_ends = absl::InfiniteFuture();
  bool write = true;
  while (!ctx.cancelled()) {
    if (write) {
      if (const absl::Status written = Write(ctx, next, own); !written.ok()) {
        log::Error(ctx, written, "cannot take part in sharing the objects");
        // Whoever deleted the Lease, or wrote to it, believes this replica dead.
        const bool retry = !absl::IsNotFound(written) && !absl::IsAborted(written);
        if (!retry || clock_.Now() >= own.until() || !clock_.Sleep(ctx, kRetry).ok()) return;
        continue;
      }
    }
    const uint64_t changes = Changes();
    const absl::Time now = clock_.Now();
    if (now >= own.until()) return;

    Group group = Look(own);
    const Replicas live(group.live);
    const bool moves = !(live == own.set);
    if (!moves) {
      hand_over_ends = absl::InfiniteFuture();
    } else if (hand_over_ends == absl::InfiniteFuture()) {
      hand_over_ends = now + options_.hand_over;
    }
    bool drained = false;
    if (group.certain) {
      if (moves) group.sets.push_back(live);
      const Share share(own.name, std::move(group.sets));
      shares_.Set(share, own.until());
      drained = shares_.Outside(share, /*cancel=*/now >= hand_over_ends) == 0;
      DeleteDead(ctx, group);
    } else {
      shares_.Extend(own.until());
    }

    const absl::Time renewal = own.sent + own.duration / 3;
    next = drained ? live : own.set;
    write = (drained && moves) || group.wants_write || now >= renewal;
    if (write) continue;
    const bool draining = group.certain && !drained;
    WaitUntil(std::min({renewal, group.next_expiry,
                        draining ? now + kDrainPoll : absl::InfiniteFuture()}),
              changes);
  }
}

Membership::Group Membership::Look(const Own& own) {
  Group group;
  group.live.push_back(own.name);
  if (!own.lease.is_null()) group.sets.push_back(own.set);
  bool caught_up = false;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, peer] : leases_) {
    if (name == own.name) {
      caught_up = peer.version >= own.version;
      continue;
    }
    const absl::Time expiry = peer.seen + peer.lease;
    if (clock_.Now() < expiry) {
      group.live.push_back(name);
      group.sets.push_back(peer.set);
      group.next_expiry = std::min(group.next_expiry, expiry);
    } else if (own.sent < expiry) {
      group.wants_write = true;
    } else {
      group.dead[name] = peer.uid;
    }
  }
  group.certain = caught_up && !group.wants_write;
  return group;
}

absl::Status Membership::Write(const Context& ctx, const Replicas& set, Own& own) {
  const absl::Time now = clock_.Now();
  absl::Duration duration = options_.lease_duration;
  for (const absl::Duration answer : answer_times_) {
    duration = std::max(duration, answer * kAnswersPerLease);
  }
  duration = std::min(duration, kLongestLease);

  const bool join = own.lease.is_null();
  Value lease = own.lease;
  if (join) {
    lease.Set("apiVersion", "coordination.k8s.io/v1");
    lease.Set("kind", "Lease");
    lease.Ensure("metadata").Set("name", own.name);
    lease.Ensure("metadata").Set("namespace", options_.ns);
    kube::SetMetadataEntry(lease, "labels", kGroupLabel, options_.group);
    lease.Ensure("spec").Set("holderIdentity", options_.identity);
    lease.Ensure("spec").Set("acquireTime", MicroTime(now));
  }
  kube::SetMetadataEntry(lease, "annotations", kSetAnnotation, absl::StrJoin(set.names(), ","));
  kube::SetMetadataEntry(lease, "annotations", kDurationAnnotation,
                         absl::StrCat(absl::ToInt64Milliseconds(duration)));
  lease.Ensure("spec").Set("renewTime", MicroTime(now));
  lease.Ensure("spec").Set("leaseDurationSeconds",
                           absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));

  // An answer that comes later does not count: the others may have divided our share by then.
  const Context attempt =
      ctx.WithTimeout(join ? kLongestLease : std::max(own.until() - now, absl::ZeroDuration()));
  auto written = join ? client_.Create(attempt, LeaseResource(), lease)
                      : client_.Update(attempt, LeaseResource(), lease);
  RETURN_IF_ERROR(written.status());
  const absl::Time answered = clock_.Now();
  answer_times_.push_back(answered - now);
  if (answer_times_.size() > kAnswersKept) answer_times_.erase(answer_times_.begin());
  if (!(set == own.set)) {
    log::Info(ctx, "replicas share the objects",
              {{"replicas", absl::StrCat(set.names().size())}, {"lease", own.name}});
  }
  own.version = kube::VersionNumber(kube::ResourceVersion(*written));
  own.lease = *std::move(written);
  own.set = set;
  own.sent = now;
  own.duration = duration;
  return absl::OkStatus();
}

uint64_t Membership::Changes() {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

void Membership::WaitUntil(absl::Time when, uint64_t changes) {
  absl::MutexLock lock(&mutex_);
  while (changes_ == changes && clock_.Now() < when) clock_.WaitUntil(changed_, mutex_, when);
}

void Membership::Leave(const Own& own) {
  if (own.lease.is_null()) return;
  // Best effort: without it the others wait for the lease to run out.
  const Context ctx = Context::Background().WithTimeout(absl::Seconds(2));
  client_
      .Delete(ctx, LeaseResource(), {options_.ns, own.name},
              {.uid = std::string(kube::Uid(own.lease))})
      .IgnoreError();
}

void Membership::DeleteDead(const Context& ctx, const Group& group) {
  for (const auto& [name, uid] : group.dead) {
    client_.Delete(ctx.WithTimeout(kRetry), LeaseResource(), {options_.ns, name}, {.uid = uid})
        .IgnoreError();
    absl::MutexLock lock(&mutex_);
    leases_.erase(name);
  }
}

}  // namespace sluice::runtime
