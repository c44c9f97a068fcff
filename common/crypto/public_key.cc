// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr size_t kLargestRsa = 16384 / 8;
constexpr int kSmallestRsaBits = 1024;
constexpr size_t kLargestEcdsaNumber = 66;  // P-521

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status Refused(absl::string_view what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat("no ", what, " key"));
}

std::shared_ptr<void> Owned(EVP_PKEY* key) {
  return std::shared_ptr<void>(key,
                               [](void* handle) { EVP_PKEY_free(static_cast<EVP_PKEY*>(handle)); });
}

// The key of `type` with the parameters that `builder` holds; nullptr if they make none.
EVP_PKEY* KeyOf(const char* type, OSSL_PARAM_BLD* builder) {
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return key;
}

const char* CurveName(Curve curve) {
  switch (curve) {
    case Curve::kP256:
      return "P-256";
    case Curve::kP384:
      return "P-384";
    case Curve::kP521:
      break;
  }
  return "P-521";
}

NumberPtr Number(absl::string_view bytes) {
  return NumberPtr(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::Ed25519(absl::string_view bytes) {
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size());
  if (key == nullptr) return Refused("Ed25519");
  return PublicKey(Owned(key), /*digests=*/false);
}

absl::StatusOr<PublicKey> PublicKey::Ecdsa(Curve curve, absl::string_view point) {
  // Other forms of points exist, and OpenSSL takes them.
  if (point.empty() || point[0] != 4) return Refused("ECDSA");
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, CurveName(curve),
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return Refused("ECDSA");
  }
  EVP_PKEY* key = KeyOf("EC", builder.get());
  if (key == nullptr) return Refused("ECDSA");
  return PublicKey(Owned(key), /*digests=*/true);
}

absl::StatusOr<PublicKey> PublicKey::Rsa(absl::string_view modulus, absl::string_view exponent) {
  if (modulus.size() > kLargestRsa + 1 || exponent.size() > 8) return Refused("RSA");
  const NumberPtr n = Number(modulus);
  const NumberPtr e = Number(exponent);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr ||
      BN_num_bits(n.get()) < kSmallestRsaBits ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Refused("RSA");
  }
  EVP_PKEY* key = KeyOf("RSA", builder.get());
  if (key == nullptr) return Refused("RSA");
  return PublicKey(Owned(key), /*digests=*/true);
}

bool PublicKey::Verify(Algorithm digest, absl::string_view message,
                       absl::string_view signature) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const std::string name(AlgorithmName(digest));
  const EVP_MD* implementation = digests_ ? EVP_get_digestbyname(name.c_str()) : nullptr;
  const bool valid = context != nullptr && (implementation != nullptr || !digests_) &&
                     EVP_DigestVerifyInit(context.get(), nullptr, implementation, nullptr,
                                          static_cast<EVP_PKEY*>(key_.get())) == 1 &&
                     EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                                      Bytes(message), message.size()) == 1;
  ERR_clear_error();
  return valid;
}

absl::StatusOr<std::string> EcdsaSignature(absl::string_view r, absl::string_view s) {
  // A leading zero keeps SSH's numbers positive.
  for (absl::string_view* number : {&r, &s}) {
    if (!number->empty() && number->front() == '\0') number->remove_prefix(1);
    if (number->size() > kLargestEcdsaNumber) {
      return absl::InvalidArgumentError("no ECDSA signature: a number is too large");
    }
  }
  const EcdsaPtr signature(ECDSA_SIG_new());
  NumberPtr first = Number(r);
  NumberPtr second = Number(s);
  if (signature == nullptr || first == nullptr || second == nullptr ||
      ECDSA_SIG_set0(signature.get(), first.get(), second.get()) != 1) {
    return absl::InternalError("no memory for a signature");
  }
  (void)first.release();  // the signature's now
  (void)second.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return absl::InternalError("no memory for a signature");
  std::string result(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return result;
}

}  // namespace sluice::crypto
