// SPDX-License-Identifier: Apache-2.0
#include "common/oci/client.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/redirect.h"
#include "common/oci/blob_reader.h"
#include "common/oci/requester.h"
#include "common/oci/tag_pages.h"
#include "common/text/quote.h"

namespace sluice::oci {
namespace {

constexpr int kMaxRedirects = 10;

const std::string& AcceptedManifests() {
  static const auto* const kAccepted = new std::string(
      absl::StrCat(kOciManifest, ",", kOciIndex, ",", kDockerManifest, ",", kDockerList));
  return *kAccepted;
}

class RegistryClient : public Client {
 public:
  RegistryClient(ClientOptions options, std::unique_ptr<http::Transport> transport,
                 std::unique_ptr<http::Transport> token_transport, Clock& clock)
      : options_(std::move(options)),
        transport_(std::move(transport)),
        token_transport_(std::move(token_transport)),
        requester_(options_, *transport_, *token_transport_, clock) {}

  absl::StatusOr<std::vector<std::string>> ListTags(const Context& ctx,
                                                    const Repository& repository) override;
  absl::StatusOr<Descriptor> Head(const Context& ctx, const Reference& reference) override;
  absl::StatusOr<Descriptor> Resolve(const Context& ctx, const Reference& reference) override;
  absl::StatusOr<RawManifest> GetManifest(const Context& ctx, const Reference& reference) override;
  absl::StatusOr<Image> GetImage(const Context& ctx, const Reference& reference,
                                 const Platform& platform) override;
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Context& ctx,
                                                        const Repository& repository,
                                                        const Digest& digest,
                                                        absl::string_view type) override;
  absl::Status FetchBlob(const Context& ctx, const Repository& repository, const Descriptor& blob,
                         const BlobSink& sink) override;
  absl::StatusOr<Descriptor> PutBlob(const Context& ctx, const Repository& repository,
                                     absl::string_view media_type,
                                     absl::string_view bytes) override;
  absl::StatusOr<Descriptor> PutManifest(const Context& ctx, const Reference& reference,
                                         absl::string_view media_type,
                                         absl::string_view bytes) override;

 private:
  absl::Status GetReferrers(const Context& ctx, const Repository& repository, const Digest& digest,
                            std::string& bytes);

  const ClientOptions options_;
  const std::unique_ptr<http::Transport> transport_;
  const std::unique_ptr<http::Transport> token_transport_;  // follows no redirects
  Requester requester_;
};

absl::StatusOr<std::vector<std::string>> RegistryClient::ListTags(const Context& ctx,
                                                                  const Repository& repository) {
  TagPages pages(options_.limits);
  std::string next = absl::StrCat("/v2/", repository.path, "/tags/list?n=1000");
  while (!next.empty()) {
    ASSIGN_OR_RETURN(const Answer answer, requester_.Fetch(ctx, repository, {.url = next},
                                                           options_.limits.tag_page_bytes));
    ASSIGN_OR_RETURN(next, pages.Add(answer.url, answer.response));
  }
  return std::move(pages).Tags();
}

absl::StatusOr<Descriptor> RegistryClient::Head(const Context& ctx, const Reference& reference) {
  Ask ask{.method = "HEAD",
          .url = absl::StrCat("/v2/", reference.repository.path, "/manifests/",
                              reference.Identifier())};
  ask.headers.Set("Accept", AcceptedManifests());
  ASSIGN_OR_RETURN(const Answer answer,
                   requester_.Fetch(ctx, reference.repository, std::move(ask), 0));
  const http::Headers& headers = answer.response.headers;
  for (const char* name : {"Content-Type", "Content-Length", "Docker-Content-Digest"}) {
    if (headers.Get(name).empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("HEAD ", answer.url, ": response did not include ", name, " header"));
    }
  }
  Descriptor descriptor;
  descriptor.media_type = std::string(headers.Get("Content-Type"));
  ASSIGN_OR_RETURN(descriptor.digest, Digest::Parse(headers.Get("Docker-Content-Digest")));
  if (!absl::SimpleAtoi(headers.Get("Content-Length"), &descriptor.size) || descriptor.size < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("HEAD ", answer.url, ": Content-Length is no number of bytes"));
  }
  if (!reference.digest.empty() && descriptor.digest.ToString() != reference.digest) {
    return absl::DataLossError(
        absl::StrCat("manifest digest: ", text::Quote(descriptor.digest.ToString()),
                     " does not match requested digest: ", text::Quote(reference.digest), " for ",
                     text::Quote(reference.Name())));
  }
  return descriptor;
}

