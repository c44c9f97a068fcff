// Cron jobs: a job whenever the schedule says so.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/devapi/workloads/cron.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

bool Has(const Object& job, const char* condition) {
  return FindCondition(job.value()["status"], condition)["status"].str() == "True";
}

Value JobFor(const Value& cron, absl::Time scheduled) {
  const Value& job_template = cron["spec"]["jobTemplate"];
  Value metadata = job_template["metadata"];
  if (!metadata.is_object()) metadata = Value::EmptyObject();
  metadata.Erase("creationTimestamp");
  metadata.Set("name", absl::StrCat(cron["metadata"]["name"].str(), "-",
                                    absl::ToUnixSeconds(scheduled) / 60));
  metadata.Ensure("annotations")
      .Set("batch.kubernetes.io/cronjob-scheduled-timestamp", FormatRfc3339(scheduled));
  metadata.Set("ownerReferences", Value(Value::Array{ControllerReference(cron)}));
  return Value{{"metadata", std::move(metadata)}, {"spec", job_template["spec"]}};
}

// Finished jobs beyond the history limits, oldest first.
void CleanHistory(World& world, const Value& spec, std::vector<ObjectRef> jobs) {
  struct Limit {
    const char* condition;
    int64_t most;
  };
  for (const Limit limit : {Limit{"Complete", spec["successfulJobsHistoryLimit"].int_or(3)},
                            Limit{"Failed", spec["failedJobsHistoryLimit"].int_or(1)}}) {
    std::vector<ObjectRef> finished;
    std::copy_if(jobs.begin(), jobs.end(), std::back_inserter(finished),
                 [&](const ObjectRef& job) { return Has(*job, limit.condition); });
    for (size_t i = 0; i + static_cast<size_t>(std::max<int64_t>(0, limit.most)) < finished.size();
         ++i) {
      world.Delete({"jobs.batch", finished[i]->key()}, /*now=*/false);
    }
  }
}

}  // namespace

absl::Time ReconcileCronJob(World& world, const ObjectRef& object) {
  const Value& cron = object->value();
  const Value& spec = cron["spec"];
  if (object->deleting()) return absl::InfiniteFuture();
  std::vector<ObjectRef> jobs = world.Controlled(*object, "jobs.batch");
  CleanHistory(world, spec, jobs);
  const absl::StatusOr<CronSchedule> schedule = CronSchedule::Parse(spec["schedule"].str());
  absl::TimeZone zone = absl::UTCTimeZone();
  const absl::string_view zone_name = spec["timeZone"].str();
  const bool known_zone = zone_name.empty() || absl::LoadTimeZone(std::string(zone_name), &zone);
  Value active = Value::EmptyArray();
  for (const ObjectRef& job : jobs) {
    if (Has(*job, "Complete") || Has(*job, "Failed")) continue;
    active.Append(Value{{"apiVersion", "batch/v1"},
                        {"kind", "Job"},
                        {"name", job->name()},
                        {"namespace", job->ns()},
                        {"uid", job->uid()},
                        {"resourceVersion", absl::StrCat(job->version())}});
  }
  absl::Time again = absl::InfiniteFuture();
  absl::Time started = absl::InfinitePast();
  if (schedule.ok() && known_zone && !spec["suspend"].bool_or(false)) {
    absl::StatusOr<absl::Time> last = ParseRfc3339(cron["status"]["lastScheduleTime"].str());
    const absl::Time since = last.ok() ? *last : world.FirstSeen(*object);
    const absl::Time due = schedule->Next(since, zone);
    if (due <= world.now()) {
      const absl::string_view policy = spec["concurrencyPolicy"].str();
      if (policy == "Replace") {
        for (const Value& job : active.items()) {
          world.Delete({"jobs.batch", {object->key().ns, std::string(job["name"].str())}},
                       /*now=*/false);
        }
      }
      if (policy != "Forbid" || active.empty()) {
        world.Create("jobs.batch", object->key().ns, JobFor(cron, due));
      }
      started = due;
      again = schedule->Next(world.now(), zone);
    } else {
      again = due;
    }
  }
  world.EditStatus({"cronjobs.batch", object->key()}, [&](Value& status) {
    if (started != absl::InfinitePast()) status.Set("lastScheduleTime", FormatRfc3339(started));
    if (active.empty()) {
      status.Erase("active");
    } else {
      status.Set("active", active);
    }
  });
  return again;
}

}  // namespace sluice::devapi
