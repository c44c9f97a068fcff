// Cells of the kinds that run pods.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/duration.h"
#include "common/base/human_duration.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

using Cells = Value::Array;

const Value& Name(const Value& object) { return object["metadata"]["name"]; }
int64_t Status(const Value& object, const char* field) { return object["status"][field].int_or(0); }
const Value& PodSpec(const Value& object) { return object["spec"]["template"]["spec"]; }

void PrintDeployment(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(
      cells.end(),
      {Name(object),
       absl::StrCat(Status(object, "readyReplicas"), "/", object["spec"]["replicas"].int_or(0)),
       Status(object, "updatedReplicas"), Status(object, "availableReplicas"),
       ObjectAge(object, now), ContainerNames(PodSpec(object)), ContainerImages(PodSpec(object)),
       FormatSelector(object["spec"]["selector"])});
}

void PrintReplicaSet(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(
      cells.end(),
      {Name(object), object["spec"]["replicas"].int_or(0), Status(object, "replicas"),
       Status(object, "readyReplicas"), ObjectAge(object, now), ContainerNames(PodSpec(object)),
       ContainerImages(PodSpec(object)), FormatSelector(object["spec"]["selector"])});
}

void PrintReplicationController(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(
      cells.end(),
      {Name(object), object["spec"]["replicas"].int_or(0), Status(object, "replicas"),
       Status(object, "readyReplicas"), ObjectAge(object, now), ContainerNames(PodSpec(object)),
       ContainerImages(PodSpec(object)), FormatLabels(object["spec"]["selector"])});
}

void PrintStatefulSet(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(
      cells.end(),
      {Name(object),
       absl::StrCat(Status(object, "readyReplicas"), "/", object["spec"]["replicas"].int_or(0)),
       ObjectAge(object, now), ContainerNames(PodSpec(object)), ContainerImages(PodSpec(object))});
}

void PrintDaemonSet(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), Status(object, "desiredNumberScheduled"),
                Status(object, "currentNumberScheduled"), Status(object, "numberReady"),
                Status(object, "updatedNumberScheduled"), Status(object, "numberAvailable"),
                FormatLabels(PodSpec(object)["nodeSelector"]), ObjectAge(object, now),
                ContainerNames(PodSpec(object)), ContainerImages(PodSpec(object)),
                FormatSelector(object["spec"]["selector"])});
}

bool HasCondition(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type && condition["status"].str() == "True") return true;
  }
  return false;
}

std::string JobStatus(const Value& job) {
  if (HasCondition(job, "Complete")) return "Complete";
  if (HasCondition(job, "Failed")) return "Failed";
  if (!job["metadata"]["deletionTimestamp"].is_null()) return "Terminating";
  for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (HasCondition(job, type)) return type;
  }
  return "Running";
}

std::string JobDuration(const Value& job, absl::Time now) {
  const absl::StatusOr<absl::Time> start = ParseRfc3339(job["status"]["startTime"].str());
  if (!start.ok()) return "";
  const absl::StatusOr<absl::Time> end = ParseRfc3339(job["status"]["completionTime"].str());
  return HumanDuration((end.ok() ? *end : now) - *start);
}

void PrintJob(const Value& job, absl::Time now, Cells& cells) {
  const int64_t succeeded = Status(job, "succeeded");
  std::string completions = absl::StrCat(succeeded, "/1");
  const int64_t parallelism = job["spec"]["parallelism"].int_or(0);
  if (job["spec"]["completions"].is_integer()) {
    completions = absl::StrCat(succeeded, "/", job["spec"]["completions"].int_or(0));
  } else if (parallelism > 1) {
    completions = absl::StrCat(succeeded, "/1 of ", parallelism);
  }
  cells.insert(cells.end(),
               {Name(job), JobStatus(job), completions, JobDuration(job, now), ObjectAge(job, now),
                ContainerNames(PodSpec(job)), ContainerImages(PodSpec(job)),
                FormatSelector(job["spec"]["selector"])});
}

