// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/reconciliation.h"

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/secret.h"
#include "common/gitignore/rules.h"
#include "services/source-controller/git_repository/includes.h"
#include "services/source-controller/git_repository/verify.h"

namespace sluice::source_controller {
namespace {

using runtime::Severity;

constexpr size_t kMaxSubject = 50;

}  // namespace

GitRepositoryReconciliation::GitRepositoryReconciliation(const Collaborators& with,
                                                         GitFetcher& fetcher, Value object)
    : Reconciliation(kGitRepository, with, std::move(object)),
      fetcher_(fetcher),
      observed_(api::GitRepositoryObserved::Decode(this->object()["status"])) {}

absl::Status GitRepositoryReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeGitRepositorySpec(spec));
  return absl::OkStatus();
}

std::string GitRepositoryReconciliation::ArtifactEventMessage() const {
  std::string subject = commit_subject_.empty() ? status().artifact->revision : commit_subject_;
  if (!commit_subject_.empty() && subject.size() > kMaxSubject) {
    subject = absl::StrCat(absl::string_view(subject).substr(0, kMaxSubject), "...");
  }
  return absl::StrCat("stored artifact for commit '", subject, "'");
}

bool GitRepositoryReconciliation::ContentSettingsChanged() const {
  if (spec_.ignore != observed_.ignore ||
      spec_.recurse_submodules != observed_.recurse_submodules ||
      spec_.include != observed_.include || spec_.sparse_checkout != observed_.sparse_checkout ||
      includes_.size() != observed_.included_artifacts.size()) {
    return true;
  }
  for (size_t i = 0; i < includes_.size(); ++i) {
    const api::Artifact& then = observed_.included_artifacts[i];
    if (includes_[i].revision != then.revision || includes_[i].digest != then.digest) return true;
  }
  return false;
}

Outcome GitRepositoryReconciliation::FetchIncludes(const Context& ctx) {
  auto found = FindIncludes(ctx, with().client, key().ns, spec_.include);
  if (!found.ok()) {
    const std::string reason = api::ReasonOf(found.status(), "NotFound");
    Set(kIncludeUnavailable, api::ConditionStatus::kTrue, reason, found.status().message());
    return Outcome::Waiting(reason, found.status(), with().options.process.requeue_dependency);
  }
  Delete(kIncludeUnavailable);
  includes_ = *std::move(found);
  if (IncludesDiffer(includes_, observed_.included_artifacts)) {
    constexpr char kMessage[] = "included artifacts differ from last observed includes";
    if (!observed_.included_artifacts.empty()) {
      Set(kArtifactOutdated, api::ConditionStatus::kTrue, "IncludeChange", kMessage);
    }
    Progress(/*drift=*/true, absl::StrCat("building artifact: ", kMessage));
    if (const absl::Status patched = Patch(ctx); !patched.ok()) {
      return Outcome::Failed("PatchOperationFailed", patched);
    }
  }
  Delete(kArtifactOutdated);
  return Outcome::Success();
}

Outcome GitRepositoryReconciliation::Unchanged(const GitCheckout& checkout) {
  if (!spec_.verify) ForgetVerification();
  MarkStored(api::kSucceededReason,
             absl::StrCat("stored artifact for revision '", checkout.revision, "'"));
  return Outcome::NoChange("GitOperationSucceeded",
                           absl::StrCat("no changes since last reconciliation: observed revision '",
                                        checkout.revision, "'"));
}

Outcome GitRepositoryReconciliation::Publish(const Context& ctx) {
  Delete(kStorageOperationFailed);
  if (status().conditions.IsFalse(kSourceVerified)) Delete(kSourceVerified);
  const Outcome included = FetchIncludes(ctx);
  if (!included.succeeded()) return included;

  std::string last_revision;
  if (status().artifact.has_value() && status().conditions.IsTrue(kArtifactInStorage) &&
      !ContentSettingsChanged() && !NeedsVerification()) {
    last_revision = status().artifact->revision;
  }
  auto checkout = fetcher_.Fetch(ctx.WithTimeout(spec_.timeout), key(), spec_, last_revision);
  if (!checkout.ok()) {
    const std::string reason = api::ReasonOf(checkout.status(), "GitOperationFailed");
    return api::IsStalling(checkout.status()) ? Stall(kFetchFailed, reason, checkout.status())
                                              : Fail(kFetchFailed, reason, checkout.status());
  }
  Delete(kFetchFailed);
  if (checkout->tree == nullptr) return Unchanged(*checkout);

  commit_subject_ = checkout->subject;
  const Outcome verified = Verify(ctx, *checkout);
  if (!verified.succeeded()) return verified;
  if (!api::HasRevision(status().artifact, checkout->revision)) {
    const absl::Status announced = AnnounceNew(
        ctx, "NewRevision", absl::StrCat("new upstream revision '", checkout->revision, "'"));
    if (!announced.ok()) return Outcome::Failed("PatchOperationFailed", announced);
  }
  return Store(ctx, *checkout);
}

