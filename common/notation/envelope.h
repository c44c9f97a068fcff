// Signature envelopes of the Notary Project: JWS (application/jose+json) and COSE
// (application/cose).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"

namespace sluice::notation {

inline constexpr char kSignatureType[] = "application/vnd.cncf.notary.signature";
inline constexpr char kJwsType[] = "application/jose+json";
inline constexpr char kCoseType[] = "application/cose";

enum class Scheme {
  kX509,              // "notary.x509": trusted by stores of type "ca"
  kSigningAuthority,  // "notary.x509.signingAuthority", which vouches for the signing time too
};

struct Envelope {
  // Of the media type `type`. kInvalidArgument for what is no envelope, for headers that are
  // critical and not known, algorithms that do not count, and another type than kJwsType and
  // kCoseType. Nothing is verified.
  static absl::StatusOr<Envelope> Parse(absl::string_view type, absl::string_view bytes);

  // OK if the first certificate's key signed, with the algorithm that fits it, and the certificates
  // are a chain for signing code that ends in itself. kUnauthenticated.
  absl::Status VerifyIntegrity() const;

  std::string signed_bytes;
  std::string signature;
  crypto::Algorithm digest = crypto::Algorithm::kSha256;
  bool pss = false;  // RSASSA-PSS; else ECDSA with r and s beside one another
  std::string payload;
  std::vector<crypto::Certificate> chain;  // the signer first, at least one
  Scheme scheme = Scheme::kX509;
  absl::Time signing_time;
  std::optional<absl::Time> expiry;
};

}  // namespace sluice::notation
