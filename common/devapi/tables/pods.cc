// Cells of pods: the status column says in a word what a pod is doing.

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

bool HasTrueCondition(const Value& pod, absl::string_view type) {
  for (const Value& condition : pod["status"]["conditions"].items()) {
    if (condition["type"].str() == type) return condition["status"].str() == "True";
  }
  return false;
}

std::string Termination(const Value& terminated) {
  if (!terminated["reason"].str().empty()) return std::string(terminated["reason"].str());
  if (terminated["signal"].int_or(0) != 0) {
    return absl::StrCat("Signal:", terminated["signal"].int_or(0));
  }
  return absl::StrCat("ExitCode:", terminated["exitCode"].int_or(0));
}

struct Summary {
  std::string reason;
  int64_t ready = 0;
  int64_t restarts = 0;
  std::string last_restart;  // the newest, RFC 3339; "" if none is known
};

void NoteRestarts(const Value& status, Summary& summary) {
  summary.restarts += status["restartCount"].int_or(0);
  const std::string at(status["lastState"]["terminated"]["finishedAt"].str());
  if (at > summary.last_restart) summary.last_restart = at;  // equal formats compare as times do
}

// Whether an init container is still at work; then it gives the reason.
bool Initializing(const Value& pod, Summary& summary) {
  const size_t total = pod["spec"]["initContainers"].size();
  size_t index = 0;
  for (const Value& status : pod["status"]["initContainerStatuses"].items()) {
    NoteRestarts(status, summary);
    const Value& terminated = status["state"]["terminated"];
    const Value& waiting = status["state"]["waiting"];
    const bool done = terminated.is_object() && terminated["exitCode"].int_or(0) == 0;
    if (done) {
      ++index;
      continue;
    }
    if (terminated.is_object()) {
      summary.reason = absl::StrCat("Init:", Termination(terminated));
    } else if (!waiting["reason"].str().empty() && waiting["reason"].str() != "PodInitializing") {
      summary.reason = absl::StrCat("Init:", waiting["reason"].str());
    } else {
      summary.reason = absl::StrCat("Init:", index, "/", total);
    }
    return true;
  }
  return false;
}

void SumContainers(const Value& pod, Summary& summary) {
  summary.restarts = 0;
  summary.last_restart.clear();
  bool running = false;
  const auto statuses = pod["status"]["containerStatuses"].items();
  for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) {
    NoteRestarts(*status, summary);
    const Value& state = (*status)["state"];
    if (!state["waiting"]["reason"].str().empty()) {
      summary.reason = std::string(state["waiting"]["reason"].str());
    } else if (state["terminated"].is_object()) {
      summary.reason = Termination(state["terminated"]);
    } else if ((*status)["ready"].bool_or(false) && state["running"].is_object()) {
      running = true;
      ++summary.ready;
    }
  }
  if (summary.reason == "Completed" && running) {
    summary.reason = HasTrueCondition(pod, "Ready") ? "Running" : "NotReady";
  }
}

Summary Summarise(const Value& pod) {
  Summary summary;
  const absl::string_view phase = pod["status"]["phase"].str();
  const absl::string_view reason = pod["status"]["reason"].str();
  summary.reason = std::string(reason.empty() ? phase : reason);
  for (const Value& condition : pod["status"]["conditions"].items()) {
    if (condition["type"].str() == "PodScheduled" &&
        condition["reason"].str() == "SchedulingGated") {
      summary.reason = "SchedulingGated";
    }
  }
  if (!Initializing(pod, summary) || HasTrueCondition(pod, "Initialized")) {
    SumContainers(pod, summary);
  }
  if (!pod["metadata"]["deletionTimestamp"].is_null()) {
    if (reason == "NodeLost") {
      summary.reason = "Unknown";
    } else if (phase != "Failed" && phase != "Succeeded") {
      summary.reason = "Terminating";
    }
  }
  return summary;
}

std::string ReadinessGates(const Value& pod) {
  const auto gates = pod["spec"]["readinessGates"].items();
  if (gates.empty()) return "<none>";
  size_t met = 0;
  for (const Value& gate : gates) met += HasTrueCondition(pod, gate["conditionType"].str()) ? 1 : 0;
  return absl::StrCat(met, "/", gates.size());
}

void PrintPod(const Value& pod, absl::Time now, Value::Array& cells) {
  const Summary summary = Summarise(pod);
  std::string restarts = absl::StrCat(summary.restarts);
  if (summary.restarts != 0 && !summary.last_restart.empty()) {
    absl::StrAppend(&restarts, " (", Age(summary.last_restart, now), " ago)");
  }
  const auto or_none = [](const Value& text) {
    return text.str().empty() ? Value("<none>") : Value(text.str());
  };
  cells.insert(cells.end(), {pod["metadata"]["name"],
                             absl::StrCat(summary.ready, "/", pod["spec"]["containers"].size()),
                             summary.reason, restarts, ObjectAge(pod, now),
                             or_none(pod["status"]["podIP"]), or_none(pod["spec"]["nodeName"]),
                             or_none(pod["status"]["nominatedNodeName"]), ReadinessGates(pod)});
}

constexpr NamedPrinter kPrinters[] = {{"pods", PrintPod}};

}  // namespace

std::span<const NamedPrinter> PodPrinters() { return kPrinters; }

}  // namespace sluice::devapi