bool GitRepositoryReconciliation::NeedsVerification() const {
  if (!spec_.verify) return false;
  // Without the condition nobody sees what was verified, as after a refusal under another mode.
  return !status().conditions.IsTrue(kSourceVerified) ||
         VerificationRequired(VerificationMode(spec_.verify_mode), observed_.verification_mode);
}

void GitRepositoryReconciliation::ForgetVerification() {
  Delete(kSourceVerified);
  observed_.verification_mode.clear();
}

Outcome GitRepositoryReconciliation::Verify(const Context& ctx, const GitCheckout& checkout) {
  if (!spec_.verify) {
    ForgetVerification();
    return Outcome::Success();
  }
  const auto refuse = [this](const std::string& reason, const absl::Status& error) {
    Set(kSourceVerified, api::ConditionStatus::kFalse, reason, error.message());
    return reason == kInvalidVerificationMode ? Outcome::Stalled(reason, error)
                                              : Outcome::Failed(reason, error);
  };
  const auto secret =
      credentials::ReadSecret(ctx, with().client, {key().ns, spec_.verify_secret_name});
  if (!secret.ok()) {
    return refuse("VerificationError", Annotate(secret.status(), "public keys secret error"));
  }
  const absl::string_view mode = VerificationMode(spec_.verify_mode);
  const auto message = VerifyCheckout(mode, checkout, signature::TrustedKeys::FromSecret(*secret),
                                      with().clock.Now());
  if (!message.ok()) {
    return refuse(api::ReasonOf(message.status(), "VerificationError"), message.status());
  }
  observed_.verification_mode = std::string(mode);
  Set(kSourceVerified, api::ConditionStatus::kTrue, api::kSucceededReason, *message);
  Event(Severity::kTrace, api::kSucceededReason, *message);
  return Outcome::Success();
}

Outcome GitRepositoryReconciliation::Store(const Context& ctx, const GitCheckout& checkout) {
  if (api::HasRevision(status().artifact, checkout.revision) && !ContentSettingsChanged()) {
    Event(Severity::kTrace, "ArtifactUpToDate",
          absl::StrCat("artifact up-to-date with remote revision: '", checkout.revision, "'"));
  } else {
    const auto tree = WithIncludes(ctx, with().storage, checkout.tree, spec_.include, includes_);
    if (!tree.ok()) {
      return Fail(kStorageOperationFailed, api::ReasonOf(tree.status(), "CopyFailure"),
                  tree.status());
    }
    const auto rules = gitignore::ArtifactRules(**tree, spec_.ignore.value_or(""));
    if (!rules.ok()) {
      // Flux sets no condition here, so that Ready only says that a new revision is there.
      return Fail(
          kStorageOperationFailed, "SourceIgnoreError",
          Annotate(rules.status(), "failed to load source ignore patterns from repository"));
    }
    api::Artifact artifact = with().storage.NewArtifact(source(), checkout.revision,
                                                        absl::StrCat(checkout.commit, ".tar.gz"));
    const absl::Status archived = with().storage.Archive(
        ctx, **tree,
        [&rules](absl::string_view path, const fs::Entry& entry) {
          return rules->Ignores(path, entry.type == fs::EntryType::kDirectory);
        },
        artifact);
    if (!archived.ok()) {
      return Fail(kStorageOperationFailed, "ArchiveOperationFailed",
                  Annotate(archived, "unable to archive artifact to storage"));
    }
    status().artifact = std::move(artifact);
    observed_.included_artifacts = includes_;
    observed_.include = spec_.include;
    observed_.ignore = spec_.ignore;
    observed_.recurse_submodules = spec_.recurse_submodules;
    observed_.sparse_checkout = spec_.sparse_checkout;
    Delete(kStorageOperationFailed);
  }
  MarkStored(api::kSucceededReason,
             absl::StrCat("stored artifact for revision '", checkout.revision, "'"));
  return Outcome::Success();
}

}  // namespace sluice::source_controller
