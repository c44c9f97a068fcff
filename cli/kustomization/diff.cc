// SPDX-License-Identifier: Apache-2.0
#include "cli/kustomization/diff.h"

#include <unistd.h>

#include <climits>
#include <iostream>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/artifact/push.h"
#include "cli/kustomization/object_changes.h"
#include "cli/kustomization/rendering.h"
#include "cli/offline/build.h"
#include "cli/run.h"
#include "common/api/kinds.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/object.h"
#include "common/ssa/applier.h"
#include "common/ssa/drift.h"
#include "common/ssa/drift_ignore.h"
#include "common/ssa/object_id.h"
#include "common/ssa/policy.h"
#include "common/ssa/prepare.h"

namespace sluice::cli {
namespace {

constexpr char kFieldManager[] = "kustomize-controller";

// Compares object by object what a Kustomization would apply with what there is.
class LiveDiff {
 public:
  LiveDiff(const Context& ctx, Connection& connection, const Rendering& rendering,
           ssa::DriftIgnore ignore)
      : ctx_(ctx),
        connection_(connection),
        rendering_(rendering),
        ignore_(std::move(ignore)),
        style_(StandardOutputStyle()) {}

  // Prints what differs; whether anything does. All objects are compared, whatever becomes of one.
  absl::StatusOr<bool> Run() {
    absl::Status failure;
    for (const Value& object : rendering_.objects) {
      const absl::Status status = Compare(object);
      if (status.ok()) continue;
      RETURN_IF_ERROR(ctx_.Check());
      if (!failure.ok()) PrintFailure(failure.message());
      failure = Annotate(status, kube::Subject(object));
    }
    RETURN_IF_ERROR(failure);
    if (rendering_.spec.prune) RETURN_IF_ERROR(ShowPruned());
    return changed_;
  }

 private:
  void Show(const Value& object, absl::string_view action) {
    std::cout << FormatChange(kube::Subject(object), action, style_);
    changed_ |= action != "skipped";
  }

  absl::Status Compare(Value object) {
    const ssa::ApplyPolicy policy = ssa::ApplyPolicyOf(object, api::kKustomizeGroup);
    if (ssa::HasPolicy(object, api::kKustomizeGroup, "reconcile", "disabled") ||
        policy == ssa::ApplyPolicy::kIgnore) {
      Show(object, "skipped");
      return absl::OkStatus();
    }
    ssa::Prepare(object);
    ASSIGN_OR_RETURN(const kube::Resource resource,
                     connection_.discovery->Resolve(ctx_, kube::GvkOf(object)));
    const auto live = connection_.client->Get(ctx_, resource, kube::KeyOf(object));
    if (!live.ok() && !absl::IsNotFound(live.status())) return live.status();
    if (live.ok() && policy == ssa::ApplyPolicy::kIfNotPresent) return absl::OkStatus();
    const auto dry_run = connection_.client->Apply(
        ctx_, resource, object, {.field_manager = kFieldManager, .force = true, .dry_run = true});
    if (!dry_run.ok()) return Refused(object, live.ok(), dry_run.status());
    if (!live.ok()) {
      Show(object, "created");
      return absl::OkStatus();
    }
    const std::vector<std::string> ignored = ignore_.PathsFor(object);
    const Value before = ssa::WithoutPaths(*live, ignored);
    const Value after = ssa::WithoutPaths(*dry_run, ignored);
    if (!ssa::HasDrifted(before, after)) return absl::OkStatus();
    Show(object, "drifted");
    std::cout << FormatDrift(before, after, style_);
    return absl::OkStatus();
  }

  absl::Status Refused(const Value& object, bool exists, const absl::Status& refusal) {
    // Its namespace comes with the same build.
    const bool new_namespace =
        !exists && absl::IsNotFound(refusal) &&
        std::any_of(rendering_.objects.begin(), rendering_.objects.end(), [&](const Value& other) {
          return other["kind"].str() == "Namespace" && kube::Name(other) == kube::Namespace(object);
        });
    // It would be deleted and made anew.
    const bool recreated = exists && absl::IsInvalidArgument(refusal) &&
                           ssa::HasPolicy(object, api::kKustomizeGroup, "force", "enabled");
    if (!new_namespace && !recreated) return ssa::Untold(refusal, object, rendering_.secrets);
    Show(object, "created");
    return absl::OkStatus();
  }