absl::StatusOr<Descriptor> RegistryClient::Resolve(const Context& ctx, const Reference& reference) {
  absl::StatusOr<Descriptor> head = Head(ctx, reference);
  if (head.ok() || !ctx.Check().ok()) return head;
  ASSIGN_OR_RETURN(RawManifest manifest, GetManifest(ctx, reference));
  return std::move(manifest.descriptor);
}

absl::StatusOr<RawManifest> RegistryClient::GetManifest(const Context& ctx,
                                                        const Reference& reference) {
  Ask ask{.url = absl::StrCat("/v2/", reference.repository.path, "/manifests/",
                              reference.Identifier())};
  ask.headers.Set("Accept", AcceptedManifests());
  ASSIGN_OR_RETURN(Answer answer, requester_.Fetch(ctx, reference.repository, std::move(ask),
                                                   options_.limits.manifest_bytes));
  RawManifest manifest;
  manifest.bytes = std::move(answer.response.body);
  const absl::string_view type = answer.response.headers.Get("Content-Type");
  manifest.descriptor.media_type =
      std::string(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))));
  manifest.descriptor.size = static_cast<int64_t>(manifest.bytes.size());
  auto algorithm = crypto::Algorithm::kSha256;
  if (!reference.digest.empty()) {
    ASSIGN_OR_RETURN(const Digest wanted, Digest::Parse(reference.digest));
    algorithm = wanted.algorithm;
  }
  manifest.descriptor.digest = Digest::Of(manifest.bytes, algorithm);
  const std::string digest = manifest.descriptor.digest.ToString();
  if (!reference.digest.empty() && digest != reference.digest) {
    return absl::DataLossError(
        absl::StrCat("manifest digest: ", text::Quote(digest), " does not match requested digest: ",
                     text::Quote(reference.digest), " for ", text::Quote(reference.Name())));
  }
  return manifest;
}

absl::StatusOr<Image> RegistryClient::GetImage(const Context& ctx, const Reference& reference,
                                               const Platform& platform) {
  ASSIGN_OR_RETURN(RawManifest raw, GetManifest(ctx, reference));
  if (IsIndex(raw.descriptor.media_type)) {
    const absl::StatusOr<Index> index = ParseIndex(raw.bytes);
    if (!index.ok()) return Annotate(index.status(), reference.Name());
    const Descriptor* const child = ForPlatform(*index, platform);
    if (child == nullptr) {
      return absl::NotFoundError(absl::StrCat("no child with platform ", platform.os, "/",
                                              platform.architecture, " in index ",
                                              reference.Name()));
    }
    Reference one = reference;
    one.digest = child->digest.ToString();
    ASSIGN_OR_RETURN(raw, GetManifest(ctx, one));
  }
  absl::StatusOr<Manifest> manifest = ParseManifest(raw.bytes);
  if (!manifest.ok()) return Annotate(manifest.status(), reference.Name());
  return Image{std::move(raw.descriptor), *std::move(manifest)};
}

