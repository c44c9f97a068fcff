// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/suspension.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/steer/reconcile.h"
#include "cli/terminal.h"
#include "common/api/source/artifact_generator.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  Selection selection;
  std::optional<bool> wait;
};

// A merge patch. Flux leaves a field out that is false.
Value SuspensionPatch(const KindView& view, bool suspend) {
  Value patch;
  if (view.resource == "ArtifactGenerator") {
    patch.Ensure("metadata")
        .Ensure("annotations")
        .Set(api::kGeneratorReconcileAnnotation, suspend ? Value("disabled") : Value());
  } else {
    patch.Ensure("spec").Set("suspend", suspend ? Value(true) : Value());
  }
  return patch;
}

// Patches every selected object; how many could not be.
absl::StatusOr<int> Patch(const Context& ctx, Connection& connection, const Selected& selected,
                          bool suspend) {
  const KindView& view = *selected.view;
  if (view.resource == "ExternalArtifact") {
    return UsageError("an ExternalArtifact cannot be suspended; suspend what makes it");
  }
  for (const absl::Status& missing : selected.missing) PrintFailure(missing.message());
  auto failed = static_cast<int>(selected.missing.size());
  for (const Value& object : selected.objects) {
    const kube::ObjectKey key = kube::KeyOf(object);
    PrintProgress(Mark::kAction,
                  absl::StrCat(suspend ? "suspending " : "resuming ", view.HumanName(), " ",
                               key.name, " in ", key.ns, " namespace"));
    const auto patched =
        connection.client->Patch(ctx, view.Resource(), key, kube::PatchType::kMerge,
                                 SuspensionPatch(view, suspend), {.field_manager = "sluice"});
    if (patched.ok()) {
      PrintProgress(Mark::kSuccess,
                    absl::StrCat(view.HumanName(), suspend ? " suspended" : " resumed"));
    } else {
      PrintFailure(absl::StrCat(view.resource, " ", key.name, ": ", patched.status().message()));
      ++failed;
    }
  }
  return failed;
}

absl::Status FailedCount(int failed, const KindView& view, absl::string_view what) {
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(what, " failed for ", failed, " ", view.resource, "(s)"));
}

absl::Status Suspend(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const Selected selected,
                   SelectObjects(limited, connection, "suspend", options.selection));
  ASSIGN_OR_RETURN(const int failed, Patch(limited, connection, selected, /*suspend=*/true));
  return FailedCount(failed, *selected.view, "suspending");
}

absl::Status Resume(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const Selected selected,
                   SelectObjects(limited, connection, "resume", options.selection));
  ASSIGN_OR_RETURN(int failed, Patch(limited, connection, selected, /*suspend=*/false));
  const KindView& view = *selected.view;
  // One object by its name is waited for, as Flux has it.
  const bool alone = selected.objects.size() + selected.missing.size() == 1 &&
                     !options.selection.all && options.selection.label_selector.empty();
  if (!options.wait.value_or(alone)) return FailedCount(failed, view, "resuming");

  std::vector<Target> targets;
  for (const Value& object : selected.objects) {
    PrintProgress(Mark::kWaiting, absl::StrCat("waiting for ", view.resource, " reconciliation"));
    targets.push_back({&view, kube::KeyOf(object)});
  }
  const auto results = AwaitObjects(limited, connection, targets, ReadyProgress);
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string subject = absl::StrCat(view.resource, " ", targets[i].key.name);
    if (results[i].ok()) {
      PrintProgress(Mark::kSuccess, absl::StrCat(subject, " reconciliation completed"));
      PrintProgress(Mark::kSuccess, SuccessLine(*results[i]));
    } else {
      PrintFailure(
          absl::StrCat(subject, " reconciliation failed: ", results[i].status().message()));
      ++failed;
    }
  }
  return FailedCount(failed, view, "reconciliation");
}

}  // namespace

void AddSuspend(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& suspend = command.Sub("suspend", "Stops reconciling objects: suspend ks NAME …",
                                 [options] { return RunConnected(*options, Suspend); });
  AddSelectionFlags(suspend, options->selection);
  AddConnectionFlags(suspend, options->connection);
}

void AddResume(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& resume = command.Sub("resume", "Goes on reconciling objects: resume ks NAME …",
                                [options] { return RunConnected(*options, Resume); });
  AddSelectionFlags(resume, options->selection);
  AddConnectionFlags(resume, options->connection);
  resume.Bool("--wait", options->wait,
              "wait until they are ready; without the flag only for a single name");
}

}  // namespace sluice::cli
