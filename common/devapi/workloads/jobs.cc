// Jobs: pods until enough of them have succeeded.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

Place PlaceOf(const Object& job) { return {"jobs.batch", job.key()}; }

Value Condition(const char* type, const char* reason, const char* message, const std::string& now) {
  return Value{{"type", type},
               {"status", "True"},
               {"reason", reason},
               {"message", message},
               {"lastProbeTime", now}};
}

struct Counts {
  int64_t active = 0;
  int64_t ready = 0;
  int64_t succeeded = 0;
  int64_t failed = 0;
};

bool Finished(const Value& job) {
  return FindCondition(job["status"], "Complete")["status"].str() == "True" ||
         FindCondition(job["status"], "Failed")["status"].str() == "True";
}

// Deletes a finished job when its time to live is over; returns when that will be.
absl::Time Expire(World& world, const Object& job) {
  const Value& ttl = job.value()["spec"]["ttlSecondsAfterFinished"];
  if (!ttl.is_integer()) return absl::InfiniteFuture();
  absl::StatusOr<absl::Time> finished = ParseRfc3339(job.value()["status"]["completionTime"].str());
  if (!finished.ok()) {
    finished =
        ParseRfc3339(FindCondition(job.value()["status"], "Failed")["lastTransitionTime"].str());
  }
  if (!finished.ok()) return absl::InfiniteFuture();
  const absl::Time due = *finished + absl::Seconds(ttl.int_or(0));
  if (world.now() < due) return due;
  world.Delete(PlaceOf(job), /*now=*/false);
  return absl::InfiniteFuture();
}

void SetOrErase(Value& status, const char* field, int64_t count) {
  if (count == 0) {
    status.Erase(field);
  } else {
    status.Set(field, count);
  }
}

void Report(World& world, const Object& job, const Counts& counts, int64_t wanted) {
  const int64_t backoff = job.value()["spec"]["backoffLimit"].int_or(6);
  const Behaviour behaviour = BehaviourOf(job.value(), world.options());
  // A job that is to fail does not try as often as it might.
  const bool failed =
      counts.failed > backoff || (behaviour.fate == Fate::kFail && counts.failed > 0);
  const bool complete = counts.succeeded >= wanted;
  world.EditStatus(PlaceOf(job), [&](Value& status) {
    const std::string now = world.timestamp();
    if (!status.Has("startTime")) status.Set("startTime", now);
    SetOrErase(status, "active", counts.active);
    status.Set("ready", counts.ready);
    status.Set("terminating", 0);
    SetOrErase(status, "succeeded", counts.succeeded);
    SetOrErase(status, "failed", counts.failed);
    status.Set("uncountedTerminatedPods", Value::EmptyObject());
    if (complete) {
      const char* reason = "CompletionsReached";
      const char* message = "Reached expected number of succeeded pods";
      SetCondition(status, Condition("SuccessCriteriaMet", reason, message, now), now);
      SetCondition(status, Condition("Complete", reason, message, now), now);
      if (!status.Has("completionTime")) status.Set("completionTime", now);
    } else if (failed) {
      const char* reason = "BackoffLimitExceeded";
      const char* message = "Job has reached the specified backoff limit";
      SetCondition(status, Condition("FailureTarget", reason, message, now), now);
      SetCondition(status, Condition("Failed", reason, message, now), now);
    }
  });
}

}  // namespace

absl::Time ReconcileJob(World& world, const ObjectRef& object) {
  const Value& job = object->value();
  if (object->deleting()) return absl::InfiniteFuture();
  if (Finished(job)) return Expire(world, *object);
  const std::vector<ObjectRef> pods = world.Controlled(*object, "pods");
  Counts counts;
  std::vector<ObjectRef> active;
  for (const ObjectRef& pod : pods) {
    const absl::string_view phase = pod->value()["status"]["phase"].str();
    if (phase == "Succeeded") {
      ++counts.succeeded;
    } else if (phase == "Failed") {
      ++counts.failed;
    } else if (!pod->deleting()) {
      active.push_back(pod);
      counts.ready += IsReady(*pod) ? 1 : 0;
    }
  }
  const Value& spec = job["spec"];
  if (spec["suspend"].bool_or(false)) {
    for (const ObjectRef& pod : active) world.Delete({"pods", pod->key()}, /*now=*/false);
    world.EditStatus(PlaceOf(*object), [&](Value& status) {
      const std::string now = world.timestamp();
      status.Erase("startTime");
      status.Erase("active");
      SetCondition(status, Condition("Suspended", "JobSuspended", "Job suspended", now), now);
    });
    return absl::InfiniteFuture();
  }
  const int64_t wanted = spec["completions"].int_or(1);
  const int64_t parallel = std::min<int64_t>(1000, spec["parallelism"].int_or(1));
  const Fate fate = BehaviourOf(job, world.options()).fate;
  const bool give_up = fate == Fate::kFail && counts.failed > 0;
  counts.active = static_cast<int64_t>(active.size());
  while (!give_up && counts.failed <= spec["backoffLimit"].int_or(6) && counts.active < parallel &&
         counts.active + counts.succeeded < wanted) {
    const ObjectRef pod =
        world.Create("pods", object->key().ns, PodFromTemplate(job, spec["template"], ""));
    if (pod == nullptr) break;
    ++counts.active;
  }
  Report(world, *object, counts, wanted);
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