void PrintCronJob(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  const Value& pod = spec["jobTemplate"]["spec"]["template"]["spec"];
  const Value& last = object["status"]["lastScheduleTime"];
  const char* suspend = spec["suspend"].bool_or(false) ? "True" : "False";
  cells.insert(cells.end(),
               {Name(object), spec["schedule"].str(), spec["timeZone"].string_or("<none>"),
                spec["suspend"].is_bool() ? suspend : "<unset>",
                static_cast<int64_t>(object["status"]["active"].size()),
                last.str().empty() ? std::string("<none>") : Age(last, now), ObjectAge(object, now),
                ContainerNames(pod), ContainerImages(pod),
                FormatSelector(spec["jobTemplate"]["spec"]["selector"])});
}

void PrintControllerRevision(const Value& object, absl::Time now, Cells& cells) {
  std::string controller = "<none>";
  for (const Value& owner : object["metadata"]["ownerReferences"].items()) {
    if (!owner["controller"].bool_or(false)) continue;
    const absl::string_view version = owner["apiVersion"].str();
    const absl::string_view group = version.substr(0, version.find('/'));
    controller = absl::StrCat(absl::AsciiStrToLower(owner["kind"].str()), ".", group, "/",
                              owner["name"].str());
  }
  cells.insert(cells.end(),
               {Name(object), controller, object["revision"].int_or(0), ObjectAge(object, now)});
}

// "50%" or "500m" of what a metric wants, beside what it has.
std::string MetricTarget(const Value& target, const Value& current) {
  if (target["averageUtilization"].is_integer()) {
    const Value& have = current["averageUtilization"];
    return absl::StrCat(have.is_integer() ? absl::StrCat(have.int_or(0), "%") : "<unknown>", "/",
                        target["averageUtilization"].int_or(0), "%");
  }
  const bool average = target["averageValue"].is_string();
  const char* key = average ? "averageValue" : "value";
  return absl::StrCat(current[key].string_or("<unknown>"), "/", target[key].str(),
                      average ? " (avg)" : "");
}

std::string MetricTargets(const Value& object) {
  constexpr size_t kShown = 2;
  std::vector<std::string> parts;
  const auto metrics = object["spec"]["metrics"].items();
  for (size_t i = 0; i < metrics.size() && i < kShown; ++i) {
    const absl::string_view type = metrics[i]["type"].str();
    if (type.empty()) continue;
    std::string field(type);
    field[0] = absl::ascii_tolower(static_cast<unsigned char>(field[0]));
    const Value& wanted = metrics[i][field];
    const Value& current = object["status"]["currentMetrics"].at(i)[field]["current"];
    const std::string text = MetricTarget(wanted["target"], current);
    parts.push_back(type == "Resource" ? absl::StrCat(wanted["name"].str(), ": ", text) : text);
  }
  if (parts.empty()) return "<none>";
  std::string text = absl::StrJoin(parts, ", ");
  if (metrics.size() > kShown) absl::StrAppend(&text, " + ", metrics.size() - kShown, " more...");
  return text;
}

void PrintAutoscaler(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  const Value& target = spec["scaleTargetRef"];
  cells.insert(
      cells.end(),
      {Name(object), absl::StrCat(target["kind"].str(), "/", target["name"].str()),
       MetricTargets(object),
       spec["minReplicas"].is_integer() ? absl::StrCat(spec["minReplicas"].int_or(0))
                                        : std::string("<unset>"),
       spec["maxReplicas"].int_or(0), Status(object, "currentReplicas"), ObjectAge(object, now)});
}

constexpr NamedPrinter kPrinters[] = {
    {"deployments.apps", PrintDeployment},
    {"replicasets.apps", PrintReplicaSet},
    {"replicationcontrollers", PrintReplicationController},
    {"statefulsets.apps", PrintStatefulSet},
    {"daemonsets.apps", PrintDaemonSet},
    {"controllerrevisions.apps", PrintControllerRevision},
    {"jobs.batch", PrintJob},
    {"cronjobs.batch", PrintCronJob},
    {"horizontalpodautoscalers.autoscaling", PrintAutoscaler},
};

}  // namespace

std::span<const NamedPrinter> WorkloadPrinters() { return kPrinters; }

}  // namespace sluice::devapi
