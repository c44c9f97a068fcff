// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/aead.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <limits>
#include <memory>
#include <utility>

#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;

constexpr size_t kMaxGcmNonce = 128;  // OpenSSL's
constexpr size_t kChaChaNonce = 12;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

bool FitsInt(absl::string_view text) {
  return text.size() <= static_cast<size_t>(std::numeric_limits<int>::max());
}

// A context with key and nonce; null if OpenSSL refuses.
absl::StatusOr<ContextPtr> Start(Aead algorithm, bool encrypt, const Secret& key,
                                 absl::string_view nonce, absl::string_view associated) {
  const bool gcm = algorithm == Aead::kAes256Gcm;
  const bool nonce_fits =
      gcm ? !nonce.empty() && nonce.size() <= kMaxGcmNonce : nonce.size() == kChaChaNonce;
  if (key.Reveal().size() != kAeadKeyBytes || !nonce_fits || !FitsInt(associated)) {
    return absl::InvalidArgumentError("the key or the nonce has a wrong length");
  }
  ContextPtr context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
  int written = 0;
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), cipher, nullptr, nullptr, nullptr, encrypt ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()),
                          nullptr) != 1 ||
      EVP_CipherInit_ex(context.get(), nullptr, nullptr, Bytes(key.Reveal()), Bytes(nonce),
                        encrypt ? 1 : 0) != 1 ||
      EVP_CipherUpdate(context.get(), nullptr, &written, Bytes(associated),
                       static_cast<int>(associated.size())) != 1) {
    return LibraryError(absl::StatusCode::kInternal, "authenticated encryption");
  }
  return context;
}

}  // namespace

absl::StatusOr<Secret> Open(Aead algorithm, const Secret& key, absl::string_view nonce,
                            absl::string_view sealed, absl::string_view associated) {
  auto context = Start(algorithm, /*encrypt=*/false, key, nonce, associated);
  if (!context.ok()) return context.status();
  const absl::Status refused = absl::PermissionDeniedError("message authentication failed");
  if (sealed.size() < kAeadTagBytes || !FitsInt(sealed)) return refused;
  std::string tag(sealed.substr(sealed.size() - kAeadTagBytes));
  sealed.remove_suffix(kAeadTagBytes);
  std::string text(sealed.size(), '\0');
  int written = 0;
  int rest = 0;
  const bool opened =
      EVP_CipherUpdate(context->get(), Bytes(text), &written, Bytes(sealed),
                       static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1 &&
      EVP_CipherFinal_ex(context->get(), Bytes(text) + written, &rest) == 1;
  Secret result(std::move(text));
  ERR_clear_error();
  if (!opened) return refused;
  return result;
}

absl::StatusOr<std::string> Seal(Aead algorithm, const Secret& key, absl::string_view nonce,
                                 absl::string_view text, absl::string_view associated) {
  auto context = Start(algorithm, /*encrypt=*/true, key, nonce, associated);
  if (!context.ok()) return context.status();
  if (!FitsInt(text)) return absl::InvalidArgumentError("the text is too large");
  std::string sealed(text.size() + kAeadTagBytes, '\0');
  int written = 0;
  int rest = 0;
  if (EVP_CipherUpdate(context->get(), Bytes(sealed), &written, Bytes(text),
                       static_cast<int>(text.size())) != 1 ||
      EVP_CipherFinal_ex(context->get(), Bytes(sealed) + written, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                          sealed.data() + text.size()) != 1) {
    return LibraryError(absl::StatusCode::kInternal, "authenticated encryption");
  }
  return sealed;
}

}  // namespace sluice::crypto
