// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

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

absl::StatusOr<PublicKey> PublicKey::FromHandle(void* handle) {
  std::shared_ptr<void> owner = Owned(static_cast<EVP_PKEY*>(handle));
  EVP_PKEY* const key = static_cast<EVP_PKEY*>(handle);
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("no public key");
  const int type = EVP_PKEY_get_base_id(key);
  const int bits = EVP_PKEY_get_bits(key);
  if (type == EVP_PKEY_ED25519) return PublicKey(std::move(owner), /*digests=*/false);
  if (type == EVP_PKEY_RSA && bits >= kSmallestRsaBits &&
      bits <= static_cast<int>(kLargestRsa) * 8) {
    return PublicKey(std::move(owner), /*digests=*/true);
  }
  if (type == EVP_PKEY_EC) {
    std::string group(64, '\0');
    size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1) {
      group.resize(size);
      for (const char* known : {"prime256v1", "secp384r1", "secp521r1"}) {
        if (group == known) return PublicKey(std::move(owner), /*digests=*/true);
      }
    }
  }
  ERR_clear_error();
  return absl::InvalidArgumentError(
      "unsupported public key: expected RSA, ECDSA P-256, P-384, P-521 or Ed25519");
}

absl::StatusOr<PublicKey> PublicKey::FromDer(absl::string_view der) {
  const unsigned char* begin = Bytes(der);
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &begin, static_cast<long>(der.size()));
  if (key != nullptr && begin != Bytes(der) + der.size()) {
    EVP_PKEY_free(key);
    return absl::InvalidArgumentError("no public key: there is something behind it");
  }
  return FromHandle(key);
}

absl::StatusOr<PublicKey> PublicKey::FromPem(absl::string_view pem) {
  EVP_PKEY* key = PEM_read_bio_PUBKEY(ReadOnly(pem).get(), nullptr, nullptr, nullptr);
  if (key == nullptr) {
    // PKCS #1, which has a block of its own name.
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(ReadOnly(pem).get(), &name, &header, &data, &size) == 1) {
      const unsigned char* begin = data;
      if (std::string(name) == PEM_STRING_RSA_PUBLIC) {
        key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &begin, size);
      }
      OPENSSL_free(name);
      OPENSSL_free(header);
      OPENSSL_free(data);
    }
  }
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("PEM decoding failed: no public key in it");
  }
  return FromHandle(key);
}

PublicKeyType PublicKey::type() const {
  EVP_PKEY* const key = static_cast<EVP_PKEY*>(key_.get());
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return PublicKeyType::kRsa;
    case EVP_PKEY_ED25519:
      return PublicKeyType::kEd25519;
    default:
      break;
  }
  switch (EVP_PKEY_get_bits(key)) {
    case 256:
      return PublicKeyType::kEcdsaP256;
    case 384:
      return PublicKeyType::kEcdsaP384;
    default:
      return PublicKeyType::kEcdsaP521;
  }
}

size_t PublicKey::rsa_bytes() const {
  if (type() != PublicKeyType::kRsa) return 0;
  return (static_cast<size_t>(EVP_PKEY_get_bits(static_cast<EVP_PKEY*>(key_.get()))) + 7) / 8;
}

std::string PublicKey::ToDer() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(static_cast<EVP_PKEY*>(key_.get()), &der);
  if (size <= 0) return "";
  std::string result(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return result;
}

bool PublicKey::Verify(Algorithm digest, absl::string_view message,
                       absl::string_view signature) const {
  return VerifyWith(digest, /*pss=*/false, message, signature);
}

bool PublicKey::VerifyPss(Algorithm digest, absl::string_view message,
                          absl::string_view signature) const {
  return type() == PublicKeyType::kRsa && VerifyWith(digest, /*pss=*/true, message, signature);
}

bool PublicKey::VerifyPlainEcdsa(Algorithm digest, absl::string_view message,
                                 absl::string_view signature) const {
  if (type() == PublicKeyType::kRsa || type() == PublicKeyType::kEd25519) return false;
  const size_t half =
      (static_cast<size_t>(EVP_PKEY_get_bits(static_cast<EVP_PKEY*>(key_.get()))) + 7) / 8;
  if (signature.size() != 2 * half) return false;
  const auto der = EcdsaSignature(signature.substr(0, half), signature.substr(half));
  return der.ok() && Verify(digest, message, *der);
}

bool PublicKey::VerifyWith(Algorithm digest, bool pss, absl::string_view message,
                           absl::string_view signature) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  const std::string name(AlgorithmName(digest));
  const EVP_MD* implementation = digests_ ? EVP_get_digestbyname(name.c_str()) : nullptr;
  EVP_PKEY_CTX* parameters = nullptr;  // the context's
  bool valid = context != nullptr && (implementation != nullptr || !digests_) &&
               EVP_DigestVerifyInit(context.get(), &parameters, implementation, nullptr,
                                    static_cast<EVP_PKEY*>(key_.get())) == 1;
  if (valid && pss) {
    valid = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  valid = valid && EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
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
