// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/sync.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/clean_path.h"
#include "common/kube/object.h"
#include "common/kustomization_build/build.h"
#include "common/kustomize/inputs.h"
#include "common/log/log.h"
#include "common/ssa/applier.h"
#include "common/ssa/drift_ignore.h"
#include "common/value/json.h"
#include "services/kustomize-controller/kustomization/decryption.h"
#include "services/kustomize-controller/kustomization/health.h"
#include "services/kustomize-controller/kustomization/history.h"

namespace sluice::kustomize_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

// More objects than this take long enough for the progress to be seen.
constexpr size_t kManyObjects = 50;
// How soon to look again whether others have taken objects over.
constexpr absl::Duration kHandOverPoll = absl::Milliseconds(200);

// The steps of one attempt, over what they share.
class Attempt {
 public:
  Attempt(const Context& ctx, const SyncServices& services, const api::Artifact& artifact,
          const ssa::HealthRules& rules, Memory& memory, Session& session)
      : ctx_(ctx),
        services_(services),
        artifact_(artifact),
        rules_(rules),
        memory_(memory),
        session_(session) {}

  SyncOutcome Run() {
    auto inventory = ssa::DecodeInventory(session_.status.inventory);
    if (!inventory.ok()) return Fail("ReconciliationFailed", inventory.status());
    old_inventory_ = *std::move(inventory);
    const absl::Status reached = Reach();
    if (reached.ok() && memory_.waiting.has_value()) return Wait(memory_.waiting->changes);
    memory_.waiting.reset();

    LoadVariables();
    if (reached.ok() && variables_.ok()) {
      if (const auto changes = Confirm(); changes.has_value()) {
        return Conclude(*changes, /*confirmed=*/true);
      }
    }
    if (auto stopped = Fetch(); stopped.has_value()) return *std::move(stopped);
    if (const absl::Status patched = session_.Progress(ctx_, With("Building manifests"));
        !patched.ok()) {
      return {SyncResult::kFailed, patched};
    }
    if (!reached.ok()) {
      SyncOutcome failed = Fail("ReconciliationFailed", reached);
      failed.error = Annotate(reached, "failed to build kube client");
      return failed;
    }
    return BuildAndApply();
  }

 private:
  // Where the objects are, and as whom they are applied.
  absl::Status Reach() {
    const std::string ns = session_.key().ns;
    ASSIGN_OR_RETURN(remote_cluster::ClusterPtr cluster,
                     services_.clusters.Of(ctx_, ns, session_.spec.raw["kubeConfig"]));
    target_.emplace(std::move(cluster), remote_cluster::ServiceAccountUser(
                                            ns, session_.spec.service_account_name,
                                            services_.options.process.default_service_account));
    if (memory_.actor != target_->actor()) {
      memory_.actor = target_->actor();
      memory_.applied = std::make_shared<ssa::AppliedMemo>();
      memory_.build.reset();
      memory_.waiting.reset();
    }
    return absl::OkStatus();
  }

  SyncOutcome Fail(absl::string_view reason, absl::Status error) {
    session_.Ready(ConditionStatus::kFalse, reason, error.message());
    return {SyncResult::kFailed, std::move(error)};
  }

  // A failure that belongs into the history: the manifests were built.
  SyncOutcome FailRecorded(absl::string_view reason, absl::Status error) {
    Record(reason);
    return Fail(reason, std::move(error));
  }

  void Record(absl::string_view result) {
    session_.status.history =
        WithEntry(session_.status.history,
                  {manifests_digest_, std::string(result), session_.revision,
                   session_.origin_revision, session_.clock().Now(), session_.elapsed()});
  }

  std::string With(absl::string_view what) const {
    return absl::StrCat(what, " for revision ", session_.revision, " with a timeout of ",
                        FormatGoDuration(session_.spec.timeout));
  }

  void LoadVariables() {
    const auto& post_build = session_.spec.post_build;
    if (!post_build.has_value()) return;
    variables_ = kustomization_build::LoadVariables(ctx_, services_.client, session_.key().ns,
                                                    *post_build, &secrets_);
    substitute_ = !variables_.ok() || !variables_->empty() || post_build->always;
  }

  // Everything but the artifact that decides what is built.
  std::string Recipe() const {
    std::string text = absl::StrCat(session_.object()["apiVersion"].str(), "\n",
                                    value::FormatJson(session_.spec.raw), "\n");
    for (const auto& [name, value] : *variables_) {
      absl::StrAppend(&text, name, "=", value.size(), ":", value, "\n");
    }
    return crypto::Digest(crypto::Algorithm::kSha256, text);
  }

