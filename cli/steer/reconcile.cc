// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/reconcile.h"

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/run.h"
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

struct ReconcileOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;
  bool with_source = false;
  bool force = false;
  bool reset = false;
};

absl::Status ReconcileOne(const Context& ctx, Connection& connection,
                          const ReconcileOptions& options, const Target& target, bool with_source) {
  ASSIGN_OR_RETURN(const Value object, FindObject(ctx, connection, target));
  if (IsStatic(object)) {
    PrintProgress(Mark::kSuccess, "HelmRepository of type oci needs no reconciliation");
    return absl::OkStatus();
  }
  if (Suspended(object)) {
    return absl::FailedPreconditionError(absl::StrCat(
        target.view->resource, " ", target.key.ToString(), " is suspended; resume it first"));
  }
  if (with_source) {
    ASSIGN_OR_RETURN(const Target source, SourceOf(target, object));
    if (source.view->resource == "ExternalArtifact") {
      return absl::FailedPreconditionError(
          "an ExternalArtifact cannot be reconciled; leave --with-source out");
    }
    // A chart has a source of its own, which comes first.
    RETURN_IF_ERROR(
        ReconcileOne(ctx, connection, options, source, source.view->resource == "HelmChart"));
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
  const absl::StatusOr<Value> done =
      AwaitObject(ctx, connection, target,
                  [&requested_at](const Value& live) { return ProgressOf(live, requested_at); });
  if (absl::IsFailedPrecondition(done.status())) {
    return Annotate(done.status(), absl::StrCat(target.view->resource, " reconciliation failed"));
  }
  RETURN_IF_ERROR(done.status());
  PrintProgress(Mark::kSuccess, SuccessLine(*done));
  return absl::OkStatus();
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
  return ReconcileOne(ctx.WithTimeout(options.connection.timeout), connection, options, target,
                      options.with_source);
}

}  // namespace

Progress ProgressOf(const Value& object, absl::string_view requested_at) {
  if (object.is_null()) return Progress::kFailed;
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

void AddReconcile(Command& command) {
  const auto options = std::make_shared<ReconcileOptions>();
  Command& reconcile =
      command.Sub("reconcile", "Reconciles an object now and waits for it: reconcile ks NAME",
                  [options] { return RunConnected(*options, Reconcile); });
  reconcile.Positionals("KIND", options->words,
                        "source git|oci|bucket|helm|chart | kustomization (ks) | helmrelease (hr) "
                        "| image repository|policy|update, then a name");
  AddConnectionFlags(reconcile, options->connection);
  reconcile.Bool("--with-source", options->with_source, "its source first");
  reconcile.Bool("--force", options->force, "helmrelease: install or upgrade once more");
  reconcile.Bool("--reset", options->reset, "helmrelease: forget the failures so far");
}

}  // namespace sluice::cli
