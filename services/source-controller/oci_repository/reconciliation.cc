// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/oci_repository/reconciliation.h"

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/disk/unpack_to.h"
#include "common/gitignore/rules.h"
#include "services/source-controller/oci_repository/artifact_tag.h"
#include "services/source-controller/verification/verification.h"

namespace sluice::source_controller {
namespace {

using runtime::Severity;

constexpr char kLink[] = "latest.tar.gz";
constexpr char kLayerFile[] = "layer";
constexpr char kPullFailed[] = "OCIArtifactPullFailed";
constexpr char kLayerFailed[] = "OCIArtifactLayerOperationFailed";
constexpr char kOriginSource[] = "org.opencontainers.image.source";
constexpr char kOriginRevision[] = "org.opencontainers.image.revision";
// Bytes of a layer as it is stored in the registry.
constexpr int64_t kMaxLayer = int64_t{4} << 30;

}  // namespace

OciRepositoryReconciliation::OciRepositoryReconciliation(const Collaborators& with,
                                                         const CloudAccess& cloud, Value object)
    : Reconciliation(kOciRepository, with, std::move(object)),
      cloud_(cloud),
      observed_(api::OciRepositoryObserved::Decode(this->object()["status"])) {}

absl::Status OciRepositoryReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeOciRepositorySpec(spec));
  return absl::OkStatus();
}

std::string OciRepositoryReconciliation::ArtifactEventMessage() const {
  const api::Artifact& artifact = *status().artifact;
  std::string message = absl::StrCat("stored artifact with revision '", artifact.revision,
                                     "' from '", spec_.url, "'");
  const auto source = artifact.metadata.find(kOriginSource);
  const auto revision = artifact.metadata.find(kOriginRevision);
  if (source != artifact.metadata.end() && revision != artifact.metadata.end()) {
    absl::StrAppend(&message, ", origin source '", source->second, "', origin revision '",
                    revision->second, "'");
  }
  return message;
}

Outcome OciRepositoryReconciliation::Publish(const Context& ctx) {
  auto layer = disk::TempDir::Create("sluice-tmp-oci-layer-");
  auto content = disk::TempDir::Create("sluice-tmp-oci-content-");
  if (!layer.ok() || !content.ok()) {
    return Fail(kStorageOperationFailed, "DirectoryCreationFailed",
                Annotate(layer.ok() ? content.status() : layer.status(),
                         "failed to create temporary working directory"));
  }
  const Workspace workspace = {*std::move(layer), *std::move(content)};
  Delete(kStorageOperationFailed);
  if (status().conditions.IsFalse(kSourceVerified)) Delete(kSourceVerified);
  const Context limited = ctx.WithTimeout(spec_.timeout);
  const auto access =
      OciAccess::Create(limited, cloud_, key().ns, spec_, [this](const std::string& secret) {
        Event(Severity::kTrace, "AuthenticationFailed",
              absl::StrCat("auth secret '", secret, "' not found"));
      });
  if (!access.ok()) {
    const std::string reason = api::ReasonOf(access.status(), "AuthenticationFailed");
    // As in Flux, which sets no other condition for it here.
    if (reason == credentials::kFeatureGateDisabled)
      return Outcome::Stalled(reason, access.status());
    return api::IsStalling(access.status()) ? Stall(kFetchFailed, reason, access.status())
                                            : Fail(kFetchFailed, reason, access.status());
  }
  auto reference = Resolve(limited, *access);
  if (!reference.ok()) {
    return Fail(
        kFetchFailed, "ReadOperationFailed",
        Annotate(reference.status(),
                 absl::StrCat("failed to determine the artifact tag for '", spec_.url, "'")));
  }
  const std::string name = reference->Name();
  if (const absl::Status found = FindRevision(limited, *access, *reference); !found.ok()) {
    return Fail(kFetchFailed, kPullFailed, Annotate(found, "failed to determine artifact digest"));
  }
  const Outcome fetched = Fetch(ctx, limited, *access, *reference, workspace);
  if (!api::HasRevision(status().artifact, revision_)) {
    const absl::Status announced = AnnounceNew(
        ctx, "NewRevision", absl::StrCat("new revision '", revision_, "' for '", name, "'"));
    if (!announced.ok() && fetched.succeeded()) {
      return Outcome::Failed("PatchOperationFailed", announced);
    }
  }
  return fetched.succeeded() ? Store(ctx, workspace) : fetched;
}

