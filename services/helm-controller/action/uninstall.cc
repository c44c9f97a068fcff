// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/uninstall.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/kind_order.h"
#include "common/text/quote.h"
#include "services/helm-controller/action/apply.h"
#include "services/helm-controller/action/hooks.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

kube::Propagation PropagationOf(const std::string& text) {
  if (text == "foreground") return kube::Propagation::kForeground;
  if (text == "orphan") return kube::Propagation::kOrphan;
  return kube::Propagation::kBackground;
}

// The manifest's objects that go, in the order to delete them. Of kinds that the API server no
// longer serves there are none left.
absl::StatusOr<Resources> ToDelete(const Context& ctx, const Environment& with,
                                   const Record& record) {
  ASSIGN_OR_RETURN(Resources resources,
                   BuildResources(ctx, with.discovery, record.manifest, record.ns));
  std::erase_if(resources, [](const Resource& r) { return HasResourcePolicy(r.object); });
  std::stable_sort(resources.begin(), resources.end(), [](const Resource& a, const Resource& b) {
    return helm::UninstalledBefore(a.at.kind, b.at.kind, helm::Dialect::kHelm4);
  });
  return resources;
}

absl::Status Purge(const Context& ctx, const Environment& with, const std::string& name,
                   const std::vector<helm_release::Revision>& revisions) {
  for (const helm_release::Revision& revision : revisions) {
    const absl::Status deleted = with.storage.Delete(ctx, name, revision.version());
    if (!deleted.ok()) {
      return Annotate(deleted, "uninstall: Failed to purge the release");
    }
  }
  return absl::OkStatus();
}

absl::Status KeepHistory(const Context& ctx, const Environment& with,
                         const std::vector<helm_release::Revision>& revisions, Record& record) {
  RETURN_IF_ERROR(with.storage.Update(ctx, record));
  for (const helm_release::Revision& revision : revisions) {
    if (revision.version() == record.version || revision.status() != Status::kDeployed) continue;
    ASSIGN_OR_RETURN(Record deployed, revision.Decode());
    deployed.info.status = Status::kSuperseded;
    RETURN_IF_ERROR(with.storage.Update(ctx, deployed));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Uninstall(const Context& ctx, const Environment& with, const std::string& name,
                       const api::UninstallSpec& spec) {
  ASSIGN_OR_RETURN(const auto revisions, with.storage.List(ctx, name));
  ASSIGN_OR_RETURN(Record record, helm_release::LastOf(revisions));
  if (record.info.status == Status::kUninstalled) {
    if (!spec.keep_history) return Purge(ctx, with, name, revisions);
    return absl::FailedPreconditionError(
        absl::StrCat("the release named ", text::Quote(name), " is already deleted"));
  }
  record.info.status = Status::kUninstalling;
  record.info.deleted = with.Now();
  record.info.description = "Deletion in progress (or silently failed)";
  const HookOptions hooks = {.timeout = spec.timeout, .disable_wait = spec.disable_wait};
  if (!spec.disable_hooks) {
    RETURN_IF_ERROR(RunHooks(ctx, with, helm::HookEvent::kPreDelete, hooks, record));
  }
  RETURN_IF_ERROR(with.storage.Update(ctx, record));

  auto resources = ToDelete(ctx, with, record);
  if (!resources.ok()) {
    return Annotate(resources.status(), absl::StrCat("failed to delete release: ", name));
  }
  const absl::Status deleted =
      DeleteAll(ctx, with, *resources, PropagationOf(spec.deletion_propagation));
  if (!deleted.ok()) return Annotate(deleted, absl::StrCat("failed to delete release: ", name));

  std::vector<std::string> errors;
  const auto note = [&](const absl::Status& status) {
    if (!status.ok()) errors.emplace_back(status.message());
  };
  if (!spec.disable_wait) note(WaitUntilGone(ctx, with, *resources, spec.timeout));
  if (!spec.disable_hooks) {
    note(RunHooks(ctx, with, helm::HookEvent::kPostDelete, hooks, record));
  }
  RETURN_IF_ERROR(ctx.Check());
  record.info.status = Status::kUninstalled;
  record.info.description = "Uninstallation complete";
  note(spec.keep_history ? KeepHistory(ctx, with, revisions, record)
                         : Purge(ctx, with, name, revisions));
  if (errors.empty()) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat("uninstallation completed with ", errors.size(),
                                         " error(s): ", absl::StrJoin(errors, "; ")));
}

}  // namespace sluice::helm_controller
