// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_generator/reconciliation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/kinds.h"
#include "common/api/kustomize/kustomization.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/finalizer.h"
#include "services/source-controller/artifact_generator/build.h"
#include "services/source-controller/artifact_generator/spec_check.h"

namespace sluice::source_controller {
namespace {

using artifact_composition::PlanArtifacts;
using artifact_composition::PlannedArtifact;
using artifact_composition::SourceTrees;

using api::ConditionStatus;
using runtime::Action;
using runtime::Severity;

// As source-watcher bounds it; no field of the spec says.
constexpr absl::Duration kTimeout = absl::Minutes(10);
constexpr absl::Duration kInterval = absl::Hours(1);
constexpr absl::Duration kGarbageTimeout = absl::Minutes(5);
constexpr char kKind[] = "ArtifactGenerator";
constexpr char kMadeKind[] = "ExternalArtifact";
constexpr char kInProgress[] = "Reconciliation in progress";
constexpr absl::string_view kOwned[] = {api::kReady, api::kReconciling, api::kStalled};

bool IsDisabled(const Value& object) {
  return absl::EqualsIgnoreCase(kube::Annotation(object, api::kGeneratorReconcileAnnotation),
                                "disabled");
}

api::SourceReference Made(const kube::ObjectKey& key) { return {kMadeKind, key}; }

Value StringMap(const std::map<std::string, std::string>& entries) {
  Value map = Value::EmptyObject();
  for (const auto& [key, text] : entries) map.Set(key, text);
  return map;
}

}  // namespace

GeneratorReconciliation::GeneratorReconciliation(const Collaborators& with,
                                                 artifact::Fetcher& fetcher, Value object,
                                                 bool is_new)
    : with_(with),
      fetcher_(fetcher),
      object_(std::move(object)),
      is_new_(is_new),
      before_(api::ArtifactGeneratorStatus::Decode(object_["status"])),
      status_(before_),
      writer_(with.client, api::KindOrDie(kKind), object_, kGeneratorManager, kOwned) {}

kube::ObjectKey GeneratorReconciliation::key() const { return kube::KeyOf(object_); }

absl::StatusOr<Action> GeneratorReconciliation::Run(const Context& ctx) {
  auto action = Attempt(ctx.WithTimeout(kTimeout));
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  RETURN_IF_ERROR(Finish(ctx));
  return action;
}

absl::StatusOr<Action> GeneratorReconciliation::Attempt(const Context& ctx) {
  if (IsDisabled(object_)) {
    if (is_new_) {
      Set(api::kReady, ConditionStatus::kTrue, "ReconciliationDisabled",
          "Initialized with reconciliation suspended");
    }
    Event(Severity::kTrace, "ReconciliationDisabled", "Reconciliation is disabled");
    return Action::AwaitChange();
  }
  const auto spec = api::DecodeArtifactGeneratorSpec(object_["spec"], key().ns);
  if (!spec.ok()) return Stall("ValidationFailed", spec.status().message());
  if (const SpecRefusal refusal =
          CheckSpec(*spec, key().ns, with_.options.process.no_cross_namespace_refs);
      !refusal.reason.empty()) {
    return Stall(refusal.reason, refusal.message);
  }

  const auto retry_later = [&](absl::string_view step, const absl::Status& error) {
    log::Error(ctx, Fail("SourceFetchFailed", Annotate(error, step)), "retrying");
    return Action::After(with_.options.process.requeue_dependency);
  };
  const auto observed = ObserveSources(ctx, with_.client, spec->sources);
  if (!observed.ok()) return retry_later("get sources failed", observed.status());
  const std::string sources_digest = ObservedSourcesDigest(*observed);
  ASSIGN_OR_RETURN(const std::vector<Value> existing, FindMade(ctx));
  if (!HasDrifted(ctx, *spec, sources_digest, existing)) {
    Event(Severity::kTrace, api::kReady,
          absl::StrCat("No drift detected, ", status_.inventory.size(), " artifact(s) up to date"));
    return Action::After(kInterval);
  }
  Progress();
  RETURN_IF_ERROR(writer_.Patch(ctx, status_.Encode()));

  const auto sources = OpenSources(ctx, with_.storage, fetcher_, *observed);
  if (!sources.ok()) return retry_later("fetch sources failed", sources.status());
  const auto planned = PlanArtifacts(*spec, *sources);
  if (!planned.ok()) {
    const absl::Status error = Annotate(planned.status(), "failed to expand path pattern");
    if (absl::IsInvalidArgument(error)) return Stall("BuildFailed", error.message());
    return Fail("BuildFailed", error);
  }
  std::vector<api::GeneratedArtifact> inventory;
  for (const PlannedArtifact& artifact : *planned) {
    ASSIGN_OR_RETURN(inventory.emplace_back(), Make(ctx, *spec, artifact, *observed, *sources));
  }
  if (const absl::Status deleted = DeleteOrphans(ctx, inventory); !deleted.ok()) {
    return Fail("ReconciliationFailed", deleted);
  }
  status_.inventory = std::move(inventory);
  status_.observed_sources_digest = sources_digest;
  const std::string message = absl::StrCat("reconciliation succeeded, generated ",
                                           status_.inventory.size(), " artifact(s)");
  Set(api::kReady, ConditionStatus::kTrue, api::kSucceededReason, message);
  Event(Severity::kTrace, api::kReady, message);
  std::vector<std::string> changed;
  for (const api::GeneratedArtifact& item : status_.inventory) {
    const auto same = [&item](const api::GeneratedArtifact& old) {
      return old.name == item.name && old.ns == item.ns && old.digest == item.digest;
    };
    if (std::none_of(before_.inventory.begin(), before_.inventory.end(), same)) {
      changed.push_back(absl::StrCat(item.ns, "/", item.name, " (", item.digest, ")"));
    }
  }
  if (!changed.empty()) {
    Event(Severity::kInfo, api::kReady,
          absl::StrCat("external artifacts reconciled: ", absl::StrJoin(changed, "\n")));
  }
  return Action::After(
      runtime::Jitter(kInterval, with_.options.process.interval_jitter_percentage));
}

bool GeneratorReconciliation::HasDrifted(const Context& ctx, const api::ArtifactGeneratorSpec& spec,
                                         absl::string_view sources_digest,
                                         std::span<const Value> existing) const {
  const api::Condition* ready = status_.conditions.Find(api::kReady);
  if (ready == nullptr || ready->status != ConditionStatus::kTrue ||
      ready->observed_generation != kube::Generation(object_) ||
      status_.observed_sources_digest != sources_digest ||
      existing.size() != status_.inventory.size() ||
      (spec.path_pattern.empty() && status_.inventory.size() != spec.artifacts.size())) {
    return true;
  }
  for (const Value& object : existing) {
    const auto artifact = api::Artifact::Decode(object["status"]["artifact"]);
    if (!artifact.has_value()) return true;
    const kube::ObjectKey key = kube::KeyOf(object);
    const api::GeneratedArtifact item = {key.name, key.ns, artifact->digest,
                                         std::string(fs::BaseName(artifact->path))};
    api::Artifact here = *artifact;
    with_.storage.SetUrl(here);
    if (std::find(status_.inventory.begin(), status_.inventory.end(), item) ==
            status_.inventory.end() ||
        here.url != artifact->url) {
      return true;
    }
    if (const absl::Status intact = with_.storage.Verify(ctx, *artifact); !intact.ok()) {
      log::Error(ctx, intact, "artifact in storage is not what was made",
                 {{"artifact", Made(key).ToString()}});
      return true;
    }
  }
  return false;
}

absl::StatusOr<api::GeneratedArtifact> GeneratorReconciliation::Make(
    const Context& ctx, const api::ArtifactGeneratorSpec& spec, const PlannedArtifact& planned,
    const ObservedSources& observed, const SourceTrees& sources) {
  const api::OutputArtifact& output = planned.output;
  const kube::ObjectKey made = {key().ns, output.name};
  const auto failed = [&](const char* step) { return absl::StrCat(output.name, " ", step); };
  auto existing = with_.client.Get(ctx, api::KindOrDie(kMadeKind), made);
  if (absl::IsNotFound(existing.status())) existing = Value();
  if (!existing.ok()) {
    return Fail("ReconciliationFailed", Annotate(existing.status(), failed("reconcile failed")));
  }
  const absl::string_view owner = kube::Label(*existing, api::kGeneratorLabel);
  const Value& maker = (*existing)["spec"]["sourceRef"];
  if (!owner.empty() && owner != kube::Uid(object_) && maker["name"].str() != key().name) {
    return Fail("ReconciliationFailed",
                absl::FailedPreconditionError(absl::StrCat(
                    failed("reconcile failed"), ": ", Made(made).ToString(),
                    " is made by another ArtifactGenerator, '", maker["name"].str(), "'")));
  }
  auto artifact = BuildArtifact(ctx, with_.storage, output, sources, Made(made),
                                api::Artifact::Decode((*existing)["status"]["artifact"]));
  if (!artifact.ok()) {
    return Fail("BuildFailed", Annotate(artifact.status(), failed("build failed")));
  }
  if (const auto source = observed.find(output.revision); source != observed.end()) {
    artifact->revision = source->second.revision;
  }
  if (const auto source = observed.find(output.origin_revision); source != observed.end()) {
    const auto& metadata = source->second.metadata;
    const auto origin = metadata.find(api::kOriginRevisionMetadata);
    artifact->metadata[api::kOriginRevisionMetadata] =
        origin == metadata.end() ? source->second.revision : origin->second;
  }
  auto published = Publish(ctx, spec, planned, *existing, *artifact);
  if (!published.ok()) {
    return Fail("ReconciliationFailed", Annotate(published.status(), failed("reconcile failed")));
  }
  const auto collected =
      with_.storage.CollectGarbage(ctx.WithTimeout(kGarbageTimeout), Made(made), *artifact);
  if (!collected.ok()) log::Error(ctx, collected.status(), "failed to garbage collect artifacts");
  return published;
}

absl::StatusOr<api::GeneratedArtifact> GeneratorReconciliation::Publish(
    const Context& ctx, const api::ArtifactGeneratorSpec& spec, const PlannedArtifact& planned,
    const Value& existing, const api::Artifact& artifact) {
  const kube::Resource& resource = api::KindOrDie(kMadeKind);
  const kube::ObjectKey made = {key().ns, planned.output.name};
  Value labels = StringMap(spec.labels);
  for (const auto& [name, text] : planned.labels) labels.Set(name, text);
  labels.Set("app.kubernetes.io/managed-by", kGeneratorManager);
  labels.Set(api::kGeneratorLabel, kube::Uid(object_));
  Value metadata = {{"name", made.name}, {"namespace", made.ns}, {"labels", std::move(labels)}};
  if (!spec.annotations.empty()) metadata.Set("annotations", StringMap(spec.annotations));
  Value object = {{"apiVersion", resource.gvk().api_version()}, {"kind", kMadeKind}};
  Value applied = object;
  applied.Set("metadata", std::move(metadata));
  applied.Set("spec", {{"sourceRef",
                        {{"apiVersion", api::KindOrDie(kKind).gvk().api_version()},
                         {"kind", kKind},
                         {"name", key().name},
                         {"namespace", key().ns}}}});
  const auto stored = with_.client.Apply(ctx, resource, applied,
                                         {.field_manager = kGeneratorManager, .force = true});
  if (!stored.ok()) return Annotate(stored.status(), "failed to apply ExternalArtifact");

  api::Conditions conditions = api::Conditions::Decode(existing["status"]["conditions"]);
  conditions.Set(api::kReady, ConditionStatus::kTrue, api::kSucceededReason, "Artifact is ready",
                 kube::Generation(*stored), with_.clock.Now());
  object.Set("metadata", {{"name", made.name}, {"namespace", made.ns}});
  object.Set("status", {{"artifact", artifact.Encode()}, {"conditions", conditions.Encode()}});
  const auto told = with_.client.Apply(
      ctx, resource, object,
      {.field_manager = kGeneratorManager, .force = true, .subresource = "status"});
  if (!told.ok()) return Annotate(told.status(), "failed to patch ExternalArtifact status");
  with_.hub.Publish({Made(made), std::string(kube::Uid(*told)),
                     std::string(kube::ResourceVersion(*told)), kube::Generation(*told), artifact});

  api::GeneratedArtifact item = {made.name, made.ns, artifact.digest,
                                 std::string(fs::BaseName(artifact.path))};
  // At once: should a later artifact fail, this one is not forgotten.
  const auto known =
      std::find_if(status_.inventory.begin(), status_.inventory.end(),
                   [&item](const auto& old) { return old.name == item.name && old.ns == item.ns; });
  const bool is_news = known == status_.inventory.end() || known->digest != item.digest;
  if (known == status_.inventory.end()) {
    status_.inventory.push_back(item);
  } else {
    *known = item;
  }
  if (is_news) {
    Event(Severity::kTrace, api::kReady,
          absl::StrCat(Made(made).ToString(), " reconciled with revision ", artifact.revision));
  }
  return item;
}

absl::StatusOr<std::vector<Value>> GeneratorReconciliation::FindMade(const Context& ctx) const {
  ASSIGN_OR_RETURN(auto list,
                   with_.client.List(ctx, api::KindOrDie(kMadeKind), key().ns,
                                     {.label_selector = absl::StrCat(api::kGeneratorLabel, "=",
                                                                     kube::Uid(object_))}));
  return std::move(list.items);
}

absl::Status GeneratorReconciliation::DeleteOrphans(
    const Context& ctx, std::span<const api::GeneratedArtifact> wanted) {
  std::set<kube::ObjectKey> orphans;
  for (const api::GeneratedArtifact& item : status_.inventory) orphans.insert({item.ns, item.name});
  ASSIGN_OR_RETURN(const std::vector<Value> made, FindMade(ctx));
  for (const Value& object : made) orphans.insert(kube::KeyOf(object));
  for (const api::GeneratedArtifact& item : wanted) orphans.erase({item.ns, item.name});
  for (const kube::ObjectKey& orphan : orphans) {
    if (const absl::Status deleted = DeleteMade(ctx, orphan); !deleted.ok()) {
      return Annotate(deleted, absl::StrCat("failed to delete ", Made(orphan).ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status GeneratorReconciliation::DeleteMade(const Context& ctx, const kube::ObjectKey& key) {
  const kube::Resource& resource = api::KindOrDie(kMadeKind);
  const auto object = with_.client.Get(ctx, resource, key);
  if (!object.ok() && !absl::IsNotFound(object.status())) return object.status();
  if (object.ok()) {
    // Somebody else's by now.
    if (kube::Label(*object, api::kGeneratorLabel) != kube::Uid(object_)) return absl::OkStatus();
    const absl::Status deleted =
        with_.client.Delete(ctx, resource, key, {.uid = std::string(kube::Uid(*object))});
    if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  }
  with_.hub.Remove(Made(key));
  return with_.storage.RemoveAll(ctx, Made(key)).status();
}

absl::Status GeneratorReconciliation::Remove(const Context& ctx) {
  if (!runtime::HasFinalizer(object_, api::kGeneratorFinalizer)) return absl::OkStatus();
  if (const absl::Status deleted = DeleteOrphans(ctx, {}); !deleted.ok()) {
    Event(Severity::kError, "GarbageCollectionFailed", deleted.message());
    return deleted;
  }
  return runtime::RemoveFinalizer(ctx, with_.client, api::KindOrDie(kKind), object_,
                                  kGeneratorManager, api::kGeneratorFinalizer);
}

void GeneratorReconciliation::Set(absl::string_view type, ConditionStatus condition,
                                  absl::string_view reason, absl::string_view message) {
  status_.conditions.Set(type, condition, reason, message, kube::Generation(object_),
                         with_.clock.Now());
}

void GeneratorReconciliation::Progress() {
  status_.conditions.Delete(api::kStalled);
  Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingReason, kInProgress);
  Set(api::kReady, ConditionStatus::kUnknown, api::kProgressingReason, kInProgress);
}

absl::Status GeneratorReconciliation::Fail(absl::string_view reason, absl::Status status) {
  // What failed now is tried again, whatever stalled it before.
  status_.conditions.Delete(api::kStalled);
  Set(api::kReady, ConditionStatus::kFalse, reason, status.message());
  Event(Severity::kError, reason, status.message());
  return status;
}

Action GeneratorReconciliation::Stall(absl::string_view reason, absl::string_view message) {
  status_.conditions.Delete(api::kReconciling);
  Set(api::kReady, ConditionStatus::kFalse, reason, message);
  Set(api::kStalled, ConditionStatus::kTrue, reason, message);
  Event(Severity::kError, reason, message);
  return Action::AwaitChange();
}

void GeneratorReconciliation::Event(Severity severity, absl::string_view reason,
                                    absl::string_view message) {
  with_.events.Record(object_, severity, reason, message);
}

absl::Status GeneratorReconciliation::Finish(const Context& ctx) {
  if (const absl::string_view requested =
          kube::Annotation(object_, api::kReconcileRequestAnnotation);
      !requested.empty()) {
    status_.last_handled_reconcile_at = std::string(requested);
  }
  if (status_.conditions.IsTrue(api::kReady) || status_.conditions.IsTrue(api::kStalled)) {
    status_.conditions.Delete(api::kReconciling);
  } else if (status_.conditions.IsFalse(api::kReady) && status_.conditions.Has(api::kReconciling)) {
    Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingWithRetryReason, kInProgress);
  }
  return writer_.Patch(ctx, status_.Encode());
}

}  // namespace sluice::source_controller
