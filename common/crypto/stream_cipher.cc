// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/stream_cipher.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "common/crypto/cipher.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<std::string> Aes256Ctr(absl::string_view key,
                                      absl::string_view initialization_vector,
                                      absl::string_view bytes) {
  if (key.size() != kAes256KeyBytes || initialization_vector.size() != kAesBlockBytes ||
      bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError("AES: the key, the vector or the text has a wrong length");
  }
  const CipherPtr context(EVP_CIPHER_CTX_new());
  std::string out(bytes.size() + kAesBlockBytes, '\0');
  int written = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, Bytes(key),
                         Bytes(initialization_vector)) != 1 ||
      EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &written,
                        Bytes(bytes), static_cast<int>(bytes.size())) != 1) {
    return LibraryError(absl::StatusCode::kInternal, "AES");
  }
  out.resize(static_cast<size_t>(written));
  return out;
}

}  // namespace sluice::crypto
