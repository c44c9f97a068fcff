// SPDX-License-Identifier: Apache-2.0
#include "cli/reconcile.h"

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/kinds.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

constexpr char kForceAnnotation[] = "reconcile.fluxcd.io/forceAt";
constexpr char kResetAnnotation[] = "reconcile.fluxcd.io/resetAt";

bool ConditionIsTrue(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type) return condition["status"].str() == "True";
  }
  return false;
}

struct Target {
  const KindView* view = nullptr;
  kube::ObjectKey key;
};

absl::StatusOr<Value> Find(const Context& ctx, Connection& connection, const Target& target) {
  auto object = connection.client->Get(ctx, target.view->Resource(), target.key);
  if (absl::IsNotFound(object.status())) {
    return absl::NotFoundError(absl::StrCat(target.view->resource, " object '", target.key.name,
                                            "' not found in \"", target.key.ns, "\" namespace"));
  }
  return object;
}

// What has to be fresh before `object` is; name empty: nothing.
absl::StatusOr<Target> SourceOf(const Target& target, const Value& object) {
  const Value& spec = object["spec"];
  const Value* reference = &spec["sourceRef"];
  if (target.view->resource == "HelmRelease") {
    reference = &spec["chartRef"];
    if (reference->is_null()) {
      return Target{
          FindView("HelmChart"),
          {std::string(spec["chart"]["spec"]["sourceRef"]["namespace"].string_or(target.key.ns)),
           absl::StrCat(target.key.ns, "-", target.key.name)}};
    }
  }
  const absl::string_view kind = (*reference)["kind"].str();
  if (kind == "ExternalArtifact") {
    return absl::FailedPreconditionError(
        "an ExternalArtifact cannot be reconciled; leave --with-source out");
  }
  const KindView* view = FindView(kind);
  if (view == nullptr) return absl::FailedPreconditionError("the object names no source");
  return Target{view,
                {std::string((*reference)["namespace"].string_or(target.key.ns)),
                 std::string((*reference)["name"].str())}};
}

absl::Status Await(const Context& ctx, Connection& connection, const Target& target,
                   const std::string& requested_at) {
  const kube::Resource& resource = target.view->Resource();
  while (true) {
    ASSIGN_OR_RETURN(const Value object, Find(ctx, connection, target));
    switch (ProgressOf(object, requested_at)) {
      case Progress::kDone:
        PrintProgress(Mark::kSuccess, SuccessLine(object));
        return absl::OkStatus();
      case Progress::kFailed:
        return absl::FailedPreconditionError(
            absl::StrCat(target.view->resource, " reconciliation failed: ", ReadyMessage(object)));
      case Progress::kPending:
        break;
    }
    // Until it changes; a server that ends the watch early is asked again.
    const absl::Status watched = connection.client->Watch(
        ctx, resource, target.key.ns,
        {.field_selector = absl::StrCat("metadata.name=", target.key.name),
         .resource_version = std::string(kube::ResourceVersion(object)),
         .timeout = absl::Seconds(5)},
        [](const kube::WatchEvent&) { return absl::AbortedError("changed"); });
    const absl::Status ended = ctx.Check();
    if (absl::IsDeadlineExceeded(ended)) {
      return absl::DeadlineExceededError(
          absl::StrCat("timed out waiting for ", target.view->resource, " ", target.key.ToString(),
                       ": ", ReadyMessage(object)));
    }
    RETURN_IF_ERROR(ended);
    if (!watched.ok() && !absl::IsAborted(watched)) {
      RETURN_IF_ERROR(RealClock().Sleep(ctx, absl::Milliseconds(500)));
    }
  }
}

