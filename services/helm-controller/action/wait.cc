// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/wait.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/ssa/kstatus.h"

namespace sluice::helm_controller {
namespace {

using ssa::Readiness;

constexpr absl::Duration kFirstWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(2);

struct Observation {
  Readiness readiness = Readiness::kUnknown;
  std::string error;
};

bool HasCondition(const Value& object, absl::string_view type) {
  const auto conditions = object["status"]["conditions"].items();
  return std::any_of(conditions.begin(), conditions.end(), [&](const Value& condition) {
    return condition["type"].str() == type && condition["status"].str() == "True";
  });
}

bool IsJob(const kube::Resource& at) { return at.group == "batch" && at.kind == "Job"; }
bool IsPod(const kube::Resource& at) { return at.group.empty() && at.kind == "Pod"; }

Readiness OfJob(const Value& job) {
  if (HasCondition(job, "Failed")) return Readiness::kFailed;
  if (HasCondition(job, "Complete") || HasCondition(job, "Suspended")) return Readiness::kCurrent;
  return Readiness::kInProgress;
}

// A hook's Pod is awaited to its end.
Readiness OfHookPod(const Value& pod) {
  const absl::string_view phase = pod["status"]["phase"].str();
  if (phase == "Succeeded") return Readiness::kCurrent;
  return phase == "Failed" ? Readiness::kFailed : Readiness::kInProgress;
}

Readiness ReadinessOf(const Resource& resource, const Value& live, const Environment& with,
                      const WaitOptions& options) {
  if (kube::Deleting(live)) return Readiness::kTerminating;
  if (const auto ruled = with.health.ReadinessOf(live); ruled.has_value()) return *ruled;
  const bool deployment = resource.at.group == "apps" && resource.at.kind == "Deployment";
  if (deployment && live["spec"]["paused"].bool_or(false)) return Readiness::kCurrent;
  if (IsJob(resource.at) && (options.jobs || options.hooks)) return OfJob(live);
  if (IsPod(resource.at) && options.hooks) return OfHookPod(live);
  if (options.hooks) return Readiness::kCurrent;
  return ssa::ReadinessOf(live, with.clock.Now());
}

// A Job that the API server deletes when it is done.
bool Vanishes(const Resource& resource) {
  return IsJob(resource.at) && !resource.object["spec"]["ttlSecondsAfterFinished"].is_null();
}

Observation Observe(const Context& ctx, const Environment& with, const Resource& resource,
                    const WaitOptions& options) {
  const auto live = with.client.Get(ctx, resource.at, resource.key());
  if (live.ok()) return {ReadinessOf(resource, *live, with, options), ""};
  if (!absl::IsNotFound(live.status())) {
    return {Readiness::kUnknown, std::string(live.status().message())};
  }
  return {Vanishes(resource) ? Readiness::kCurrent : Readiness::kNotFound, ""};
}

std::string Describe(const Resources& resources, const std::vector<Observation>& observations,
                     bool only_failed) {
  std::vector<std::string> items;
  for (size_t i = 0; i < resources.size(); ++i) {
    const Observation& seen = observations[i];
    const bool shown =
        only_failed ? seen.readiness == Readiness::kFailed : seen.readiness != Readiness::kCurrent;
    if (!shown) continue;
    items.push_back(absl::StrCat(kube::Subject(resources[i].object), " status: '",
                                 ssa::ReadinessName(seen.readiness), "'",
                                 seen.error.empty() ? "" : ": ", seen.error));
  }
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

// Sleeps a little longer each time. The context's error when it ends.
absl::Status Pause(const Context& ctx, Clock& clock, absl::Duration& wait) {
  RETURN_IF_ERROR(clock.Sleep(ctx, wait));
  wait = std::min(wait * 3 / 2, kLongestWait);
  return absl::OkStatus();
}

}  // namespace

absl::Status WaitUntilReady(const Context& ctx, const Environment& with, const Resources& resources,
                            const WaitOptions& options) {
  const Context limited = ctx.WithTimeout(options.timeout);
  std::vector<Observation> observations(resources.size());
  absl::Duration wait = kFirstWait;
  while (true) {
    bool all_current = true;
    bool any_failed = false;
    for (size_t i = 0; i < resources.size(); ++i) {
      if (observations[i].readiness == Readiness::kCurrent) continue;
      // A read cut short by the deadline says nothing new about the object.
      Observation seen = Observe(limited, with, resources[i], options);
      if (limited.Check().ok() || seen.readiness != Readiness::kUnknown) {
        observations[i] = std::move(seen);
      }
      all_current = all_current && observations[i].readiness == Readiness::kCurrent;
      any_failed = any_failed || observations[i].readiness == Readiness::kFailed;
    }
    if (all_current) return absl::OkStatus();
    if (any_failed) {
      return absl::FailedPreconditionError(absl::StrCat("failed early due to stalled resources: ",
                                                        Describe(resources, observations, true)));
    }
    const absl::Status paused = Pause(limited, with.clock, wait);
    if (absl::IsCancelled(paused)) return paused;
    if (!paused.ok()) {
      return absl::DeadlineExceededError(
          absl::StrCat("timeout waiting for: ", Describe(resources, observations, false)));
    }
  }
}

absl::Status WaitUntilGone(const Context& ctx, const Environment& with, const Resources& resources,
                           absl::Duration timeout) {
  const Context limited = ctx.WithTimeout(timeout);
  absl::Duration wait = kFirstWait;
  for (const Resource& resource : resources) {
    while (true) {
      const auto live = with.client.Get(limited, resource.at, resource.key());
      if (absl::IsNotFound(live.status())) break;
      const absl::Status paused = Pause(limited, with.clock, wait);
      if (absl::IsCancelled(paused)) return paused;
      if (!paused.ok()) {
        return absl::DeadlineExceededError(absl::StrCat(
            kube::Subject(resource.object), " termination timeout: status 'Terminating'"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
