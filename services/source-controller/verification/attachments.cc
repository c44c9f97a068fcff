// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/verification/attachments.h"

#include "absl/strings/match.h"
#include "common/base/status_macros.h"

namespace sluice::source_controller {
namespace {

constexpr int64_t kMaxBytes = 1 << 20;

absl::StatusOr<Attachment> Fetch(const Context& ctx, oci::Client& registry,
                                 const oci::Repository& repository, const oci::Descriptor& layer) {
  Attachment attachment;
  attachment.media_type = layer.media_type;
  attachment.annotations = layer.annotations;
  RETURN_IF_ERROR(
      registry.FetchBlob(ctx, repository, layer, [&attachment](absl::string_view bytes) {
        attachment.bytes.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      }));
  return attachment;
}

}  // namespace

absl::StatusOr<std::vector<Attachment>> FetchReferrers(const Context& ctx, oci::Client& registry,
                                                       const oci::Reference& artifact,
                                                       absl::string_view type_prefix,
                                                       size_t limit) {
  ASSIGN_OR_RETURN(const oci::Digest digest, oci::Digest::Parse(artifact.digest));
  ASSIGN_OR_RETURN(const std::vector<oci::Descriptor> referrers,
                   registry.ListReferrers(ctx, artifact.repository, digest, ""));
  std::vector<Attachment> found;
  for (const oci::Descriptor& referrer : referrers) {
    if (!absl::StartsWith(referrer.artifact_type, type_prefix)) continue;
    if (found.size() >= limit) break;
    oci::Reference reference;
    reference.repository = artifact.repository;
    reference.digest = referrer.digest.ToString();
    ASSIGN_OR_RETURN(const oci::RawManifest raw, registry.GetManifest(ctx, reference));
    const auto manifest = oci::ParseManifest(raw.bytes);
    if (!manifest.ok() || manifest->layers.empty() || manifest->layers[0].size > kMaxBytes) {
      continue;
    }
    ASSIGN_OR_RETURN(Attachment attachment,
                     Fetch(ctx, registry, artifact.repository, manifest->layers[0]));
    attachment.manifest_annotations = manifest->annotations;
    found.push_back(std::move(attachment));
  }
  return found;
}

absl::StatusOr<std::vector<Attachment>> FetchLayers(const Context& ctx, oci::Client& registry,
                                                    const oci::Reference& reference,
                                                    absl::string_view media_type, size_t limit) {
  std::vector<Attachment> found;
  const auto raw = registry.GetManifest(ctx, reference);
  if (absl::IsNotFound(raw.status())) return found;
  RETURN_IF_ERROR(raw.status());
  ASSIGN_OR_RETURN(const oci::Manifest manifest, oci::ParseManifest(raw->bytes));
  for (const oci::Descriptor& layer : manifest.layers) {
    if (layer.media_type != media_type || layer.size > kMaxBytes) continue;
    if (found.size() >= limit) break;
    ASSIGN_OR_RETURN(Attachment attachment, Fetch(ctx, registry, reference.repository, layer));
    found.push_back(std::move(attachment));
  }
  return found;
}

}  // namespace sluice::source_controller
