// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/readiness.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sluice::ssa {
namespace {

struct Observation {
  Readiness readiness = Readiness::kUnknown;
  std::string error;
};

Observation Observe(const Context& ctx, kube::Client& client, const WatchedObject& object,
                    absl::Time now) {
  const auto live = client.Get(ctx, object.resource, object.id.key);
  if (live.ok()) return {ReadinessOf(*live, now), ""};
  if (absl::IsNotFound(live.status())) return {Readiness::kNotFound, ""};
  return {Readiness::kUnknown, std::string(live.status().message())};
}

std::string Describe(std::span<const WatchedObject> objects,
                     const std::vector<Observation>& observations, bool only_failed) {
  std::vector<std::string> items;
  for (size_t i = 0; i < objects.size(); ++i) {
    const Observation& seen = observations[i];
    if (only_failed ? seen.readiness != Readiness::kFailed
                    : seen.readiness == Readiness::kCurrent) {
      continue;
    }
    items.push_back(absl::StrCat(objects[i].id.Subject(), " status: '",
                                 ReadinessName(seen.readiness), "'",
                                 seen.error.empty() ? "" : absl::StrCat(": ", seen.error)));
  }
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

}  // namespace

absl::Status WaitForReadiness(const Context& ctx, kube::Client& client,
                              std::span<const WatchedObject> objects, const WaitOptions& options,
                              Clock& clock) {
  std::vector<Observation> observations(objects.size());
  while (true) {
    for (size_t i = 0; i < objects.size(); ++i) {
      if (observations[i].readiness == Readiness::kCurrent) continue;
      // A read cut short by the deadline says nothing new about the object.
      Observation seen = Observe(ctx, client, objects[i], clock.Now());
      if (ctx.Check().ok() || seen.readiness != Readiness::kUnknown) {
        observations[i] = std::move(seen);
      }
    }
    const auto count = [&](Readiness readiness) {
      return static_cast<size_t>(
          std::count_if(observations.begin(), observations.end(),
                        [&](const Observation& o) { return o.readiness == readiness; }));
    };
    const size_t current = count(Readiness::kCurrent);
    const size_t failed = count(Readiness::kFailed);
    if (current == objects.size()) return absl::OkStatus();
    if (failed > 0 && (options.fail_fast || failed + current == objects.size())) {
      return absl::FailedPreconditionError(absl::StrCat("failed early due to stalled resources: ",
                                                        Describe(objects, observations, true)));
    }
    const absl::Status slept = clock.Sleep(ctx, options.poll);
    if (absl::IsCancelled(slept)) return slept;
    if (!slept.ok()) {
      return absl::DeadlineExceededError(
          absl::StrCat("timeout waiting for: ", Describe(objects, observations, false)));
    }
  }
}

}  // namespace sluice::ssa
