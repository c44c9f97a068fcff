// Names of images and artifacts: "ghcr.io/org/app:1.2", "alpine", "host:5000/a/b@sha256:…".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"

namespace sluice::oci {

// "sha256:<hex>", of which manifests and blobs are named.
struct Digest {
  // sha256, sha384 and sha512, in lower-case hex of the right length; kInvalidArgument otherwise.
  static absl::StatusOr<Digest> Parse(absl::string_view text);
  static Digest Of(absl::string_view bytes,
                   crypto::Algorithm algorithm = crypto::Algorithm::kSha256);

  std::string ToString() const;
  friend bool operator==(const Digest&, const Digest&) = default;

  crypto::Algorithm algorithm = crypto::Algorithm::kSha256;
  std::string hex;
};

// A registry and a path in it.
struct Repository {
  // "registry/path"
  std::string Name() const { return registry + "/" + path; }
  // Whether the registry may be spoken to without TLS without anybody asking for it: localhost,
  // names ending in .local and .localhost, loopback and RFC 1918 addresses.
  bool MayUseHttp() const;

  std::string registry;  // "index.docker.io", "host:5000"
  std::string path;      // of Docker Hub with its "library/"
};

struct Reference {
  // "registry/path:tag" or "registry/path@digest"
  std::string Name() const;
  // The digest if there is one, else the tag.
  std::string Identifier() const { return digest.empty() ? tag : digest; }

  Repository repository;
  std::string tag;     // "latest" if neither is given; kept beside a digest
  std::string digest;  // empty, or a valid one
};

// By the rules and in the words of go-containerregistry's package name (v0.21): what stands before
// the first "/" is a registry if it has a "." or ":"; there is none before "localhost/x". docker.io
// and no registry are index.docker.io, where "alpine" is "library/alpine". kInvalidArgument.
absl::StatusOr<Repository> ParseRepository(absl::string_view text);
absl::StatusOr<Reference> ParseReference(absl::string_view text);

// The repository of a source's URL, "oci://host/org/repo". kInvalidArgument with Flux's words for
// another scheme, and for a tag or digest in it.
absl::StatusOr<Repository> ParseRepositoryUrl(absl::string_view url);

}  // namespace sluice::oci
