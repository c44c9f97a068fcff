// X.509 certificates as evidence: what stands in them, and whether they lead to an authority that
// is trusted (RFC 5280). For signatures of artifacts; TLS is checked by common/http.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/public_key.h"

namespace sluice::crypto {

// A timestamp that a certificate transparency log gave for a certificate to be (RFC 6962, 3.3).
struct EmbeddedTimestamp {
  std::string log_id;  // 32 bytes: the SHA-256 of the log's public key
  absl::Time time;
  std::string signed_data;  // what the log signed
  std::string signature;    // over SHA-256
};

// One part of a distinguished name: {"C", "US"}.
using NamePart = std::pair<std::string, std::string>;

// Immutable; copies share the certificate. Thread-safe.
class Certificate {
 public:
  // kInvalidArgument for what is no certificate, and for anything behind it.
  static absl::StatusOr<Certificate> FromDer(absl::string_view der);
  // All certificates of `pem`, at least one; other blocks are passed over. kInvalidArgument if
  // there is none, one does not parse, or there are more than 100.
  static absl::StatusOr<std::vector<Certificate>> FromPem(absl::string_view pem);

  const std::string& der() const { return der_; }
  absl::Time not_before() const { return not_before_; }
  absl::Time not_after() const { return not_after_; }
  // Both ends belong to the validity.
  bool ValidAt(absl::Time time) const { return time >= not_before_ && time <= not_after_; }

  // kInvalidArgument for a key of a type that PublicKey does not know.
  absl::StatusOr<PublicKey> Key() const;

  // The parts of the subject with the short names that RFC 4514 has, OIDs for others.
  std::vector<NamePart> Subject() const;
  // Email addresses, URIs, DNS names, IP addresses, and the UTF-8 texts of other names.
  std::vector<std::string> AlternativeNames() const;
  // The bytes of the extension `oid` ("1.3.6.1…"), as they stand in its OCTET STRING.
  std::optional<std::string> Extension(absl::string_view oid) const;
  // Whether the extended key usage names `purpose`, an OID.
  bool HasPurpose(absl::string_view purpose) const;
  bool has_purposes() const;
  bool is_authority() const;
  // Whether the key may sign other than certificates: the key usage says so, or says nothing.
  bool MaySign() const;
  // Whether `issuer`'s name is the issuer's and its key signed this.
  bool IsSignedBy(const Certificate& issuer) const;

  // The timestamps in it. `issuer` is who signed it. kInvalidArgument if they do not parse.
  absl::StatusOr<std::vector<EmbeddedTimestamp>> Timestamps(const Certificate& issuer) const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der_ == b.der_; }

 private:
  friend absl::StatusOr<std::vector<Certificate>> BuildChain(
      const Certificate& leaf, std::span<const Certificate> intermediates,
      std::span<const Certificate> roots, absl::Time time);
  // Takes over an X509.
  explicit Certificate(void* handle);

  std::shared_ptr<void> handle_;
  std::string der_;
  absl::Time not_before_;
  absl::Time not_after_;
};

inline constexpr char kCodeSigning[] = "1.3.6.1.5.5.7.3.3";

// The certificates from `leaf` to one of `roots`, both included, as they were valid at `time`.
// `intermediates` may be any that help; they need not be trusted. Names, signatures, validity,
// basic constraints, key usage and critical extensions are checked; purposes are not. A root need
// not be signed by itself. kUnauthenticated with the reason.
absl::StatusOr<std::vector<Certificate>> BuildChain(const Certificate& leaf,
                                                    std::span<const Certificate> intermediates,
                                                    std::span<const Certificate> roots,
                                                    absl::Time time);

// The text in an ASN.1 string of DER; nullopt if it is none.
std::optional<std::string> TextOfDer(absl::string_view der);

}  // namespace sluice::crypto