absl::Status Run(const Context& ctx, Connection& connection, const ReconcileOptions& options,
                 const Target& target, bool with_source) {
  ASSIGN_OR_RETURN(const Value object, Find(ctx, connection, target));
  if (target.view->resource == "HelmRepository" && object["spec"]["type"].str() == "oci") {
    PrintProgress(Mark::kSuccess, "HelmRepository of type oci needs no reconciliation");
    return absl::OkStatus();
  }
  if (Suspended(object)) {
    return absl::FailedPreconditionError(absl::StrCat(
        target.view->resource, " ", target.key.ToString(), " is suspended; resume it first"));
  }
  if (with_source) {
    ASSIGN_OR_RETURN(const Target source, SourceOf(target, object));
    // A chart has a source of its own, which comes first.
    RETURN_IF_ERROR(Run(ctx, connection, options, source, source.view->resource == "HelmChart"));
  }

  const std::string requested_at = FormatRfc3339Nano(RealClock().Now());
  Value patch;
  Value& annotations = patch.Ensure("metadata").Ensure("annotations");
  annotations.Set(api::kReconcileRequestAnnotation, requested_at);
  if (target.view->resource == "HelmRelease") {
    if (options.force) annotations.Set(kForceAnnotation, requested_at);
    if (options.reset) annotations.Set(kResetAnnotation, requested_at);
  }
  PrintProgress(Mark::kAction, absl::StrCat("annotating ", target.view->resource, " ",
                                            target.key.name, " in ", target.key.ns, " namespace"));
  ASSIGN_OR_RETURN(
      const Value patched,
      connection.client->Patch(ctx, target.view->Resource(), target.key, kube::PatchType::kMerge,
                               patch, {.field_manager = "sluice"}));
  PrintProgress(Mark::kSuccess, absl::StrCat(target.view->resource, " annotated"));
  PrintProgress(Mark::kWaiting,
                absl::StrCat("waiting for ", target.view->resource, " reconciliation"));
  return Await(ctx, connection, target, requested_at);
}

}  // namespace

Progress ProgressOf(const Value& object, absl::string_view requested_at) {
  if (object["status"]["lastHandledReconcileAt"].str() != requested_at) return Progress::kPending;
  if (UpToDate(object)) return Progress::kDone;
  if (object["status"]["observedGeneration"].int_or(0) < kube::Generation(object)) {
    return Progress::kPending;
  }
  if (ConditionIsTrue(object, api::kStalled)) return Progress::kFailed;
  // The request was handled and the run has ended without success; retries go on by themselves.
  return ReadyStatus(object) == "False" ? Progress::kFailed : Progress::kPending;
}

std::string SuccessLine(const Value& object) {
  const absl::string_view kind = object["kind"].str();
  const Value& status = object["status"];
  if (kind == "Kustomization" || kind == "HelmRelease") {
    return absl::StrCat("applied revision ", Revision(object));
  }
  if (kind == "ImageRepository") {
    return absl::StrCat("scan fetched ", status["lastScanResult"]["tagCount"].int_or(0), " tags");
  }
  if (kind == "ImagePolicy") {
    return absl::StrCat("selected ref ", status["latestRef"]["name"].str(), ":",
                        status["latestRef"]["tag"].str());
  }
  if (kind == "ImageUpdateAutomation") return ReadyMessage(object);
  return absl::StrCat("fetched revision ", Revision(object));
}

absl::Status Reconcile(const Context& ctx, Connection& connection,
                       const ReconcileOptions& options) {
  ASSIGN_OR_RETURN(const KindWords words, ParseKindWords("reconcile", options.words));
  if (words.all || words.name.empty()) return UsageError("reconcile takes one kind and one name");
  const Target target{words.views[0], {connection.ns, words.name}};
  if (target.view->resource == "ExternalArtifact") {
    return UsageError("an ExternalArtifact is made by another controller; there is nothing to do");
  }
  const bool has_source = target.view->resource == "Kustomization" ||
                          target.view->resource == "HelmRelease" ||
                          target.view->resource == "HelmChart";
  if (options.with_source && !has_source) {
    return UsageError(absl::StrCat(target.view->resource, " has no source"));
  }
  return Run(ctx.WithTimeout(options.connection.timeout), connection, options, target,
             options.with_source);
}

}  // namespace sluice::cli
