// What is attached to an artifact in a registry to say whose it is: cosign's "simple signing"
// layers, and Sigstore bundles.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/certificate.h"
#include "common/sigstore/transparency_log.h"

namespace sluice::sigstore {

// The type of cosign's layers, and what the types of bundles begin with.
inline constexpr char kSimpleSigningType[] = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr char kBundleTypePrefix[] = "application/vnd.dev.sigstore.bundle";

struct Signature {
  enum class Form {
    kSimpleSigning,  // the payload itself is signed
    kEnvelope,       // a DSSE envelope around an in-toto statement
  };

  // A layer of cosign's: its bytes, and the annotations that hold the rest. kInvalidArgument saying
  // what does not parse.
  static absl::StatusOr<Signature> FromLayer(absl::string_view payload,
                                             const std::map<std::string, std::string>& annotations);
  // A bundle, versions 0.1 to 0.3, with a DSSE envelope.
  static absl::StatusOr<Signature> FromBundle(absl::string_view json);

  // The bytes that `value` signs.
  std::string SignedBytes() const;
  // OK if the payload is about the artifact `digest`, "sha256:<hex>". kUnauthenticated.
  absl::Status CheckSubject(absl::string_view digest) const;
  // OK if `entry` of a log is about this signature by `certificate`, and not about another one.
  absl::Status CheckEntry(const LogEntry& entry, const crypto::Certificate& certificate) const;

  Form form = Form::kSimpleSigning;
  std::string payload;
  std::string payload_type;  // of an envelope
  std::string value;         // bytes
  std::optional<crypto::Certificate> certificate;
  std::vector<LogEntry> entries;  // at most 10
};

}  // namespace sluice::sigstore