// The index of what refers to `digest`, from the API or from the tag that older registries have.
absl::Status RegistryClient::GetReferrers(const Context& ctx, const Repository& repository,
                                          const Digest& digest, std::string& bytes) {
  const std::string name = digest.ToString();
  const auto answer = requester_.Fetch(
      ctx, repository, {.url = absl::StrCat("/v2/", repository.path, "/referrers/", name)},
      options_.limits.manifest_bytes);
  if (answer.ok() && absl::StartsWith(answer->response.headers.Get("Content-Type"), kOciIndex)) {
    bytes = answer->response.body;
    return absl::OkStatus();
  }
  if (!answer.ok() && !absl::IsNotFound(answer.status()) &&
      !absl::IsFailedPrecondition(answer.status())) {
    return answer.status();
  }
  Reference tagged{repository,
                   absl::StrCat(crypto::AlgorithmName(digest.algorithm), "-", digest.hex), ""};
  const absl::StatusOr<RawManifest> index = GetManifest(ctx, tagged);
  if (absl::IsNotFound(index.status())) return absl::OkStatus();
  if (!index.ok()) return index.status();
  if (IsIndex(index->descriptor.media_type)) bytes = index->bytes;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Descriptor>> RegistryClient::ListReferrers(const Context& ctx,
                                                                      const Repository& repository,
                                                                      const Digest& digest,
                                                                      absl::string_view type) {
  std::string bytes;
  RETURN_IF_ERROR(GetReferrers(ctx, repository, digest, bytes));
  if (bytes.empty()) return std::vector<Descriptor>();
  absl::StatusOr<Index> index = ParseIndex(bytes);
  if (!index.ok()) {
    return Annotate(index.status(), absl::StrCat("referrers of ", digest.ToString()));
  }
  std::vector<Descriptor>& found = index->manifests;
  std::erase_if(found, [&](const Descriptor& descriptor) {
    return !type.empty() && descriptor.artifact_type != type;
  });
  return std::move(found);
}

absl::Status RegistryClient::FetchBlob(const Context& ctx, const Repository& repository,
                                       const Descriptor& blob, const BlobSink& sink) {
  BlobReader reader(blob, sink);
  Ask ask{.url = absl::StrCat("/v2/", repository.path, "/blobs/", blob.digest.ToString())};
  ask.on_head = [&](const http::Response& head) { return reader.Begin(head); };
  ask.on_data = [&](absl::string_view bytes) { return reader.Take(bytes); };
  RETURN_IF_ERROR(requester_.WithRetries(ctx, [&] {
    ask.headers = http::Headers();
    if (reader.received() > 0) {
      ask.headers.Set("Range", absl::StrCat("bytes=", reader.received(), "-"));
    }
    return requester_.Exchange(ctx, repository, ask);
  }));
  return reader.Finish();
}

absl::StatusOr<Descriptor> RegistryClient::PutBlob(const Context& ctx, const Repository& repository,
                                                   absl::string_view media_type,
                                                   absl::string_view bytes) {
  Descriptor blob;
  blob.media_type = std::string(media_type);
  blob.size = static_cast<int64_t>(bytes.size());
  blob.digest = Digest::Of(bytes, crypto::Algorithm::kSha256);
  const std::string digest = blob.digest.ToString();
  const std::string blobs = absl::StrCat("/v2/", repository.path, "/blobs/");
  const auto there =
      requester_.Fetch(ctx, repository, {.method = "HEAD", .url = absl::StrCat(blobs, digest)}, 0);
  if (there.ok()) return blob;
  if (!absl::IsNotFound(there.status())) return there.status();

  ASSIGN_OR_RETURN(
      const Answer begun,
      requester_.Fetch(ctx, repository, {.method = "POST", .url = absl::StrCat(blobs, "uploads/")},
                       kMaxErrorBody));
  ASSIGN_OR_RETURN(const http::Url asked, http::Url::Parse(begun.url));
  ASSIGN_OR_RETURN(const http::Url place,
                   http::ResolveRedirect(asked, begun.response.headers.Get("Location")));
  // The credentials go along.
  if (!http::SameOrigin(asked, place)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "POST ", begun.url, ": the upload is to go to another server, ", place.Origin()));
  }
  Ask put{.method = "PUT",
          .url = absl::StrCat(place.Origin(), place.path, "?", place.query,
                              place.query.empty() ? "" : "&", "digest=", http::EscapeQuery(digest)),
          .body = std::string(bytes)};
  put.headers.Set("Content-Type", "application/octet-stream");
  RETURN_IF_ERROR(requester_.Fetch(ctx, repository, std::move(put), kMaxErrorBody).status());
  return blob;
}

absl::StatusOr<Descriptor> RegistryClient::PutManifest(const Context& ctx,
                                                       const Reference& reference,
                                                       absl::string_view media_type,
                                                       absl::string_view bytes) {
  Ask put{
      .method = "PUT",
      .url = absl::StrCat("/v2/", reference.repository.path, "/manifests/", reference.Identifier()),
      .body = std::string(bytes)};
  put.headers.Set("Content-Type", media_type);
  RETURN_IF_ERROR(
      requester_.Fetch(ctx, reference.repository, std::move(put), kMaxErrorBody).status());
  Descriptor manifest;
  manifest.media_type = std::string(media_type);
  manifest.size = static_cast<int64_t>(bytes.size());
  manifest.digest = Digest::Of(bytes, crypto::Algorithm::kSha256);
  return manifest;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options, Clock& clock) {
  http::ClientOptions http_options;
  http_options.tls = options.tls;
  http_options.proxy_url = options.proxy_url;
  http_options.user_agent = options.user_agent;
  http_options.idle_timeout = options.limits.request_timeout;
  http_options.max_body = kMaxErrorBody;  // of Send(): pings and tokens
  ASSIGN_OR_RETURN(auto token_transport, http::CreateClient(http_options));
  http_options.max_redirects = kMaxRedirects;
  ASSIGN_OR_RETURN(auto transport, http::CreateClient(http_options));
  return std::make_unique<RegistryClient>(std::move(options), std::move(transport),
                                          std::move(token_transport), clock);
}

}  // namespace sluice::oci
