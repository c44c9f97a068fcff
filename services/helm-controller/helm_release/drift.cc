// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/drift.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/kind_order.h"
#include "common/ssa/drift_ignore.h"
#include "common/ssa/managed_fields.h"
#include "common/value/json.h"
#include "services/helm-controller/helm_release/json_diff.h"

namespace sluice::helm_controller {
namespace {

using runtime::Severity;

constexpr char kExclusion[] = "helm.toolkit.fluxcd.io/driftDetection";
constexpr size_t kLongestValue = 200;

bool OptsOut(const Value& object) {
  const auto disabled = [](absl::string_view text) {
    return absl::EqualsIgnoreCase(text, "disabled");
  };
  return disabled(kube::Label(object, kExclusion)) ||
         disabled(kube::Annotation(object, kExclusion));
}

// Labels and annotations that others added are theirs; all else outside of metadata and status is
// the chart's.
Value PatchBetween(const Value& live, const Value& expected) {
  Value patch = Value::EmptyArray();
  for (const char* field : {"labels", "annotations"}) {
    const Value& now = live["metadata"][field];
    const Value& wanted = expected["metadata"][field];
    if (wanted.empty()) continue;
    if (!now.is_object()) {
      patch.Append({{"op", "add"}, {"path", absl::StrCat("/metadata/", field)}, {"value", wanted}});
      continue;
    }
    const Value difference = JsonDiff(now, wanted, absl::StrCat("/metadata/", field));
    for (const Value& operation : difference.items()) {
      if (operation["op"].str() != "remove") patch.Append(operation);
    }
  }
  Value before = live;
  Value after = expected;
  for (Value* side : {&before, &after}) {
    side->Erase("metadata");
    side->Erase("status");
  }
  const Value difference = JsonDiff(before, after, "");
  for (const Value& operation : difference.items()) patch.Append(operation);
  return patch;
}

// Fields that other managers hold become ours first, where we are told so.
absl::Status TakeOver(const Context& ctx, Work& work, const Resource& resource, Value& live) {
  const auto& overridden = work.services.options.override_managers;
  if (overridden.empty()) return absl::OkStatus();
  const Value patch = ssa::CleanupPatch(live, kFieldManager, overridden);
  if (patch.is_null()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      live, work.with.client.Patch(ctx, resource.at, resource.key(), kube::PatchType::kJson, patch,
                                   {.field_manager = kFieldManager}));
  return absl::OkStatus();
}

absl::Status Compare(const Context& ctx, Work& work, const ssa::DriftIgnore& rules,
                     const Resource& desired, std::vector<DriftedObject>& drifted) {
  const std::vector<std::string> ignored = rules.PathsFor(desired.object);
  const bool all = std::find(ignored.begin(), ignored.end(), "") != ignored.end();
  if (all || OptsOut(desired.object)) return absl::OkStatus();
  auto live = work.with.client.Get(ctx, desired.at, desired.key());
  if (absl::IsNotFound(live.status())) {
    drifted.push_back({desired, Value(), Value(), Value()});
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(live.status());
  if (OptsOut(*live)) return absl::OkStatus();
  RETURN_IF_ERROR(TakeOver(ctx, work, desired, *live));
  ASSIGN_OR_RETURN(
      const Value expected,
      work.with.client.Apply(ctx, desired.at, desired.object,
                             {.field_manager = kFieldManager, .force = true, .dry_run = true}));
  Value patch =
      PatchBetween(ssa::WithoutPaths(*live, ignored), ssa::WithoutPaths(expected, ignored));
  if (!patch.empty()) drifted.push_back({desired, *std::move(live), expected, std::move(patch)});
  return absl::OkStatus();
}

int CountOf(const Value& patch, absl::string_view op) {
  return static_cast<int>(
      std::count_if(patch.items().begin(), patch.items().end(),
                    [&](const Value& operation) { return operation["op"].str() == op; }));
}

std::string Shown(const DriftedObject& object, const Value& value) {
  if (object.desired.at.kind == "Secret" && object.desired.at.group.empty()) return "***";
  const std::string text = value::FormatJson(value, {.escape_html = false});
  return text.size() <= kLongestValue ? text : absl::StrCat(text.substr(0, kLongestValue), "…");
}

std::string LinesOf(const DriftedObject& object) {
  const std::string subject = kube::Subject(object.desired.object);
  if (object.live.is_null()) return absl::StrCat(subject, " removed");
  std::string out = absl::StrCat(subject, " changed (", CountOf(object.patch, "add"),
                                 " additions, ", CountOf(object.patch, "replace"), " changes, ",
                                 CountOf(object.patch, "remove"), " removals)");
  for (const Value& operation : object.patch.items()) {
    absl::StrAppend(&out, "\n  ", operation["op"].str(), " ", operation["path"].str());
    if (operation.Has("value")) absl::StrAppend(&out, ": ", Shown(object, operation["value"]));
  }
  return out;
}

absl::Status CorrectOne(const Context& ctx, Work& work, const DriftedObject& object) {
  const Resource& desired = object.desired;
  if (object.live.is_null()) {
    return work.with.client
        .Apply(ctx, desired.at, desired.object, {.field_manager = kFieldManager, .force = true})
        .status();
  }
  const absl::Status patched = work.with.client
                                   .Patch(ctx, desired.at, desired.key(), kube::PatchType::kJson,
                                          object.patch, {.field_manager = kFieldManager})
                                   .status();
  if (patched.ok() || desired.at.kind != "Secret") return patched;
  // The API server quotes what it does not like.
  const std::string message(patched.message());
  return WithMessage(
      patched,
      message.substr(message.rfind(": ") == std::string::npos ? 0 : message.rfind(": ") + 2));
}

}  // namespace

std::string Drift::Lines() const {
  std::vector<std::string> lines;
  for (const DriftedObject& object : objects) lines.push_back(LinesOf(object));
  return absl::StrJoin(lines, "\n");
}

Drift DetectDrift(const Context& ctx, Work& work, const helm_release::Record& record) {
  Drift drift;
  auto resources = BuildResources(ctx, work.with.discovery, record.manifest, record.ns);
  if (!resources.ok()) {
    drift.status = resources.status();
    return drift;
  }
  SetOwnership(record.name, record.ns, *resources);
  const auto rules = ssa::DriftIgnore::Compile(work.session.spec.drift_ignore);
  if (!rules.ok()) {
    drift.status = rules.status();
    return drift;
  }
  std::vector<std::string> errors;
  for (const Resource& resource : *resources) {
    if (drift.status = ctx.Check(); !drift.status.ok()) return drift;
    const absl::Status compared = Compare(ctx, work, *rules, resource, drift.objects);
    if (!compared.ok()) {
      errors.push_back(absl::StrCat(kube::Subject(resource.object), ": ", compared.message()));
    }
  }
  if (!errors.empty()) drift.status = absl::UnknownError(absl::StrJoin(errors, "; "));
  return drift;
}

void CorrectDrift(const Context& ctx, Work& work, const Drift& drift) {
  Session& session = work.session;
  const Context limited = ctx.WithTimeout(session.spec.timeout);
  session.Ready(api::ConditionStatus::kUnknown, api::kProgressingReason,
                "correcting cluster drift");
  std::vector<const DriftedObject*> ordered;
  for (const DriftedObject& object : drift.objects) ordered.push_back(&object);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
    return helm::InstalledBefore(a->desired.at.kind, b->desired.at.kind, helm::Dialect::kHelm4);
  });
  std::vector<std::string> corrected;
  std::vector<std::string> errors;
  for (const DriftedObject* object : ordered) {
    const std::string subject = kube::Subject(object->desired.object);
    const absl::Status done = CorrectOne(limited, work, *object);
    if (done.ok()) {
      corrected.push_back(
          absl::StrCat(subject, object->live.is_null() ? " created" : " configured"));
    } else {
      errors.push_back(absl::StrCat(subject, ": ", done.message()));
    }
  }
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  const std::string release = latest->FullReleaseName();
  if (errors.empty()) {
    session.Event(Severity::kInfo, "DriftCorrected",
                  absl::StrCat("Cluster state of release ", release, " has been corrected:\n",
                               absl::StrJoin(corrected, "\n")),
                  session.MetadataOf(*latest));
    return;
  }
  std::string message = absl::StrCat("Failed to ", corrected.empty() ? "" : "partially ",
                                     "correct cluster state of release ", release, ":\n",
                                     absl::StrJoin(errors, "\n"));
  if (!corrected.empty()) {
    absl::StrAppend(&message, "\n\nSuccessful corrections:\n", absl::StrJoin(corrected, "\n"));
  }
  session.Event(Severity::kError, "DriftCorrectionFailed", message, session.MetadataOf(*latest));
}

}  // namespace sluice::helm_controller
