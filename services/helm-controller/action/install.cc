// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/install.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/apply.h"
#include "services/helm-controller/action/hooks.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

const kube::Resource& Namespaces() {
  static const auto* const kNamespaces =
      new kube::Resource{"", "v1", "namespaces", "Namespace", false};
  return *kNamespaces;
}

// The revision to make. A name whose release is uninstalled may be used again, with `replace` also
// one whose release failed. (Helm wants to be told for both; here nobody would be there to do so.)
absl::StatusOr<int64_t> NextRevision(const Context& ctx, const Environment& with,
                                     const std::string& name, bool replace) {
  ASSIGN_OR_RETURN(const auto revisions, with.storage.List(ctx, name));
  if (revisions.empty()) return 1;
  ASSIGN_OR_RETURN(Record last, helm_release::LastOf(revisions));
  const bool over =
      last.info.status == Status::kUninstalled || (replace && last.info.status == Status::kFailed);
  if (!over) {
    return absl::AlreadyExistsError(
        "release name check failed: cannot reuse a name that is still in use");
  }
  if (last.info.status != Status::kFailed) {
    last.info.status = Status::kSuperseded;
    last.info.description = "superseded by new release";
    RETURN_IF_ERROR(with.storage.Update(ctx, last));
  }
  return last.version + 1;
}

absl::Status CreateNamespace(const Context& ctx, const Environment& with, const std::string& ns) {
  const auto created =
      with.client.Create(ctx, Namespaces(),
                         {{"apiVersion", "v1"},
                          {"kind", "Namespace"},
                          {"metadata", {{"name", ns}, {"labels", {{"name", ns}}}}}},
                         {.field_manager = kFieldManager});
  return absl::IsAlreadyExists(created.status()) ? absl::OkStatus() : created.status();
}

absl::Status Perform(const Context& ctx, const Environment& with, const api::InstallSpec& spec,
                     bool server_side, const Resources& adopted, Resources& resources,
                     Record& record) {
  const HookOptions hooks = {
      .timeout = spec.timeout, .disable_wait = spec.disable_wait, .server_side = server_side};
  if (!spec.disable_hooks) {
    RETURN_IF_ERROR(Annotate(RunHooks(ctx, with, helm::HookEvent::kPreInstall, hooks, record),
                             "failed pre-install"));
  }
  ApplyOptions apply;
  apply.server_side = server_side;
  apply.force_replace = spec.force && !server_side;
  apply.take_over_fields = true;
  apply.three_way_custom = true;
  if (adopted.empty()) {
    if (!resources.empty()) RETURN_IF_ERROR(CreateAll(ctx, with, apply, resources));
  } else {
    RETURN_IF_ERROR(UpdateAll(ctx, with, adopted, apply, resources).status);
  }
  if (!spec.disable_wait) {
    RETURN_IF_ERROR(WaitUntilReady(ctx, with, resources,
                                   {.timeout = spec.timeout, .jobs = !spec.disable_wait_for_jobs}));
  }
  if (spec.disable_hooks) return absl::OkStatus();
  return Annotate(RunHooks(ctx, with, helm::HookEvent::kPostInstall, hooks, record),
                  "failed post-install");
}

}  // namespace

absl::Status Install(const Context& ctx, const Environment& with, const ReleaseRequest& request,
                     const api::InstallSpec& spec, bool create_namespace) {
  ASSIGN_OR_RETURN(const int64_t revision, NextRevision(ctx, with, request.name, spec.replace));
  // Templates are told 1 even where a name is used again, as in Helm.
  ASSIGN_OR_RETURN(const helm::RenderedRelease rendered,
                   RenderChart(ctx, with, request, request.values, 1, /*is_upgrade=*/false,
                               spec.disable_schema_validation));
  const bool server_side = spec.server_side_apply != api::ApplyMode::kDisabled;
  Record record;
  record.name = request.name;
  record.ns = request.ns;
  record.version = revision;
  record.apply_method = server_side ? "ssa" : "csa";
  record.intent = request.intent;
  record.intent.action = "install";
  const std::string now = with.Now();
  record.info = {.first_deployed = now,
                 .last_deployed = now,
                 .deleted = "",
                 .description = "Initial install underway",
                 .status = Status::kPendingInstall,
                 .notes = ""};
  PutRendered(request, rendered, request.values, record);
  auto resources = BuildResources(ctx, with.discovery, record.manifest, request.ns);
  if (!resources.ok()) {
    return Annotate(resources.status(), "unable to build kubernetes objects from release manifest");
  }
  SetOwnership(request.name, request.ns, *resources);
  absl::StatusOr<Resources> adopted = Resources();
  // Applying takes over whatever is there, without a look at it.
  if (!server_side || spec.disable_take_ownership) {
    adopted =
        FindExisting(ctx, with, *resources, spec.disable_take_ownership, request.name, request.ns);
    if (!adopted.ok()) return Annotate(adopted.status(), "unable to continue with install");
  }
  if (create_namespace) RETURN_IF_ERROR(CreateNamespace(ctx, with, request.ns));
  RETURN_IF_ERROR(with.storage.Create(ctx, record));

  const absl::Status done = Perform(ctx, with, spec, server_side, *adopted, *resources, record);
  if (!done.ok()) return StoreFailure(ctx, with, "Release", done, record);
  record.info.status = Status::kDeployed;
  record.info.description = "Install complete";
  return with.storage.Update(LastContext(ctx), record);
}

}  // namespace sluice::helm_controller
