// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr size_t kLargestNumber = 16384 / 8 + 1;

struct NamedCurve {
  Curve curve;
  const char *name, *alias;
};
constexpr NamedCurve kCurves[] = {{Curve::kP256, "P-256", "prime256v1"},
                                  {Curve::kP384, "P-384", "secp384r1"},
                                  {Curve::kP521, "P-521", "secp521r1"}};

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status Refused(absl::string_view what) {
  ERR_clear_error();
  return absl::InvalidArgumentError(what);
}

NumberPtr Number(absl::string_view bytes) {
  if (bytes.size() > kLargestNumber) return nullptr;
  return NumberPtr(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string BytesOf(const BIGNUM* number) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

// The key of `type` with the parameters that `builder` holds; nullptr if they make none.
EVP_PKEY* KeyOf(const char* type, OSSL_PARAM_BLD* builder) {
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return nullptr;
  }
  return key;
}

// What OpenSSL asks for the passphrase with.
struct Passphrase {
  absl::string_view text;
  bool asked = false;
};
int GivePassphrase(char* buffer, int size, int, void* data) {
  auto* const passphrase = static_cast<Passphrase*>(data);
  passphrase->asked = true;
  const absl::string_view text = passphrase->text;
  if (text.empty() || text.size() > static_cast<size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::Wrap(void* handle) {
  auto* const key = static_cast<EVP_PKEY*>(handle);
  SigningKey result(std::shared_ptr<void>(
      key, [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); }));
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      result.kind_ = Kind::kEd25519;
      return result;
    case EVP_PKEY_RSA:
      result.kind_ = Kind::kRsa;
      return result;
    case EVP_PKEY_EC:
      break;
    default:
      return Refused("unsupported kind of private key");
  }
  std::array<char, 64> name = {};
  size_t size = 0;
  result.kind_ = Kind::kEcdsa;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) {
    return Refused("unsupported curve of private key");
  }
  for (const NamedCurve& curve : kCurves) {
    if (absl::string_view(name.data()) != curve.name &&
        absl::string_view(name.data()) != curve.alias) {
      continue;
    }
    result.curve_ = curve.curve;
    return result;
  }
  return Refused("unsupported curve of private key");
}

absl::StatusOr<SigningKey> SigningKey::FromPem(const Secret& pem, const Secret& passphrase) {
  const BioPtr bio = ReadOnly(pem.Reveal());
  Passphrase answer = {passphrase.Reveal()};
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio.get(), nullptr, GivePassphrase, &answer);
  if (key != nullptr) return Wrap(key);
  ERR_clear_error();
  if (answer.asked) {
    return absl::PermissionDeniedError(passphrase.empty()
                                           ? "the private key is encrypted"
                                           : "the passphrase of the private key is wrong");
  }
  return absl::InvalidArgumentError("no private key in PEM form");
}

absl::StatusOr<SigningKey> SigningKey::Ed25519(absl::string_view seed) {
  EVP_PKEY* const key =
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size());
  return key == nullptr ? Refused("no Ed25519 key") : Wrap(key);
}

absl::StatusOr<SigningKey> SigningKey::Ecdsa(Curve curve, absl::string_view point,
                                             absl::string_view scalar) {
  const auto* const named = std::find_if(std::begin(kCurves), std::end(kCurves),
                                         [&](const NamedCurve& c) { return c.curve == curve; });
  const NumberPtr number = Number(scalar);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr || number == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, named->name, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1) {
    return Refused("no ECDSA key");
  }
  EVP_PKEY* const key = KeyOf("EC", builder.get());
  return key == nullptr ? Refused("no ECDSA key") : Wrap(key);
}

absl::StatusOr<SigningKey> SigningKey::Rsa(absl::string_view modulus, absl::string_view exponent,
                                           absl::string_view private_exponent) {
  const NumberPtr n = Number(modulus);
  const NumberPtr e = Number(exponent);
  const NumberPtr d = Number(private_exponent);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr || n == nullptr || e == nullptr || d == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get()) != 1) {
    return Refused("no RSA key");
  }
  EVP_PKEY* const key = KeyOf("RSA", builder.get());
  return key == nullptr ? Refused("no RSA key") : Wrap(key);
}

int SigningKey::bits() const { return EVP_PKEY_get_bits(static_cast<EVP_PKEY*>(key_.get())); }

absl::StatusOr<std::string> SigningKey::PublicPoint() const {
  auto* const key = static_cast<EVP_PKEY*>(key_.get());
  std::string point(256, '\0');
  size_t size = point.size();
  auto* const bytes = reinterpret_cast<unsigned char*>(point.data());
  const int got = kind_ == Kind::kEd25519
                      ? EVP_PKEY_get_raw_public_key(key, bytes, &size)
                      : EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes,
                                                        point.size(), &size);
  if (got != 1) return Refused("no public key");
  point.resize(size);
  return point;
}

absl::StatusOr<std::pair<std::string, std::string>> SigningKey::PublicNumbers() const {
  auto* const key = static_cast<EVP_PKEY*>(key_.get());
  BIGNUM* n = nullptr;
  BIGNUM* e = nullptr;
  const bool got = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                   EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1;
  const NumberPtr modulus(n);
  const NumberPtr exponent(e);
  if (!got) return Refused("no public key");
  return std::make_pair(BytesOf(n), BytesOf(e));
}

absl::StatusOr<std::string> SigningKey::Sign(Algorithm digest, absl::string_view message) const {
  auto* const key = static_cast<EVP_PKEY*>(key_.get());
  const std::string name(AlgorithmName(digest));
  const EVP_MD* const implementation =
      kind_ == Kind::kEd25519 ? nullptr : EVP_get_digestbyname(name.c_str());
  const DigestContextPtr context(EVP_MD_CTX_new());
  size_t size = 0;
  std::string signature;
  const auto failed = [] {
    return LibraryError(absl::StatusCode::kInternal, "sign with the private key");
  };
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, implementation, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) != 1) {
    return failed();
  }
  signature.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1) {
    return failed();
  }
  signature.resize(size);
  return signature;
}

absl::StatusOr<std::pair<std::string, std::string>> EcdsaNumbers(absl::string_view der) {
  const unsigned char* at = Bytes(der);
  const EcdsaPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr) return Refused("no ECDSA signature");
  return std::make_pair(BytesOf(ECDSA_SIG_get0_r(signature.get())),
                        BytesOf(ECDSA_SIG_get0_s(signature.get())));
}

}  // namespace sluice::crypto
