// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/wait.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/ssa/readiness.h"
#include "services/helm-controller/action/helm3_readiness.h"

namespace sluice::helm_controller {
namespace {

using ssa::Readiness;

constexpr absl::Duration kFirstWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(2);  // for objects that no watch tells of
constexpr absl::Duration kLastLook = absl::Seconds(5);

bool HasCondition(const Value& object, absl::string_view type) {
  const auto conditions = object["status"]["conditions"].items();
  return std::any_of(conditions.begin(), conditions.end(), [&](const Value& condition) {
    return condition["type"].str() == type && condition["status"].str() == "True";
  });
}

bool IsJob(const kube::GroupVersionKind& gvk) { return gvk.group == "batch" && gvk.kind == "Job"; }
bool IsPod(const kube::GroupVersionKind& gvk) { return gvk.group.empty() && gvk.kind == "Pod"; }

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

bool IsPaused(const Resource& resource) {
  return resource.at.group == "apps" && resource.at.kind == "Deployment" &&
         resource.object["spec"]["paused"].bool_or(false);
}

// A Job that the API server deletes when it is done.
bool Vanishes(const Resource& resource) {
  return IsJob(resource.at.gvk()) && !resource.object["spec"]["ttlSecondsAfterFinished"].is_null();
}

// At least what the labels of `selector` select.
absl::StatusOr<std::vector<Value>> List(const Context& ctx, const Environment& with,
                                        const kube::GroupVersionKind& gvk, const std::string& ns,
                                        const Value& selector) {
  ASSIGN_OR_RETURN(const kube::Resource resource, with.discovery.Resolve(ctx, gvk));
  const std::string labels = absl::StrJoin(
      selector["matchLabels"].members(), ",", [](std::string* out, const value::Member& label) {
        absl::StrAppend(out, label.key, "=", label.value.str());
      });
  ASSIGN_OR_RETURN(kube::ObjectList list,
                   with.client.List(ctx, resource, ns, {.label_selector = labels}));
  return std::move(list.items);
}

// How objects are judged that kstatus would judge otherwise.
ssa::ReadinessOptions JudgedBy(const Context& ctx, const Environment& with,
                               const WaitOptions& options) {
  const bool helm3 = with.helm3_readiness && !options.hooks;
  ssa::ReadinessOptions result;
  result.live = with.live;
  result.has_rule = [&, helm3](const kube::GroupVersionKind& gvk) {
    return helm3 || with.health.Has(gvk) || (IsJob(gvk) && (options.jobs || options.hooks)) ||
           (IsPod(gvk) && options.hooks);
  };
  result.rule = [&, helm3](const Value& live) -> absl::StatusOr<Readiness> {
    const kube::GroupVersionKind gvk = kube::GvkOf(live);
    if (with.health.Has(gvk)) return with.health.Evaluate(live);
    if (helm3) {
      return Helm3Readiness(live, options.jobs,
                            std::bind_front(List, std::ref(ctx), std::ref(with)));
    }
    return IsJob(gvk) ? OfJob(live) : OfHookPod(live);
  };
  return result;
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
  const ssa::ReadinessOptions judged = JudgedBy(ctx, with, options);
  std::vector<ssa::WatchedObject> objects;
  for (const Resource& resource : resources) {
    if (IsPaused(resource) || (options.hooks && !judged.has_rule(resource.at.gvk()))) continue;
    // What was not noted when it was written may be older in the view: it is read.
    const uint64_t since = resource.applied_version == 0 ? std::numeric_limits<uint64_t>::max()
                                                         : resource.applied_version;
    objects.push_back({ssa::ObjectId::Of(resource.object), resource.at, Vanishes(resource), since});
  }
  const Context limited = ctx.WithTimeout(options.timeout);
  absl::Duration wait = kFirstWait;
  while (true) {
    const int64_t seen = with.changes.count();
    // The last look has a deadline of its own: what the context's end cuts short says nothing.
    const Context look =
        limited.Check().ok() ? limited : Context::Background().WithTimeout(kLastLook);
    const ssa::ReadinessReport report =
        ssa::CheckReadiness(look, with.client, objects, judged, with.clock.Now());
    if (ctx.cancelled()) return absl::CancelledError("the wait was cancelled");
    if (report.AllCurrent()) return absl::OkStatus();
    if (report.HasFailed()) return report.Failure();
    if (with.cancels_waits && !options.hooks) {
      const std::string by = with.changes.superseded_by();
      if (!by.empty()) {
        return absl::AbortedError(absl::StrCat("New reconciliation triggered by ", by));
      }
    }
    if (!limited.Check().ok()) return report.Timeout();
    if (with.before_waiting != nullptr) with.before_waiting();
    with.changes
        .Await(limited, seen, report.NeedsPolling() ? wait : absl::InfiniteDuration(), with.clock)
        .IgnoreError();  // the next turn looks at the contexts
    wait = std::min(wait * 3 / 2, kLongestWait);
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
      if (with.before_waiting != nullptr) with.before_waiting();
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