  absl::Status ShowPruned() {
    ASSIGN_OR_RETURN(const ssa::Inventory before,
                     ssa::DecodeInventory(rendering_.kustomization["status"]["inventory"]));
    ssa::Inventory after;
    for (const Value& object : rendering_.objects) after.push_back(ssa::ObjectId::Of(object));
    for (const ssa::ObjectId& id : ssa::Difference(before, after)) {
      std::cout << FormatChange(id.Subject(), "deleted", style_);
      changed_ = true;
    }
    return absl::OkStatus();
  }

  const Context& ctx_;
  Connection& connection_;
  const Rendering& rendering_;
  const ssa::DriftIgnore ignore_;
  const Style style_;
  bool changed_ = false;
};

absl::StatusOr<bool> DiffKustomization(const Context& ctx, const RenderingOptions& options) {
  if (options.ignore_not_found && options.kustomization_file.empty()) {
    return UsageError("--ignore-not-found needs --kustomization-file");
  }
  ASSIGN_OR_RETURN(Connection connection, Connect(options.connection));
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  bool changed = false;
  RETURN_IF_ERROR(RenderKustomizations(
      limited, &connection, options, [&](const Rendering& rendering) -> absl::Status {
        if (options.recursive) {
          PrintProgress(Mark::kAction, kube::Subject(rendering.kustomization));
        }
        ASSIGN_OR_RETURN(ssa::DriftIgnore ignore,
                         ssa::DriftIgnore::Compile(rendering.spec.raw["ignore"]));
        ASSIGN_OR_RETURN(const bool differs,
                         LiveDiff(limited, connection, rendering, std::move(ignore)).Run());
        changed |= differs;
        return absl::OkStatus();
      }));
  return changed;
}

using ObjectsById = std::map<std::string, Value>;

absl::StatusOr<ObjectsById> BuildObjects(const std::string& folder) {
  char directory[PATH_MAX];
  if (getcwd(directory, sizeof(directory)) == nullptr) {
    return absl::NotFoundError("the working directory cannot be found");
  }
  BuildOptions options;
  options.folder = folder;
  ASSIGN_OR_RETURN(const kustomize::BuildResult built, BuildFolder(options, directory));
  ObjectsById objects;
  for (const Value& object : built.resources) {
    objects[ssa::ObjectId::Of(object).ToString()] = object;
  }
  return objects;
}

absl::StatusOr<bool> DiffFolders(const std::string& old_folder, const std::string& new_folder) {
  ASSIGN_OR_RETURN(const ObjectsById before, BuildObjects(old_folder));
  ASSIGN_OR_RETURN(const ObjectsById after, BuildObjects(new_folder));
  const Style style = StandardOutputStyle();
  std::string out;
  for (const auto& [id, object] : after) {
    const auto old = before.find(id);
    if (old == before.end()) {
      absl::StrAppend(&out, FormatChange(kube::Subject(object), "created", style));
    } else if (const std::string drift = FormatDrift(old->second, object, style); !drift.empty()) {
      absl::StrAppend(&out, FormatChange(kube::Subject(object), "changed", style), drift);
    }
  }
  for (const auto& [id, object] : before) {
    if (after.contains(id)) continue;
    absl::StrAppend(&out, FormatChange(kube::Subject(object), "deleted", style));
  }
  std::cout << out;
  return !out.empty();
}

int ExitCode(const std::function<absl::StatusOr<bool>(const Context&)>& diff) {
  bool differs = false;
  const int code = Run([&](const Context& ctx) {
    const auto result = diff(ctx);
    differs = result.ok() && *result;
    return result.status();
  });
  if (code == 0) return differs ? 1 : 0;
  return code == 1 ? 2 : code;
}

}  // namespace

void AddDiff(Command& command) {
  Command& diff = command.Sub("diff", "Shows what applying a folder would change");
  const auto options = std::make_shared<RenderingOptions>();
  options->existing_only = true;
  Command& live = diff.Sub("kustomization", "In the cluster: diff ks NAME --path DIR", [options] {
    return ExitCode([&](const Context& ctx) { return DiffKustomization(ctx, *options); });
  });
  live.Alias("ks");
  AddRenderingFlags(live, *options);
  live.Bool("--ignore-not-found", options->ignore_not_found,
            "with --kustomization-file: the Kustomization need not be there yet");

  const auto folders = std::make_shared<std::pair<std::string, std::string>>();
  Command& offline = diff.Sub(
      "folders", "Between two folders with kustomizations: diff folders OLD NEW", [folders] {
        return ExitCode(
            [&](const Context& /*ctx*/) { return DiffFolders(folders->first, folders->second); });
      });
  offline.Positional("OLD", folders->first, "folder with a kustomization.yaml", true);
  offline.Positional("NEW", folders->second, "folder with a kustomization.yaml", true);
  AddDiffArtifact(diff);
}

}  // namespace sluice::cli
