// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/jobs.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/devapi/builtin_validation/pod.h"
#include "common/devapi/builtin_validation/workloads.h"
#include "common/devapi/workloads/cron.h"

namespace sluice::devapi {
namespace {

void ValidateJobTemplate(const Field& spec, FieldErrors& errors) {
  for (const char* name : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                           "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    NonNegative(spec[name], errors);
  }
  const Field mode = spec["completionMode"];
  if (!mode.absent()) MustBeOneOf(mode, {"NonIndexed", "Indexed"}, errors);
  const Field completions = spec["completions"];
  if (mode.str() == "Indexed" && completions.absent()) {
    errors.push_back(Required(completions.path, "when completion mode is Indexed"));
  }
  const Field per_index = spec["backoffLimitPerIndex"];
  if (!per_index.absent() && mode.str() != "Indexed") {
    Add(per_index, {"requires indexed completion mode"}, errors);
  }
  const Field failed = spec["maxFailedIndexes"];
  if (!failed.absent() && !completions.absent() &&
      failed.value.int_or(0) > completions.value.int_or(0)) {
    Add(failed, {"must be less than or equal to completions"}, errors);
  }
  const Field replacement = spec["podReplacementPolicy"];
  if (!replacement.absent()) {
    MustBeOneOf(replacement, {"Failed", "TerminatingOrFailed"}, errors);
  }
  const Field pod_template = spec["template"];
  ValidatePodTemplate(pod_template, {}, errors);
  const Field pod = pod_template["spec"];
  const Field policy = pod["restartPolicy"];
  if (policy.str().empty() || policy.str() == "Always") {
    errors.push_back(Required(policy.path, "valid values: \"OnFailure\", \"Never\""));
  } else if (policy.str() != "OnFailure" && policy.str() != "Never") {
    errors.push_back(NotSupported(policy.path, policy.value, {"OnFailure", "Never"}));
  }
}

// "@every 5m".
void CheckInterval(const Field& schedule, const std::vector<absl::string_view>& fields,
                   FieldErrors& errors) {
  const absl::Status parsed = ParseGoDuration(fields.size() == 2 ? fields[1] : "").status();
  if (parsed.ok()) return;
  Add(schedule, {absl::StrCat("failed to parse duration ", schedule.str(), ": ", parsed.message())},
      errors);
}

// A cron schedule: five fields, or a name like "@daily" or "@every 5m".
void ValidateSchedule(const Field& schedule, FieldErrors& errors) {
  if (!MustBePresent(schedule, errors)) return;
  if (absl::StrContains(schedule.str(), "TZ")) {
    Add(schedule, {"cannot use TZ or CRON_TZ in schedule, use timeZone field instead"}, errors);
    return;
  }
  const std::vector<absl::string_view> fields =
      absl::StrSplit(schedule.str(), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (!fields.empty() && fields[0][0] == '@') {
    for (const char* name : {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight",
                             "@hourly", "@every"}) {
      if (fields[0] != name) continue;
      if (fields[0] == "@every") CheckInterval(schedule, fields, errors);
      return;
    }
    Add(schedule, {absl::StrCat("unrecognized descriptor: ", schedule.str())}, errors);
    return;
  }
  if (fields.size() != 5) {
    Add(schedule,
        {absl::StrCat("expected exactly 5 fields, found ", fields.size(), ": [",
                      absl::StrJoin(fields, " "), "]")},
        errors);
    return;
  }
  const absl::Status parsed = CronSchedule::Parse(schedule.str()).status();
  if (!parsed.ok()) Add(schedule, {std::string(parsed.message())}, errors);
}

}  // namespace

void ValidateJob(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field selector = spec["selector"];
  const Field pod_template = spec["template"];
  const Field metadata = pod_template["metadata"];
  const Field labels = metadata["labels"];
  if (!spec.value["manualSelector"].bool_or(false)) {
    const Value expected = {
        {"matchLabels", {{"batch.kubernetes.io/controller-uid", object.value["metadata"]["uid"]}}}};
    if (selector.value != expected) Add(selector, {"`selector` not auto-generated"}, errors);
  }
  if (selector.absent()) errors.push_back(Required(selector.path));
  if (!SelectorMatches(selector.value, labels.value)) {
    Add(labels, {"`selector` does not match template `labels`"}, errors);
  }
  ValidateJobTemplate(spec, errors);
}

void ValidateCronJob(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  ValidateSchedule(spec["schedule"], errors);
  const Field zone = spec["timeZone"];
  absl::TimeZone found;
  if (!zone.absent() &&
      (zone.str().empty() || !absl::LoadTimeZone(std::string(zone.str()), &found))) {
    Add(zone, {absl::StrCat("unknown time zone ", zone.str())}, errors);
  }
  NonNegative(spec["startingDeadlineSeconds"], errors);
  MustBeOneOf(spec["concurrencyPolicy"], {"Allow", "Forbid", "Replace"}, errors);
  NonNegative(spec["successfulJobsHistoryLimit"], errors);
  NonNegative(spec["failedJobsHistoryLimit"], errors);
  const Field job = spec["jobTemplate"];
  ValidateJobTemplate(job["spec"], errors);
  const Field metadata = object["metadata"];
  const Field name = metadata["name"];
  if (name.str().size() > 52) Add(name, {"must be no more than 52 characters"}, errors);
}

void ValidateJobUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Value& before = old_object.value["spec"];
  const bool elastic = spec.value["completionMode"].str() == "Indexed" &&
                       spec.value["completions"] == spec.value["parallelism"];
  Value pod_template = spec.value["template"];
  Value old_template = before["template"];
  if (before["suspend"].bool_or(false) && old_object.value["status"]["startTime"].is_null()) {
    // A Job that never started may still be told where to run.
    for (Value* one : {&pod_template, &old_template}) {
      Value& pod = one->Ensure("spec");
      for (const char* field : {"nodeSelector", "affinity", "tolerations", "schedulingGates"}) {
        pod.Erase(field);
      }
      Value& metadata = one->Ensure("metadata");
      metadata.Erase("labels");
      metadata.Erase("annotations");
    }
  }
  const Field current = spec["template"];
  if (pod_template != old_template) Add(current, {"field is immutable"}, errors);
  for (const char* name : {"completions", "selector", "completionMode", "podFailurePolicy",
                           "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    const Field field = spec[name];
    if (elastic && absl::string_view(name) == "completions") continue;
    if (field.value != before[name]) Add(field, {"field is immutable"}, errors);
  }
}

}  // namespace sluice::devapi
