// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/bucket/reconciliation.h"

#include "absl/strings/str_cat.h"
#include "common/api/meta/decode.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"

namespace sluice::source_controller {
namespace {

using runtime::Severity;

constexpr char kOperationFailed[] = "BucketOperationFailed";
constexpr char kLink[] = "latest.tar.gz";

}  // namespace

BucketReconciliation::BucketReconciliation(const Collaborators& with, const CloudAccess& cloud,
                                           Value object)
    : Reconciliation(kBucket, with, std::move(object)),
      cloud_(cloud),
      observed_ignore_(api::OptionalText(this->object()["status"]["observedIgnore"])) {}

absl::Status BucketReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeBucketSpec(spec));
  return absl::OkStatus();
}

void BucketReconciliation::EncodeObserved(Value& status) const {
  if (observed_ignore_.has_value()) status.Set("observedIgnore", *observed_ignore_);
}

std::string BucketReconciliation::ArtifactEventMessage() const {
  return absl::StrCat("stored artifact with ", index_.size(), " fetched files from '",
                      spec_.bucket_name, "' bucket");
}

Outcome BucketReconciliation::Publish(const Context& ctx) {
  const auto directory = disk::TempDir::Create("sluice-tmp-bucket-");
  if (!directory.ok()) {
    return Fail(kStorageOperationFailed, "DirectoryCreationFailed",
                Annotate(directory.status(), "failed to create temporary working directory"));
  }
  Delete(kStorageOperationFailed);
  const auto access = BucketAccess::Create(ctx, cloud_, key(), spec_);
  if (!access.ok()) {
    const std::string reason = api::ReasonOf(access.status(), "AuthenticationFailed");
    return api::IsStalling(access.status()) ? Stall(kFetchFailed, reason, access.status())
                                            : Fail(kFetchFailed, reason, access.status());
  }
  auto index = ListObjects(ctx, access->store(), spec_, directory->root());
  if (!index.ok()) return Fail(kFetchFailed, kOperationFailed, index.status());
  index_ = *std::move(index);
  const auto is_stored = [this] {
    return status().artifact.has_value() && IsRevisionOf(index_, status().artifact->revision);
  };
  if (is_stored()) return Unchanged();
  if (const absl::Status downloaded =
          DownloadObjects(ctx, access->store(), spec_, directory->root(), index_);
      !downloaded.ok()) {
    return Fail(kFetchFailed, kOperationFailed, downloaded);
  }
  if (is_stored()) return Unchanged();
  const auto algorithm = crypto::ParseAlgorithm(with().options.artifact_digest_algorithm);
  if (!algorithm.ok()) return Fail(kFetchFailed, kOperationFailed, algorithm.status());
  const std::string revision = IndexRevision(index_, *algorithm);
  if (const absl::Status announced =
          AnnounceNew(ctx, "NewRevision", absl::StrCat("new upstream revision '", revision, "'"));
      !announced.ok()) {
    return Outcome::Failed("PatchOperationFailed", announced);
  }
  Delete(kFetchFailed);
  return Store(ctx, *directory, revision);
}

Outcome BucketReconciliation::Unchanged() {
  const std::string& revision = status().artifact->revision;
  Delete(kFetchFailed);
  Event(Severity::kTrace, "ArtifactUpToDate",
        absl::StrCat("artifact up-to-date with remote revision: '", revision, "'"));
  MarkStored(api::kSucceededReason, absl::StrCat("stored artifact: revision '", revision, "'"));
  return Outcome::Success();
}

Outcome BucketReconciliation::Store(const Context& ctx, const disk::TempDir& directory,
                                    const std::string& revision) {
  const auto tree = disk::DiskTree::Open(directory.path());
  if (!tree.ok()) {
    return Fail(kStorageOperationFailed, "StatOperationFailed",
                Annotate(tree.status(), "failed to stat source path"));
  }
  api::Artifact artifact = with().storage.NewArtifact(
      source(), revision, absl::StrCat(revision.substr(revision.find(':') + 1), ".tar.gz"));
  const absl::Status archived = with().storage.Archive(
      ctx, **tree, [](absl::string_view, const fs::Entry&) { return false; }, artifact);
  if (!archived.ok()) {
    return Fail(kStorageOperationFailed, "ArchiveOperationFailed",
                Annotate(archived, "unable to archive artifact to storage"));
  }
  status().artifact = artifact;
  observed_ignore_ = spec_.ignore;
  PublishLink(ctx, artifact, kLink);
  Delete(kStorageOperationFailed);
  MarkStored(api::kSucceededReason, absl::StrCat("stored artifact: revision '", revision, "'"));
  return Outcome::Success();
}

}  // namespace sluice::source_controller