  // What applying again would find, if it is certain that it would find everything as it was left:
  // nothing that the last build read has changed, and no object either.
  std::optional<ssa::ChangeSet> Confirm() {
    if (!memory_.build.has_value() || target_->live() == nullptr) return std::nullopt;
    BuildRecord& build = *memory_.build;
    if (build.recipe != Recipe()) return std::nullopt;
    auto changes = memory_.applied->Confirm(*target_->live(), session_.clock().Now());
    if (!changes.has_value()) return std::nullopt;
    if (build.artifact_digest != artifact_.digest) {
      const auto tree = services_.fetcher.Fetch(ctx_, artifact_);
      if (!tree.ok() || kustomize::InputsDigest(**tree, build.inputs) != build.inputs_digest) {
        return std::nullopt;
      }
      build.artifact_digest = artifact_.digest;
    }
    manifests_digest_ = build.manifests_digest;
    session_.status.last_attempted_revision = session_.revision;
    return changes;
  }

  void Enter(absl::string_view stage) { session_.timeline.Enter(stage, session_.clock().Now()); }

  std::optional<SyncOutcome> Fetch() {
    Enter("fetch");
    const absl::Status patched = session_.Progress(ctx_, With("Fetching manifests"),
                                                   !services_.fetcher.Has(artifact_.digest));
    if (!patched.ok()) return SyncOutcome{SyncResult::kFailed, patched};
    auto tree = services_.fetcher.Fetch(ctx_, artifact_);
    if (absl::IsNotFound(tree.status())) {
      return SyncOutcome{SyncResult::kArtifactNotFound, tree.status()};
    }
    if (!tree.ok()) return Fail("ArtifactFailed", tree.status());
    tree_ = *std::move(tree);
    auto path = fs::SecureJoin("", session_.spec.path);
    const absl::Status found = path.ok() ? tree_->Stat(*path).status() : path.status();
    if (!found.ok()) return Fail("ArtifactFailed", Annotate(found, "kustomization path not found"));
    path_ = *std::move(path);
    session_.status.last_attempted_revision = session_.revision;
    return std::nullopt;
  }

  SyncOutcome BuildAndApply() {
    Enter("build");
    const auto decryption = CreateDecryption(ctx_, services_.decryption, services_.options,
                                             session_.key().ns, session_.spec);
    if (!decryption.ok()) return Fail("BuildFailed", decryption.status());
    auto manifests = kustomization_build::BuildManifests(
        ctx_, *tree_, path_, session_.object(), session_.spec, substitute_ ? &variables_ : nullptr,
        services_.options.strict_substitution, decryption->get());
    if (*decryption != nullptr) secrets_.Merge((*decryption)->secrets());
    if (!manifests.ok()) {
      const absl::Status& error = manifests.status();
      return Fail("BuildFailed", WithMessage(error, secrets_.Masked(error.message())));
    }
    manifests_digest_ = manifests->digest;
    BuildRecord record{Recipe(),          artifact_.digest,
                       manifests->inputs, kustomize::InputsDigest(*tree_, manifests->inputs),
                       manifests->digest, kustomization_build::VanishingJobs(manifests->objects)};
    tree_.reset();

    if (const absl::Status patched = session_.Progress(ctx_, With("Detecting drift"),
                                                       manifests->objects.size() > kManyObjects);
        !patched.ok()) {
      return {SyncResult::kFailed, patched};
    }
    for (const Value& object : manifests->objects) {
      if (const absl::Status plain = kustomization_build::CheckNotEncrypted(object); !plain.ok()) {
        return FailRecorded("ReconciliationFailed", plain);
      }
    }
    memory_.build.reset();
    Enter("apply");
    auto ignore = ssa::DriftIgnore::Compile(session_.spec.raw["ignore"]);
    if (!ignore.ok()) return FailRecorded("ReconciliationFailed", ignore.status());
    const ssa::ApplyResult applied = Apply(std::move(manifests->objects), *std::move(ignore));
    for (const std::string& field : applied.dropped) {
      log::Info(ctx_, "the API server does not know this field, it is left out",
                {{"field", field}});
    }
    const std::string changed =
        ssa::Lines(applied.changes, [](const ssa::Change& change) { return change.changed(); });
    if (!applied.status.ok()) {
      return FailRecorded(
          "ReconciliationFailed",
          changed.empty()
              ? applied.status
              : WithMessage(applied.status, absl::StrCat(applied.status.message(), "\n", changed)));
    }
    if (!changed.empty()) session_.Event(Severity::kInfo, changed);
    memory_.applied->Complete(applied.changes);
    memory_.build = std::move(record);
    return Conclude(applied.changes, /*confirmed=*/false);
  }

