// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/rsa_encryption.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <memory>
#include <utility>

#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;

constexpr int kSmallestBits = 1024;
constexpr size_t kLargestBytes = 16384 / 8;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

NumberPtr Number(absl::string_view bytes) {
  if (bytes.size() > kLargestBytes + 1) return nullptr;
  return NumberPtr(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

absl::Status Refused() {
  ERR_clear_error();
  return absl::InvalidArgumentError("no RSA key");
}

std::string PublicNumber(evp_pkey_st* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return "";
  const NumberPtr owned(number);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Bytes(bytes));
  return bytes;
}

// Sets the padding; `start` is one of EVP_PKEY_decrypt_init and EVP_PKEY_encrypt_init.
ContextPtr Prepare(const PrivateKey& key, int (*start)(EVP_PKEY_CTX*), absl::string_view label) {
  ContextPtr context(EVP_PKEY_CTX_new(key.handle(), nullptr));
  if (context == nullptr || start(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) != 1) {
    return nullptr;
  }
  if (!label.empty()) {
    void* copy = OPENSSL_memdup(label.data(), label.size());
    // The context takes the copy only where it succeeds.
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.size())) !=
        1) {
      OPENSSL_free(copy);
      return nullptr;
    }
  }
  return context;
}

}  // namespace

absl::StatusOr<PrivateKey> RsaKeyOf(const RsaNumbers& numbers) {
  const NumberPtr n = Number(numbers.modulus);
  const NumberPtr e = Number(numbers.public_exponent);
  const NumberPtr d = Number(numbers.private_exponent.Reveal());
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || d == nullptr || builder == nullptr ||
      BN_num_bits(n.get()) < kSmallestBits ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get()) != 1) {
    return Refused();
  }
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return Refused();
  }
  return PrivateKey::FromHandle(key);
}

absl::StatusOr<RsaNumbers> RsaPublicNumbers(const PrivateKey& key) {
  RsaNumbers numbers;
  numbers.modulus = PublicNumber(key.handle(), OSSL_PKEY_PARAM_RSA_N);
  numbers.public_exponent = PublicNumber(key.handle(), OSSL_PKEY_PARAM_RSA_E);
  if (numbers.modulus.empty() || numbers.public_exponent.empty()) return Refused();
  return numbers;
}

absl::StatusOr<Secret> DecryptRsaOaep(const PrivateKey& key, absl::string_view sealed,
                                      absl::string_view label) {
  const ContextPtr context = Prepare(key, EVP_PKEY_decrypt_init, label);
  if (context == nullptr) return Refused();
  std::string text(kLargestBytes, '\0');
  size_t size = text.size();
  const bool opened =
      EVP_PKEY_decrypt(context.get(), Bytes(text), &size, Bytes(sealed), sealed.size()) == 1;
  ERR_clear_error();
  const Secret whole(std::move(text));
  if (!opened) return absl::PermissionDeniedError("RSA decryption failed");
  return Secret(std::string(whole.Reveal().substr(0, size)));
}

absl::StatusOr<std::string> EncryptRsaOaep(const PrivateKey& key, absl::string_view text,
                                           absl::string_view label) {
  const ContextPtr context = Prepare(key, EVP_PKEY_encrypt_init, label);
  if (context == nullptr) return Refused();
  std::string sealed(kLargestBytes, '\0');
  size_t size = sealed.size();
  if (EVP_PKEY_encrypt(context.get(), Bytes(sealed), &size, Bytes(text), text.size()) != 1) {
    return LibraryError(absl::StatusCode::kInvalidArgument, "RSA encryption");
  }
  sealed.resize(size);
  return sealed;
}

}  // namespace sluice::crypto