absl::StatusOr<oci::Reference> OciRepositoryReconciliation::Resolve(const Context& ctx,
                                                                    const OciAccess& access) const {
  oci::Reference reference;
  reference.repository = access.repository;
  const api::OciReference& wanted = spec_.reference;
  if (!wanted.digest.empty()) {
    reference.digest = wanted.digest;
  } else if (!wanted.semver.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> tags,
                     access.client->ListTags(ctx, access.repository));
    const bool helm_tags =
        spec_.layer_selector.has_value() && spec_.layer_selector->media_type == kHelmChartLayer;
    ASSIGN_OR_RETURN(reference.tag, NewestTag(tags, wanted, helm_tags));
  } else {
    reference.tag = wanted.tag.empty() ? "latest" : wanted.tag;
  }
  return reference;
}

absl::Status OciRepositoryReconciliation::FindRevision(const Context& ctx, const OciAccess& access,
                                                       oci::Reference& reference) {
  if (!reference.digest.empty()) {
    RETURN_IF_ERROR(oci::Digest::Parse(reference.digest).status());
    revision_ = reference.digest;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const oci::Descriptor found, access.client->Resolve(ctx, reference));
  // From here on the content is what the revision says, whatever becomes of the tag.
  reference.digest = found.digest.ToString();
  revision_ = absl::StrCat(reference.tag, "@", reference.digest);
  return absl::OkStatus();
}

bool OciRepositoryReconciliation::IsStored() const {
  return api::HasRevision(status().artifact, revision_) && spec_.ignore == observed_.ignore &&
         spec_.layer_selector == observed_.layer_selector;
}

Outcome OciRepositoryReconciliation::Fetch(const Context& whole, const Context& ctx,
                                           const OciAccess& access, const oci::Reference& reference,
                                           const Workspace& workspace) {
  // A verification has a timeout of its own.
  const Outcome verified = Verify(whole.WithTimeout(spec_.timeout), access, reference);
  if (!verified.succeeded()) return verified;
  if (!IsStored()) {
    const Outcome pulled = Pull(ctx, access, reference, workspace);
    if (!pulled.succeeded()) return pulled;
  }
  Delete(kFetchFailed);
  return Outcome::Success();
}

bool OciRepositoryReconciliation::NeedsVerification() const {
  const api::Condition* verified = status().conditions.Find(kSourceVerified);
  return !api::HasRevision(status().artifact, revision_) || verified == nullptr ||
         verified->observed_generation != generation();
}

Outcome OciRepositoryReconciliation::Verify(const Context& ctx, const OciAccess& access,
                                            const oci::Reference& reference) {
  if (!spec_.verify.has_value()) {
    Delete(kSourceVerified);
    return Outcome::Success();
  }
  if (!NeedsVerification()) return Outcome::Success();
  const auto verdict = VerifyArtifact(
      ctx, {with().client, *access.client, with().clock, with().options.sigstore_trusted_root},
      key().ns, reference, *spec_.verify);
  if (!verdict.ok()) {
    const absl::Status error = Annotate(verdict.status(), VerificationFailure(*spec_.verify));
    Set(kSourceVerified, api::ConditionStatus::kFalse, "VerificationError", error.message());
    return Outcome::Failed("VerificationError", error);
  }
  if (*verdict == Verdict::kVerified) {
    Set(kSourceVerified, api::ConditionStatus::kTrue, api::kSucceededReason,
        absl::StrCat("verified signature of revision ", revision_));
  } else {
    Delete(kSourceVerified);
  }
  return Outcome::Success();
}

