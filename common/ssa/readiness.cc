// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/readiness.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kube/object.h"

namespace sluice::ssa {
namespace {

constexpr absl::Duration kFirstPoll = absl::Milliseconds(20);

const kube::Resource& Pods() {
  static const auto* const kPods = new kube::Resource{"", "v1", "pods", "Pod", true};
  return *kPods;
}

// Kinds whose Pods tell of a failure that they do not report themselves (spec/kustomize.md §5.5).
bool FailsWithItsPods(const kube::GroupVersionKind& gvk) {
  return gvk.group == "apps" && (gvk.kind == "StatefulSet" || gvk.kind == "ReplicaSet");
}

// Whether a Pod of `owner` has failed. One that is being replaced, or has no room yet, has not.
bool HasFailedPod(const Context& ctx, kube::Client& client, const Value& owner, absl::Time now) {
  std::vector<std::string> terms;
  for (const value::Member& label : owner["spec"]["selector"]["matchLabels"].members()) {
    terms.push_back(absl::StrCat(label.key, "=", label.value.str()));
  }
  if (terms.empty()) return false;
  const auto pods = client.List(ctx, Pods(), kube::Namespace(owner),
                                {.label_selector = absl::StrJoin(terms, ","), .limit = 500});
  if (!pods.ok()) return false;
  return std::any_of(pods->items.begin(), pods->items.end(), [&](const Value& pod) {
    return pod["status"]["phase"].str() != "Pending" && ReadinessOf(pod, now) == Readiness::kFailed;
  });
}

Observation Read(const Context& ctx, kube::Client& client, const WatchedObject& object,
                 const ReadinessOptions& options, absl::Time now) {
  const auto live = client.Get(ctx, object.resource, object.id.key);
  if (absl::IsNotFound(live.status())) {
    return {object.vanishes ? Readiness::kCurrent : Readiness::kNotFound, "", false};
  }
  if (!live.ok()) return {Readiness::kUnknown, std::string(live.status().message()), false};
  if (options.has_rule != nullptr && options.has_rule(object.id.gvk)) {
    if (kube::Deleting(*live)) return {Readiness::kTerminating, "", false};
    const auto readiness = options.rule(*live);
    if (!readiness.ok()) {
      return {Readiness::kUnknown, std::string(readiness.status().message()), false};
    }
    return {*readiness, "", false};
  }
  Observation seen = {ReadinessOf(*live, now), "", false};
  if (seen.readiness == Readiness::kInProgress && FailsWithItsPods(object.id.gvk) &&
      HasFailedPod(ctx, client, *live, now)) {
    seen.readiness = Readiness::kFailed;
  }
  return seen;
}

Observation Observe(const Context& ctx, kube::Client& client, const WatchedObject& object,
                    const ReadinessOptions& options, absl::Time now) {
  const kube::GroupVersionKind& gvk = object.id.gvk;
  const bool by_rule = options.has_rule != nullptr && options.has_rule(gvk);
  // With the time that passes a Pod comes to count as unschedulable.
  const bool watchable = options.live != nullptr && !by_rule && gvk.kind != "Pod";
  if (!watchable) return Read(ctx, client, object, options, now);
  const LiveView::Sight sight = options.live->Find(object.resource, object.id.key);
  // What no watch shows may be there without our label.
  if (!sight.known || !sight.facts.has_value() || sight.facts->resource_version < object.since ||
      (options.memo != nullptr && options.memo->IsAheadOf(object.id, sight.facts))) {
    return Read(ctx, client, object, options, now);
  }
  if (sight.facts->readiness == Readiness::kInProgress && FailsWithItsPods(gvk)) {
    return Read(ctx, client, object, options, now);
  }
  return {sight.facts->readiness, "", true};
}

}  // namespace

size_t ReadinessReport::Count(Readiness readiness) const {
  return static_cast<size_t>(
      std::count_if(observations_.begin(), observations_.end(),
                    [&](const Observation& o) { return o.readiness == readiness; }));
}

bool ReadinessReport::AllCurrent() const {
  return Count(Readiness::kCurrent) == observations_.size();
}

bool ReadinessReport::HasFailed() const {
  const size_t failed = Count(Readiness::kFailed);
  return failed > 0 && (fail_fast_ || failed + Count(Readiness::kCurrent) == observations_.size());
}

bool ReadinessReport::NeedsPolling() const {
  return std::any_of(observations_.begin(), observations_.end(), [](const Observation& o) {
    return !o.watched && o.readiness != Readiness::kCurrent;
  });
}

std::string ReadinessReport::Describe(bool only_failed) const {
  std::vector<std::string> items;
  for (size_t i = 0; i < objects_.size(); ++i) {
    const Observation& seen = observations_[i];
    if (only_failed ? seen.readiness != Readiness::kFailed
                    : seen.readiness == Readiness::kCurrent) {
      continue;
    }
    items.push_back(absl::StrCat(objects_[i].id.Subject(), " status: '",
                                 ReadinessName(seen.readiness), "'",
                                 seen.error.empty() ? "" : absl::StrCat(": ", seen.error)));
  }
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

absl::Status ReadinessReport::Failure() const {
  return absl::FailedPreconditionError(
      absl::StrCat("failed early due to stalled resources: ", Describe(true)));
}

absl::Status ReadinessReport::Timeout() const {
  return absl::DeadlineExceededError(absl::StrCat("timeout waiting for: ", Describe(false)));
}

ReadinessReport CheckReadiness(const Context& ctx, kube::Client& client,
                               std::span<const WatchedObject> objects,
                               const ReadinessOptions& options, absl::Time now) {
  std::vector<Observation> observations;
  observations.reserve(objects.size());
  for (const WatchedObject& object : objects) {
    observations.push_back(Observe(ctx, client, object, options, now));
  }
  return ReadinessReport(objects, std::move(observations), options.fail_fast);
}

absl::Status WaitForReadiness(const Context& ctx, kube::Client& client,
                              std::span<const WatchedObject> objects,
                              const ReadinessOptions& options, absl::Duration poll, Clock& clock) {
  absl::Duration wait = std::min(kFirstPoll, poll);
  while (true) {
    // The last look has a deadline of its own: what the context's end cut short would say nothing.
    const Context look =
        ctx.Check().ok() ? ctx : Context::Background().WithTimeout(absl::Seconds(5));
    const ReadinessReport report = CheckReadiness(look, client, objects, options, clock.Now());
    if (ctx.cancelled()) return absl::CancelledError("the wait was cancelled");
    if (report.AllCurrent()) return absl::OkStatus();
    if (report.HasFailed()) return report.Failure();
    if (!ctx.Check().ok()) return report.Timeout();
    const absl::Status slept = clock.Sleep(ctx, wait);
    if (absl::IsCancelled(slept)) return slept;
    wait = std::min(wait * 2, poll);
  }
}

}  // namespace sluice::ssa
