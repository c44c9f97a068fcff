// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/finalize.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/runtime/finalizer.h"
#include "services/helm-controller/helm_release/chart_object.h"
#include "services/helm-controller/helm_release/history.h"
#include "services/helm-controller/helm_release/identity.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

const kube::Resource& ServiceAccounts() {
  static const auto* const kResource =
      new kube::Resource{"", "v1", "serviceaccounts", "ServiceAccount", true};
  return *kResource;
}

const kube::Resource& Secrets() {
  static const auto* const kSecrets = new kube::Resource{"", "v1", "secrets", "Secret", true};
  return *kSecrets;
}

// Whether there still is somebody to uninstall as: with a namespace that is torn down the identity
// may have gone first, and waiting for it would never end.
absl::StatusOr<bool> HasIdentity(const Context& ctx, const Services& services,
                                 const Session& session) {
  const std::string ns = session.key().ns;
  if (const Value& config = session.spec.raw["kubeConfig"]; !config.is_null()) {
    const std::string name(config["secretRef"]["name"].str());
    if (name.empty()) return true;
    const auto secret = services.client.Get(ctx, Secrets(), {ns, name});
    if (absl::IsNotFound(secret.status())) return false;
    if (!secret.ok()) {
      return Annotate(secret.status(), "failed to build REST client getter to uninstall release");
    }
    return true;
  }
  const std::string user = UserOf(session, services.options);
  if (user.empty()) return true;
  const std::string account = user.substr(user.rfind(':') + 1);
  const auto found = services.client.Get(ctx, ServiceAccounts(), {ns, account});
  if (absl::IsNotFound(found.status())) return false;
  if (!found.ok()) {
    return Annotate(found.status(), absl::StrCat("failed to confirm ServiceAccount '", account,
                                                 "' can be used to uninstall release"));
  }
  return true;
}

absl::Status UninstallBeforeDeletion(const Context& ctx, const Services& services,
                                     Session& session) {
  // A run that was cut short may have released something that the status does not tell of.
  const bool unsure = session.status.storage_namespace.empty();
  if (unsure) session.status.storage_namespace = session.spec.storage_namespace;
  const auto identity = HasIdentity(ctx, services, session);
  if (!identity.ok()) {
    if (unsure) return absl::OkStatus();
    session.Ready(api::ConditionStatus::kFalse, "UninstallFailed", identity.status().message());
    return identity.status();
  }
  if (*identity) {
    const absl::Status gone = UninstallRecorded(ctx, services, session);
    if (!gone.ok() && !(unsure && session.status.history.empty())) return gone;
  }
  session.status.history.clear();
  session.status.storage_namespace.clear();
  return absl::OkStatus();
}

}  // namespace

absl::Status UninstallRecorded(const Context& ctx, const Services& services, Session& session) {
  const auto target = Reach(ctx, services, session);
  if (!target.ok()) {
    const absl::Status error =
        Annotate(target.status(), "failed to build REST client getter to uninstall release");
    session.Ready(api::ConditionStatus::kFalse, "UninstallFailed", error.message());
    return error;
  }
  helm_release::Storage storage(target->client(), session.status.storage_namespace, services.clock,
                                services.lease.instance());
  ActionLog log(services.clock);
  ChangeCounter changes;
  const ssa::HealthRules rules;
  Environment with{target->client(),
                   target->discovery(),
                   target->cluster_id(),
                   services.capabilities,
                   storage,
                   rules,
                   log,
                   services.clock,
                   target->live(),
                   changes,
                   nullptr};
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  const auto revisions =
      storage.List(ctx, latest == nullptr ? session.spec.release_name : latest->name);
  const auto last = revisions.ok() ? helm_release::LastOf(*revisions) : revisions.status();
  if (last.ok() && NeedsAdoption(*last, session)) {
    RETURN_IF_ERROR(AdoptOwnRevisions(*revisions, session));
  }
  ASSIGN_OR_RETURN(const ActionLease::Held held, services.lease.Hold(ctx));
  return UninstallStep(ctx, with, session);
}

absl::Status Finalize(const Context& ctx, const Services& services, Session& session) {
  if (session.spec.suspend) return absl::OkStatus();
  const auto with_suite = runtime::GoesWithSuite(ctx, services.client, session.object(),
                                                 services.options.process.runtime_namespace);
  RETURN_IF_ERROR(with_suite.status());
  if (*with_suite) return absl::OkStatus();
  RETURN_IF_ERROR(UninstallBeforeDeletion(ctx, services, session));
  return DeleteChartObject(ctx, services, session);
}

}  // namespace sluice::helm_controller