Outcome OciRepositoryReconciliation::Pull(const Context& ctx, const OciAccess& access,
                                          const oci::Reference& reference,
                                          const Workspace& workspace) {
  const auto image = access.client->GetImage(ctx, reference, oci::Platform());
  if (!image.ok()) {
    const bool no_manifest = absl::IsInvalidArgument(image.status());
    return Fail(
        kFetchFailed, no_manifest ? kLayerFailed : kPullFailed,
        Annotate(image.status(),
                 no_manifest ? "failed to parse artifact manifest"
                             : absl::StrCat("failed to pull artifact from '", spec_.url, "'")));
  }
  annotations_ = image->manifest.annotations;
  const auto layer = ChooseLayer(image->manifest);
  if (!layer.ok()) return Fail(kFetchFailed, kLayerFailed, layer.status());
  const auto take = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(disk::FileWriter file, workspace.layer.root().Create(kLayerFile));
    RETURN_IF_ERROR(
        access.client->FetchBlob(ctx, reference.repository, *layer,
                                 [&file](absl::string_view bytes) { return file.Write(bytes); }));
    RETURN_IF_ERROR(file.Commit());
    if (copies()) return absl::OkStatus();
    ASSIGN_OR_RETURN(disk::Handle written, workspace.layer.root().OpenForReading(kLayerFile));
    disk::FileSource source(std::move(written));
    return disk::UnpackTo(ctx, source, {.symlinks = archive::Symlinks::kSkip},
                          workspace.content.root());
  };
  if (const absl::Status taken = take(); !taken.ok()) {
    return Fail(kFetchFailed, kLayerFailed,
                Annotate(taken, copies() ? "failed to copy layer from artifact"
                                         : "failed to extract layer contents from artifact"));
  }
  return Outcome::Success();
}

absl::StatusOr<oci::Descriptor> OciRepositoryReconciliation::ChooseLayer(
    const oci::Manifest& manifest) const {
  if (manifest.layers.empty()) {
    return absl::FailedPreconditionError("no layers found in artifact");
  }
  const std::string type = spec_.layer_selector.has_value() ? spec_.layer_selector->media_type : "";
  for (const oci::Descriptor& layer : manifest.layers) {
    if (!type.empty() && layer.media_type != type) continue;
    if (layer.size > kMaxLayer) {
      return absl::ResourceExhaustedError(
          absl::StrCat("layer of ", layer.size, " bytes is larger than ", kMaxLayer));
    }
    return layer;
  }
  return absl::NotFoundError(
      absl::StrCat("failed to find layer with media type '", type, "' in artifact"));
}

absl::Status OciRepositoryReconciliation::Archive(const Context& ctx, const Workspace& workspace,
                                                  api::Artifact& artifact) {
  if (copies()) {
    ASSIGN_OR_RETURN(disk::Handle layer, workspace.layer.root().OpenForReading(kLayerFile));
    disk::FileSource source(std::move(layer));
    std::string buffer(size_t{64} << 10, '\0');
    return with().storage.Store(
        ctx,
        [&]() -> absl::StatusOr<absl::string_view> {
          ASSIGN_OR_RETURN(const size_t count, source.Read({buffer.data(), buffer.size()}));
          return absl::string_view(buffer.data(), count);
        },
        artifact);
  }
  ASSIGN_OR_RETURN(const auto tree, disk::DiskTree::Open(workspace.content.path()));
  const auto rules = gitignore::ArtifactRules(*tree, spec_.ignore.value_or(""));
  if (!rules.ok()) return api::WithReason(rules.status(), "SourceIgnoreError");
  return with().storage.Archive(
      ctx, *tree,
      [&rules](absl::string_view path, const fs::Entry& entry) {
        return rules->Ignores(path, entry.type == fs::EntryType::kDirectory);
      },
      artifact);
}

Outcome OciRepositoryReconciliation::Store(const Context& ctx, const Workspace& workspace) {
  if (IsStored()) {
    Event(Severity::kTrace, "ArtifactUpToDate",
          absl::StrCat("artifact up-to-date with remote revision: '", revision_, "'"));
  } else {
    const std::string digest = revision_.substr(revision_.rfind('@') + 1);
    api::Artifact artifact =
        with().storage.NewArtifact(source(), revision_, absl::StrCat(digest, ".tar.gz"));
    artifact.metadata = annotations_;
    if (const absl::Status archived = Archive(ctx, workspace, artifact); !archived.ok()) {
      const std::string reason = api::ReasonOf(archived, "ArchiveOperationFailed");
      if (reason == "SourceIgnoreError") return Outcome::Failed(reason, archived);
      return Fail(kStorageOperationFailed, reason,
                  Annotate(archived, "unable to archive artifact to storage"));
    }
    status().artifact = artifact;
    observed_ = {spec_.ignore, spec_.layer_selector};
    PublishLink(ctx, artifact, kLink);
    Delete(kStorageOperationFailed);
  }
  MarkStored(api::kSucceededReason, absl::StrCat("stored artifact for digest '", revision_, "'"));
  return Outcome::Success();
}

}  // namespace sluice::source_controller
