// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/cipher.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<std::string> Aes256Cbc(Direction direction, absl::string_view key,
                                      absl::string_view initialization_vector,
                                      absl::string_view blocks) {
  if (key.size() != kAes256KeyBytes || initialization_vector.size() != kAesBlockBytes ||
      blocks.size() % kAesBlockBytes != 0 ||
      blocks.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError("AES: the key, the vector or the text has a wrong length");
  }
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  std::string out(blocks.size() + kAesBlockBytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  int written = 0;
  int rest = 0;
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, Bytes(key),
                        Bytes(initialization_vector),
                        direction == Direction::kEncrypt ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), bytes, &written, Bytes(blocks),
                       static_cast<int>(blocks.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), bytes + written, &rest) != 1) {
    return LibraryError(absl::StatusCode::kInternal, "AES");
  }
  out.resize(static_cast<size_t>(written + rest));
  return out;
}

}  // namespace sluice::crypto
