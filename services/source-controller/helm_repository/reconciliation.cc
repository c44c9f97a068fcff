// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_repository/reconciliation.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm_repository/repository_url.h"
#include "services/source-controller/helm_repository/index_file.h"

namespace sluice::source_controller {
namespace {

using runtime::Severity;

constexpr char kIndexFile[] = "index.yaml";
constexpr char kLink[] = "index.yaml";

// "30.88kB": four digits, thousands.
std::string HumanSize(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1000 && unit + 1 < std::size(kUnits)) {
    size /= 1000;
    ++unit;
  }
  return absl::StrFormat("%.4g%s", size, kUnits[unit]);
}

// The algorithm of a revision "sha256:…", if it is one.
std::optional<crypto::Algorithm> AlgorithmOf(absl::string_view revision) {
  const auto algorithm = crypto::ParseAlgorithm(revision.substr(0, revision.find(':')));
  if (!algorithm.ok()) return std::nullopt;
  return *algorithm;
}

std::string Revision(crypto::Algorithm algorithm, crypto::Digester& digester) {
  return absl::StrCat(crypto::AlgorithmName(algorithm), ":",
                      absl::BytesToHexString(digester.Finish()));
}

}  // namespace

HelmRepositoryReconciliation::HelmRepositoryReconciliation(const Collaborators& with,
                                                           IndexCache& cache, Value object)
    : Reconciliation(kHelmRepository, with, std::move(object)), cache_(cache) {}

absl::Status HelmRepositoryReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeHelmRepositorySpec(spec));
  return absl::OkStatus();
}

std::string HelmRepositoryReconciliation::ArtifactEventMessage() const {
  const int64_t size = status().artifact->size;
  return absl::StrCat("stored fetched index of ",
                      size < 0 ? "unknown size" : absl::StrCat("size ", HumanSize(size)), " from '",
                      RedactedUrl(spec_.url), "'");
}

absl::StatusOr<HelmRepositoryReconciliation::Downloaded> HelmRepositoryReconciliation::Download(
    const Context& ctx, const HelmAccess& access, const disk::TempDir& directory) {
  ASSIGN_OR_RETURN(const std::string url, helm_repository::IndexUrl(spec_.url));
  ASSIGN_OR_RETURN(disk::FileWriter file, directory.root().Create(kIndexFile));
  ASSIGN_OR_RETURN(const crypto::Algorithm algorithm,
                   crypto::ParseAlgorithm(with().options.artifact_digest_algorithm));
  crypto::Digester digester(algorithm);
  // The stored revision may be of another algorithm.
  const std::string stored =
      status().artifact.has_value() ? status().artifact->revision : std::string();
  const auto stored_algorithm = AlgorithmOf(stored);
  std::optional<crypto::Digester> stored_digester;
  if (stored_algorithm.has_value()) stored_digester.emplace(*stored_algorithm);
  const int64_t limit = with().options.helm_index_max_size;
  RETURN_IF_ERROR(access.Download(
      ctx, url, limit,
      absl::StrCat("index exceeds the maximum index file size of ", limit, " bytes"),
      [&](absl::string_view bytes) {
        digester.Update(bytes);
        if (stored_digester.has_value()) stored_digester->Update(bytes);
        return file.Write(bytes);
      }));
  RETURN_IF_ERROR(file.Commit());
  const bool unchanged =
      stored_digester.has_value() && Revision(*stored_algorithm, *stored_digester) == stored;
  return Downloaded{Revision(algorithm, digester), unchanged};
}

Outcome HelmRepositoryReconciliation::Publish(const Context& ctx) {
  if (absl::StartsWith(spec_.url, "oci://")) {
    return Stall(kFetchFailed, "URLInvalid",
                 absl::InvalidArgumentError("invalid Helm repository URL: 'oci' URL scheme cannot "
                                            "be used with 'default' HelmRepository type"));
  }
  if (const auto normal = helm_repository::NormalizeUrl(spec_.url); !normal.ok()) {
    return Stall(kFetchFailed, "URLInvalid",
                 Annotate(normal.status(), "invalid Helm repository URL"));
  }
  const auto access = HelmAccess::Create(ctx, with(), key().ns, spec_);
  if (!access.ok()) {
    const std::string reason = api::ReasonOf(access.status(), "AuthenticationFailed");
    return reason == "AuthenticationFailed" ? Fail(kFetchFailed, reason, access.status())
                                            : Stall(kFetchFailed, reason, access.status());
  }
  const auto directory = disk::TempDir::Create("sluice-tmp-helmrepository-");
  const auto downloaded = directory.ok() ? Download(ctx, *access, *directory)
                                         : absl::StatusOr<Downloaded>(directory.status());
  if (!downloaded.ok()) {
    return Fail(kFetchFailed, api::kFailedReason,
                Annotate(downloaded.status(),
                         "failed to fetch Helm repository index: failed to cache index to "
                         "temporary file"));
  }
  if (!downloaded->unchanged) return Store(ctx, *directory, downloaded->revision);
  Delete(kFetchFailed);
  const api::Artifact& artifact = *status().artifact;
  Event(Severity::kTrace, "ArtifactUpToDate",
        absl::StrCat("artifact up-to-date with remote revision: '", artifact.revision, "'"));
  cache_.Extend(artifact);
  MarkStored(api::kSucceededReason,
             absl::StrCat("stored artifact: revision '", artifact.revision, "'"));
  return Outcome::Success();
}

Outcome HelmRepositoryReconciliation::Store(const Context& ctx, const disk::TempDir& directory,
                                            const std::string& revision) {
  auto index = ReadIndexFile(ctx, directory.root(), kIndexFile);
  if (!index.ok()) {
    return Fail(kFetchFailed, "IndexationFailed",
                Annotate(index.status(), "failed to load Helm repository from index YAML"));
  }
  Delete(kFetchFailed);
  if (const absl::Status announced =
          AnnounceNew(ctx, "NewRevision", absl::StrCat("new index revision '", revision, "'"));
      !announced.ok()) {
    return Outcome::Failed("PatchOperationFailed", announced);
  }
  const size_t colon = revision.find(':');
  api::Artifact artifact = with().storage.NewArtifact(
      source(), revision, absl::StrCat("index-", revision.substr(colon + 1), ".yaml"));
  const absl::Status stored = with().storage.Store(
      ctx, [&index] { return index->Next(); }, artifact);
  if (!stored.ok()) {
    return Fail(kStorageOperationFailed, "ArchiveOperationFailed",
                Annotate(stored, "unable to save artifact to storage"));
  }
  status().artifact = artifact;
  PublishLink(ctx, artifact, kLink);
  Delete(kStorageOperationFailed);
  MarkStored(api::kSucceededReason, absl::StrCat("stored artifact: revision '", revision, "'"));
  return Outcome::Success();
}

}  // namespace sluice::source_controller
