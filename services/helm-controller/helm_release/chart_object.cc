// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/chart_object.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/kinds.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/object.h"
#include "services/helm-controller/action/environment.h"

namespace sluice::helm_controller {
namespace {

using runtime::Severity;

kube::ObjectKey ParseKey(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
  return {parts.first, parts.second};
}

Value DesiredChart(const Session& session, const kube::ObjectKey& key) {
  const Value& chart = session.spec.raw["chart"];
  const Value& from = chart["spec"];
  Value spec = {
      {"chart", from["chart"]},
      {"version", from["version"].str().empty() ? Value("*") : from["version"]},
      {"sourceRef", {{"kind", from["sourceRef"]["kind"]}, {"name", from["sourceRef"]["name"]}}},
      {"interval",
       from["interval"].str().empty() ? session.spec.raw["interval"] : from["interval"]}};
  for (const char* field :
       {"reconcileStrategy", "valuesFiles", "ignoreMissingValuesFiles", "verify"}) {
    if (!from[field].is_null()) spec.Set(field, from[field]);
  }
  // Of the versions before v2.
  if (!from["valuesFile"].str().empty()) {
    Value files = from["valuesFiles"].is_array() ? from["valuesFiles"] : Value::EmptyArray();
    files.Append(from["valuesFile"]);
    spec.Set("valuesFiles", std::move(files));
  }
  Value object = {{"apiVersion", absl::StrCat(api::kSourceGroup, "/v1")},
                  {"kind", "HelmChart"},
                  {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
                  {"spec", std::move(spec)}};
  for (const char* field : {"labels", "annotations"}) {
    for (const value::Member& entry : chart["metadata"][field].members()) {
      kube::SetMetadataEntry(object, field, entry.key, entry.value.str());
    }
  }
  kube::SetMetadataEntry(object, "labels", api::kHelmOwnerNameLabel, session.key().name);
  kube::SetMetadataEntry(object, "labels", api::kHelmOwnerNamespaceLabel, session.key().ns);
  return object;
}

// Whether `live` already has all that `desired` asks for. What others added does not matter.
bool Holds(const Value& live, const Value& desired) {
  if (!desired.is_object()) return live == desired;
  for (const value::Member& member : desired.members()) {
    if (!Holds(live[member.key], member.value)) return false;
  }
  return true;
}

absl::Status ApplyChart(const Context& ctx, const Services& services, const kube::ObjectKey& key,
                        Session& session) {
  const kube::Resource& charts = api::KindOrDie("HelmChart");
  const Value desired = DesiredChart(session, key);
  const kube::ObjectPtr cached = services.sources.Cached({"HelmChart", key});
  if (cached != nullptr && Holds(*cached, desired)) return absl::OkStatus();
  const auto live = services.client.Get(ctx, charts, key);
  if (live.ok() && Holds(*live, desired)) return absl::OkStatus();
  const auto applied =
      services.client.Apply(ctx, charts, desired, {.field_manager = kFieldManager, .force = true});
  if (!applied.ok()) {
    const std::string message =
        absl::StrCat("failed to run server-side apply: ", kube::Subject(desired), " dry-run failed",
                     kube::ErrorReason(applied.status()).empty()
                         ? ""
                         : absl::StrCat(" (", kube::ErrorReason(applied.status()), ")"),
                     ": ", applied.status().message());
    session.Event(Severity::kTrace, "HelmChartSyncErr", message);
    return WithMessage(applied.status(), message);
  }
  const bool created = absl::IsNotFound(live.status());
  const Value& source = desired["spec"]["sourceRef"];
  session.Event(Severity::kTrace, created ? "HelmChartCreated" : "HelmChartConfigured",
                absl::StrCat(created ? "Created " : "Configured ", kube::Subject(desired),
                             " with SourceRef '", source["kind"].str(), "/", key.ns, "/",
                             source["name"].str(), "'"));
  return absl::OkStatus();
}

}  // namespace

absl::Status DeleteChartObject(const Context& ctx, const Services& services, Session& session) {
  const std::string name = session.status.helm_chart;
  if (name.empty()) return absl::OkStatus();
  const kube::ObjectKey key = ParseKey(name);
  if (services.options.process.no_cross_namespace_refs && key.ns != session.key().ns) {
    return absl::PermissionDeniedError(absl::StrCat(
        "can't access 'HelmChart/", name, "', cross-namespace references have been blocked"));
  }
  const absl::Status deleted = services.client.Delete(ctx, api::KindOrDie("HelmChart"), key);
  if (!deleted.ok() && !absl::IsNotFound(deleted)) {
    return Annotate(deleted, absl::StrCat("failed to delete HelmChart '", name, "'"));
  }
  if (deleted.ok()) {
    session.Event(Severity::kTrace, "HelmChartDeleted",
                  absl::StrCat("deleted HelmChart '", name, "'"));
  }
  session.status.helm_chart.clear();
  return absl::OkStatus();
}

absl::Status ReconcileChartObject(const Context& ctx, const Services& services, Session& session) {
  const std::string wanted = api::HelmChartOf(session.object());
  if (session.status.helm_chart != wanted) {
    RETURN_IF_ERROR(DeleteChartObject(ctx, services, session));
  }
  if (wanted.empty()) return absl::OkStatus();
  const kube::ObjectKey key = ParseKey(wanted);
  if (services.options.process.no_cross_namespace_refs && key.ns != session.key().ns) {
    return absl::PermissionDeniedError(absl::StrCat(
        "can't access 'HelmChart/", wanted, "', cross-namespace references have been blocked"));
  }
  RETURN_IF_ERROR(ApplyChart(ctx, services, key, session));
  session.status.helm_chart = wanted;
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