  ssa::ApplyResult Apply(std::vector<Value> objects, ssa::DriftIgnore ignore) {
    const Options& options = services_.options;
    ssa::ApplyOptions apply;
    apply.identity.override_managers = options.override_managers;
    apply.force = session_.spec.force;
    apply.custom_stage_kinds = {options.custom_apply_stage_kinds.begin(),
                                options.custom_apply_stage_kinds.end()};
    apply.concurrency = options.concurrent_ssa;
    apply.memo = memory_.applied.get();
    apply.live = target_->live();
    apply.ignore = std::move(ignore);
    apply.secrets = std::move(secrets_);
    apply.migrate_api_version = options.migrate_api_version;
    // The inventory grows before the cluster does: whatever a crash or an error leaves behind is
    // known and will be pruned.
    ssa::Inventory known = old_inventory_;
    apply.before_writes = [&](const ssa::Inventory& stage) -> absl::Status {
      ssa::Inventory grown = ssa::Union(known, stage);
      if (grown.size() == known.size()) return absl::OkStatus();
      known = std::move(grown);
      session_.status.inventory = ssa::EncodeInventory(known);
      return session_.Patch(ctx_);
    };
    ssa::Applier applier(target_->client(), target_->discovery(), std::move(apply),
                         session_.clock());
    return applier.Apply(ctx_, std::move(objects));
  }

  // After the objects are as they should be: what is not wanted any more goes, and the rest has to
  // become healthy.
  SyncOutcome Conclude(const ssa::ChangeSet& changes, bool confirmed) {
    const ssa::Inventory inventory = ssa::InventoryOf(changes);
    session_.status.inventory = ssa::EncodeInventory(inventory);
    const PruneOutcome pruned =
        PruneStale(ctx_, *target_, services_.neighbours, services_.options.prune_budget,
                   old_inventory_, inventory, memory_, session_);
    switch (pruned.state) {
      case PruneOutcome::State::kFailed:
        return FailRecorded("PruneFailed", pruned.error);
      case PruneOutcome::State::kHeld:
        return FailRecorded("PruneHeld", pruned.error);
      case PruneOutcome::State::kWaiting:
        session_.SetProgress(With("Waiting for other Kustomizations before pruning"));
        return {SyncResult::kWaiting, absl::OkStatus(), kHandOverPoll};
      case PruneOutcome::State::kDone:
        break;
    }
    SyncOutcome outcome = Wait(changes);
    const bool nothing_pruned = ssa::Difference(old_inventory_, inventory).empty();
    if (outcome.result == SyncResult::kApplied && confirmed && nothing_pruned) {
      outcome.result = SyncResult::kConfirmed;
    }
    return outcome;
  }

  SyncOutcome Wait(const ssa::ChangeSet& changes) {
    if (manifests_digest_.empty() && memory_.build.has_value()) {
      manifests_digest_ = memory_.build->manifests_digest;
    }
    const ssa::ChangeSet waited = changes;  // memory_.waiting may end
    const absl::Time since =
        memory_.waiting.has_value() ? memory_.waiting->started : session_.clock().Now();
    session_.timeline.End(session_.clock().Now());
    const HealthOutcome health = CheckHealth(
        ctx_, *target_, rules_, !services_.options.wait_despite_failure, waited, memory_, session_);
    switch (health.state) {
      case HealthOutcome::State::kFailed:
        session_.timeline.Enter("healthy", since);
        return FailRecorded("HealthCheckFailed", health.error);
      case HealthOutcome::State::kWaiting:
        return {SyncResult::kWaiting, absl::OkStatus(), health.look_again};
      case HealthOutcome::State::kHealthy:
        session_.timeline.Enter("healthy", since);
        break;
    }
    Record("ReconciliationSucceeded");
    session_.status.last_applied_revision = session_.revision;
    session_.status.last_applied_origin_revision = session_.origin_revision;
    session_.Ready(ConditionStatus::kTrue, "ReconciliationSucceeded",
                   absl::StrCat("Applied revision: ", session_.revision));
    return {};
  }

  const Context& ctx_;
  const SyncServices& services_;
  const api::Artifact& artifact_;
  const ssa::HealthRules& rules_;
  Memory& memory_;
  Session& session_;
  std::optional<remote_cluster::Target> target_;  // once it is reached
  ssa::Inventory old_inventory_;
  absl::StatusOr<kustomization_build::Variables> variables_ = kustomization_build::Variables();
  bool substitute_ = false;
  value::SecretTexts secrets_;  // what came of Secrets and decryption, for Apply()
  std::shared_ptr<const fs::Tree> tree_;
  std::string path_;
  std::string manifests_digest_;
};

}  // namespace

SyncOutcome Sync(const Context& ctx, const SyncServices& services, const api::Artifact& artifact,
                 const ssa::HealthRules& rules, Memory& memory, Session& session) {
  return Attempt(ctx, services, artifact, rules, memory, session).Run();
}

}  // namespace sluice::kustomize_controller
