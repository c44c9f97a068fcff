// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/signing.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>

#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Without this OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

absl::StatusOr<std::string> SignRsaSha256(const Secret& private_key_pem,
                                          absl::string_view message) {
  const BioPtr bio = ReadOnly(private_key_pem.Reveal());
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    ERR_clear_error();
    return absl::InvalidArgumentError("could not parse private key: no RSA key in PEM form");
  }
  const DigestContextPtr context(EVP_MD_CTX_new());
  size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) != 1) {
    ERR_clear_error();
    return absl::InternalError("cannot sign with the private key");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1) {
    ERR_clear_error();
    return absl::InternalError("cannot sign with the private key");
  }
  signature.resize(size);
  return signature;
}

std::string HmacSha256(absl::string_view key, absl::string_view message) {
  std::string code(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // Refused only when memory is exhausted; a wrong code must never come out of that.
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(message), message.size(),
           reinterpret_cast<unsigned char*>(code.data()), &size) == nullptr) {
    std::abort();
  }
  code.resize(size);
  return code;
}

}  // namespace sluice::crypto
