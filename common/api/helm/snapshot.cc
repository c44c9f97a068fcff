// SPDX-License-Identifier: Apache-2.0
#include "common/api/helm/snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/meta/decode.h"

namespace sluice::api {
namespace {

constexpr size_t kKept = 5;

void SortNewestFirst(History& history) {
  std::stable_sort(history.begin(), history.end(),
                   [](const Snapshot& a, const Snapshot& b) { return a.version > b.version; });
}

bool CanRollBackTo(const Snapshot& snapshot, bool ignore_tests) {
  return (snapshot.status == "deployed" || snapshot.status == "superseded") &&
         (ignore_tests || !snapshot.HasTestInPhase("Failed"));
}

void SetText(absl::string_view key, const std::string& text, Value& object) {
  if (!text.empty()) object.Set(key, text);
}

}  // namespace

Snapshot Snapshot::Decode(const Value& value) {
  Snapshot result;
  result.api_version = Text(value["apiVersion"]);
  result.digest = Text(value["digest"]);
  result.name = Text(value["name"]);
  result.ns = Text(value["namespace"]);
  result.version = value["version"].int_or(0);
  result.status = Text(value["status"]);
  result.action = Text(value["action"]);
  result.chart_name = Text(value["chartName"]);
  result.chart_version = Text(value["chartVersion"]);
  result.app_version = Text(value["appVersion"]);
  result.config_digest = Text(value["configDigest"]);
  result.first_deployed = Text(value["firstDeployed"]);
  result.last_deployed = Text(value["lastDeployed"]);
  result.deleted = Text(value["deleted"]);
  result.oci_digest = Text(value["ociDigest"]);
  if (value["testHooks"].is_object()) {
    result.test_hooks.emplace();
    for (const value::Member& hook : value["testHooks"].members()) {
      (*result.test_hooks)[hook.key] = {Text(hook.value["lastStarted"]),
                                        Text(hook.value["lastCompleted"]),
                                        Text(hook.value["phase"])};
    }
  }
  return result;
}

Value Snapshot::Encode() const {
  Value result = {{"digest", digest},
                  {"name", name},
                  {"namespace", ns},
                  {"version", version},
                  {"status", status},
                  {"chartName", chart_name},
                  {"chartVersion", chart_version},
                  {"configDigest", config_digest},
                  {"firstDeployed", first_deployed},
                  {"lastDeployed", last_deployed}};
  SetText("apiVersion", api_version, result);
  SetText("action", action, result);
  SetText("appVersion", app_version, result);
  SetText("deleted", deleted, result);
  SetText("ociDigest", oci_digest, result);
  if (test_hooks.has_value()) {
    Value& hooks = result.Ensure("testHooks");
    for (const auto& [hook, state] : *test_hooks) {
      Value& entry = hooks.Ensure(hook);
      SetText("lastStarted", state.last_started, entry);
      SetText("lastCompleted", state.last_completed, entry);
      SetText("phase", state.phase, entry);
    }
  }
  return result;
}

std::string Snapshot::FullReleaseName() const { return absl::StrCat(ns, "/", name, ".v", version); }

std::string Snapshot::VersionedChartName() const {
  return absl::StrCat(chart_name, "@", chart_version);
}

bool Snapshot::HasTestInPhase(absl::string_view phase) const {
  return test_hooks.has_value() &&
         std::any_of(test_hooks->begin(), test_hooks->end(),
                     [&](const auto& hook) { return hook.second.phase == phase; });
}

bool Snapshot::HasBeenTested() const {
  if (!test_hooks.has_value()) return false;
  if (HasTestInPhase("Failed")) return true;
  return std::all_of(test_hooks->begin(), test_hooks->end(),
                     [](const auto& hook) { return hook.second.phase == "Succeeded"; });
}

Snapshot* LatestOf(History& history) {
  const auto latest =
      std::max_element(history.begin(), history.end(),
                       [](const Snapshot& a, const Snapshot& b) { return a.version < b.version; });
  return latest == history.end() ? nullptr : &*latest;
}

const Snapshot* LatestOf(const History& history) { return LatestOf(const_cast<History&>(history)); }

const Snapshot* PreviousOf(const History& history, bool ignore_tests) {
  const Snapshot* const latest = LatestOf(history);
  const Snapshot* previous = nullptr;
  for (const Snapshot& snapshot : history) {
    if (&snapshot == latest || !CanRollBackTo(snapshot, ignore_tests)) continue;
    if (previous == nullptr || snapshot.version > previous->version) previous = &snapshot;
  }
  return previous;
}

void Truncate(bool ignore_tests, History& history) {
  if (history.size() < 2) return;
  SortNewestFirst(history);
  const Snapshot* const previous = PreviousOf(history, ignore_tests);
  if (previous == nullptr) {
    TruncateToFive(history);
    return;
  }
  history.resize(static_cast<size_t>(previous - history.data()) + 1);
}

void TruncateToFive(History& history) {
  SortNewestFirst(history);
  if (history.size() > kKept) history.resize(kKept);
}

}  // namespace sluice::api
