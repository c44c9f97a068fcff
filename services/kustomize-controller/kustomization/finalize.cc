// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/finalize.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/runtime/finalizer.h"
#include "common/ssa/pruner.h"

namespace sluice::kustomize_controller {
namespace {

using runtime::Severity;

constexpr absl::Duration kPoll = absl::Seconds(2);

const kube::Resource& ServiceAccounts() {
  static const auto* const kResource =
      new kube::Resource{"", "v1", "serviceaccounts", "ServiceAccount", true};
  return *kResource;
}

bool DeletesObjects(const api::KustomizationSpec& spec) {
  switch (spec.deletion_policy) {
    case api::DeletionPolicy::kMirrorPrune:
      return spec.prune;
    case api::DeletionPolicy::kDelete:
    case api::DeletionPolicy::kWaitForTermination:
      return true;
    case api::DeletionPolicy::kOrphan:
      return false;
  }
  return false;
}

absl::Status WaitUntilGone(const Context& ctx, kube::Client& client, kube::Discovery& discovery,
                           const ssa::ChangeSet& deleted, Clock& clock) {
  for (const ssa::Change& change : deleted) {
    if (change.action != ssa::Action::kDeleted) continue;
    const auto resource = discovery.Resolve(ctx, change.id.gvk);
    if (!resource.ok()) continue;  // the kind itself is gone
    while (!absl::IsNotFound(client.Get(ctx, *resource, change.id.key).status())) {
      RETURN_IF_ERROR(clock.Sleep(ctx, kPoll));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Finalize(const Context& ctx, const SyncServices& services, Session& session) {
  const api::KustomizationSpec& spec = session.spec;
  ASSIGN_OR_RETURN(const ssa::Inventory inventory, ssa::DecodeInventory(session.status.inventory));
  if (spec.suspend || inventory.empty() || !DeletesObjects(spec)) return absl::OkStatus();

  const auto with_suite = runtime::GoesWithSuite(ctx, services.client, session.object(),
                                                 services.options.process.runtime_namespace);
  RETURN_IF_ERROR(with_suite.status());
  if (*with_suite) return absl::OkStatus();

  const std::string user =
      remote_cluster::ServiceAccountUser(session.key().ns, spec.service_account_name,
                                         services.options.process.default_service_account);
  if (!user.empty()) {
    const std::string account = user.substr(user.rfind(':') + 1);
    const auto found = services.client.Get(ctx, ServiceAccounts(), {session.key().ns, account});
    if (absl::IsNotFound(found.status())) {
      // The namespace is being torn down and the identity went first: waiting would never end.
      std::string subjects;
      for (const ssa::ObjectId& id : inventory) absl::StrAppend(&subjects, "\n", id.Subject());
      session.Event(Severity::kError, absl::StrCat("unable to prune objects: ", subjects));
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(remote_cluster::ClusterPtr cluster,
                   services.clusters.Of(ctx, session.key().ns, spec.raw["kubeConfig"]));
  const remote_cluster::Target target(std::move(cluster), user);

  const ssa::PruneResult pruned =
      ssa::Prune(ctx, target.client(), target.discovery(), inventory,
                 {.owner_labels = {{api::kOwnerNameLabel, session.key().name},
                                   {api::kOwnerNamespaceLabel, session.key().ns}}});
  if (!pruned.status.ok()) {
    session.Event(Severity::kError, "pruning for deleted resource failed");
    return pruned.status;
  }
  if (const std::string lines = ssa::Lines(pruned.changes, [](const auto&) { return true; });
      !lines.empty()) {
    session.Event(Severity::kInfo, lines);
  }
  if (spec.deletion_policy == api::DeletionPolicy::kWaitForTermination) {
    const absl::Status gone = WaitUntilGone(ctx.WithTimeout(spec.timeout), target.client(),
                                            target.discovery(), pruned.changes, session.clock());
    if (absl::IsCancelled(gone)) return gone;
    if (!gone.ok()) session.Event(Severity::kError, "failed to wait for resources termination");
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize_controller
