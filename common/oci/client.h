// A client of OCI registries (distribution specification 1.1, and the Docker registries before it):
// tags, manifests and blobs, read and written.
//
//   ASSIGN_OR_RETURN(const auto client, Client::Create(options));
//   ASSIGN_OR_RETURN(const Descriptor head, client->Resolve(ctx, reference));
//   ASSIGN_OR_RETURN(const Image image, client->GetImage(ctx, reference, Platform()));
//   RETURN_IF_ERROR(client->FetchBlob(ctx, reference.repository, image.manifest.layers[0], sink));
//
// Errors have the words of go-containerregistry where a registry refuses: kUnauthenticated,
// kPermissionDenied, kNotFound; kUnavailable when the registry could not be reached or is
// overloaded, after the tries below; kDataLoss when what came is not what its digest or size says;
// kResourceExhausted beyond a limit; ctx's own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/http/client.h"
#include "common/oci/credentials.h"
#include "common/oci/manifest.h"
#include "common/oci/reference.h"

namespace sluice::oci {

// Bounds on what a registry may make us take in. 0 allows nothing.
struct ClientLimits {
  size_t manifest_bytes = size_t{8} << 20;
  size_t tag_page_bytes = size_t{8} << 20;
  size_t tag_bytes = size_t{64} << 20;  // of all tags together
  int tag_pages = 10'000;
  // A manifest, a page of tags or a token is to come within this; blobs have the context's time.
  absl::Duration request_timeout = absl::Seconds(60);
};

struct ClientOptions {
  // Plain HTTP is allowed, for registries that do not speak TLS. Hosts for which that goes without
  // saying (Repository::MayUseHttp) need no leave. Whether to skip the check of certificates stands
  // in `tls`.
  bool insecure = false;
  http::TlsOptions tls;
  std::string proxy_url;  // as in http::ClientOptions
  std::string user_agent = "flux/v2";
  // Asked each time a registry wants to know who we are; may be called from several threads.
  // Without it, or for an empty credential, we are anonymous.
  RegistryCredentials credentials;
  // Tries of one request when kUnavailable, and the waits between them: this, then three times
  // this, each with a tenth of jitter.
  int tries = 3;
  absl::Duration first_wait = absl::Seconds(1);
  ClientLimits limits;
};

// A manifest or index as it is served.
struct RawManifest {
  Descriptor descriptor;
  std::string bytes;
};

struct Image {
  Descriptor descriptor;  // of the manifest, not of the index that led to it
  Manifest manifest;
};

// Takes the pieces of a blob in order. An error ends the transfer and is returned.
using BlobSink = std::function<absl::Status(absl::string_view bytes)>;

// Thread-safe; requests run in the calling threads. Remembers how registries are to be spoken to,
// and access tokens until they expire. Credentials go to the registry and its token service only,
// never to where they redirect.
class Client {
 public:
  // kInvalidArgument for certificates, keys or a proxy that do not parse. `clock` outlives the
  // client.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options,
                                                        Clock& clock = RealClock());
  virtual ~Client() = default;

  // All tags in the registry's order. kNotFound if there is no such repository.
  virtual absl::StatusOr<std::vector<std::string>> ListTags(const Context& ctx,
                                                            const Repository& repository) = 0;

  // Type, digest and size of what a reference names, without its content: a HEAD request. An index
  // stays one.
  virtual absl::StatusOr<Descriptor> Head(const Context& ctx, const Reference& reference) = 0;
  // Head(), or if that fails what GetManifest() says, which a registry explains better.
  virtual absl::StatusOr<Descriptor> Resolve(const Context& ctx, const Reference& reference) = 0;

  // Checked against the reference's digest if it has one.
  virtual absl::StatusOr<RawManifest> GetManifest(const Context& ctx,
                                                  const Reference& reference) = 0;
  // The manifest itself, or of an index the one for `platform`.
  virtual absl::StatusOr<Image> GetImage(const Context& ctx, const Reference& reference,
                                         const Platform& platform) = 0;

  // What refers to the manifest `digest` (signatures, attestations) with the given type, any if it
  // is empty: from the referrers API, or from the tag that stands in for it. None is no error.
  virtual absl::StatusOr<std::vector<Descriptor>> ListReferrers(
      const Context& ctx, const Repository& repository, const Digest& digest,
      absl::string_view artifact_type) = 0;

  // Streams a blob, never more bytes than `blob` says. A transfer that breaks off is taken up where
  // it ended. OK only if size and digest are right; until then `sink` holds what nobody vouches
  // for.
  virtual absl::Status FetchBlob(const Context& ctx, const Repository& repository,
                                 const Descriptor& blob, const BlobSink& sink) = 0;

  // Stores `bytes` in the repository unless they are there: what to name them by in a manifest.
  virtual absl::StatusOr<Descriptor> PutBlob(const Context& ctx, const Repository& repository,
                                             absl::string_view media_type,
                                             absl::string_view bytes) = 0;
  // Stores a manifest, whose blobs are there, under the reference's tag, which then names nothing
  // else.
  virtual absl::StatusOr<Descriptor> PutManifest(const Context& ctx, const Reference& reference,
                                                 absl::string_view media_type,
                                                 absl::string_view bytes) = 0;
};

}  // namespace sluice::oci
