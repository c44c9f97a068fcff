// SHA-256 of small texts without the rest of OpenSSL: the digests of digest.cc come from a
// provider, and the first of them makes OpenSSL read its configuration and set itself up, which
// takes longer than all of a small `sluice build`. These functions are deprecated as a way to
// choose algorithms, not as an implementation of this one.

// SPDX-License-Identifier: Apache-2.0
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "common/crypto/digest.h"

namespace sluice::crypto {

std::string Sha256Hex(absl::string_view bytes) {
  SHA256_CTX context;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest, &context);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace sluice::crypto
