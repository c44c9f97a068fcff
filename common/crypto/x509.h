// Certificates: for our own servers a throw-away authority and what it signs; and those that charts
// make for themselves.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/crypto/private_key.h"

namespace sluice::crypto {

struct KeyPair {
  std::string certificate_pem;
  Secret private_key_pem;  // PKCS #8
};

struct CertificateRequest {
  std::string common_name;                 // for client certificates: the user
  std::vector<std::string> organizations;  // for client certificates: the groups
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // "127.0.0.1", "::1"
  bool server = false;                    // extended key usage serverAuth
  bool client = false;                    // extended key usage clientAuth
  absl::Time not_before;
  absl::Time not_after;
};

// An ECDSA P-256 certificate authority named `common_name`.
absl::StatusOr<KeyPair> CreateAuthority(absl::string_view common_name, absl::Time not_before,
                                        absl::Time not_after);
// A P-256 certificate signed by `authority`.
absl::StatusOr<KeyPair> IssueCertificate(const KeyPair& authority,
                                         const CertificateRequest& request);

// Who signs: a certificate and the key that belongs to it.
struct Issuer {
  std::string certificate_pem;
  PrivateKey key;
};

// kInvalidArgument, with sprig's words, unless the first block of `pem` is a certificate.
absl::Status CheckCertificate(absl::string_view pem);

// A certificate in PEM for either end of a TLS connection, as sprig's genCA (with `authority`) and
// genSignedCert make it: for digital signatures and key encipherment, the request's `server` and
// `client` notwithstanding; names may be of any length, the validity is taken as it is. Without an
// issuer it signs itself. kInvalidArgument for what cannot stand in a certificate and for an issuer
// that does not fit.
absl::StatusOr<std::string> IssueTlsCertificate(const CertificateRequest& request,
                                                const PrivateKey& key, bool authority,
                                                const Issuer* issuer);

}  // namespace sluice::crypto
