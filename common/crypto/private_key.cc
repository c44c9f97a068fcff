// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/private_key.h"

#include <openssl/bio.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/handles.h"

namespace sluice::crypto {
namespace {

struct ContextDeleter {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, ContextDeleter>;

KeyPtr GenerateDsa() {
  const ContextPtr parameters(EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr));
  EVP_PKEY* group = nullptr;
  if (parameters == nullptr || EVP_PKEY_paramgen_init(parameters.get()) != 1 ||
      EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters.get(), 2048) != 1 ||
      EVP_PKEY_CTX_set_dsa_paramgen_q_bits(parameters.get(), 256) != 1 ||
      EVP_PKEY_paramgen(parameters.get(), &group) != 1) {
    return nullptr;
  }
  const KeyPtr owned(group);
  const ContextPtr generation(EVP_PKEY_CTX_new_from_pkey(nullptr, group, nullptr));
  EVP_PKEY* key = nullptr;
  if (generation == nullptr || EVP_PKEY_keygen_init(generation.get()) != 1 ||
      EVP_PKEY_keygen(generation.get(), &key) != 1) {
    return nullptr;
  }
  return KeyPtr(key);
}

KeyPtr NewKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa2048:
      return KeyPtr(EVP_RSA_gen(2048));
    case KeyKind::kRsa4096:
      return KeyPtr(EVP_RSA_gen(4096));
    case KeyKind::kDsa2048:
      return GenerateDsa();
    case KeyKind::kEcdsaP256:
      return KeyPtr(EVP_EC_gen("P-256"));
    case KeyKind::kEd25519:
      return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return nullptr;
}

// The parts of a block of PEM, freed together.
struct PemBlock {
  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
  }
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
};

}  // namespace

absl::StatusOr<PrivateKey> PrivateKey::Generate(KeyKind kind) {
  KeyPtr key = NewKey(kind);
  if (key == nullptr) return LibraryError(absl::StatusCode::kInternal, "generate key");
  return PrivateKey(std::shared_ptr<evp_pkey_st>(std::move(key)));
}

PrivateKey PrivateKey::FromHandle(evp_pkey_st* key) {
  return PrivateKey(std::shared_ptr<evp_pkey_st>(KeyPtr(key)));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem) {
  const auto refuse = [](absl::string_view why) {
    ERR_clear_error();
    return absl::InvalidArgumentError(why);
  };
  const BioPtr bio = ReadOnly(pem);
  PemBlock block;
  if (bio == nullptr ||
      PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) {
    return refuse("no PEM data in input");
  }
  const absl::string_view name = block.name;
  const unsigned char* at = block.data;
  if (name == "PRIVATE KEY") {
    KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, block.size));
    if (key == nullptr) return refuse("decoding PEM as PKCS#8: asn1: structure error");
    return PrivateKey(std::shared_ptr<evp_pkey_st>(std::move(key)));
  }
  absl::string_view kind = name;
  if (!absl::ConsumeSuffix(&kind, " PRIVATE KEY")) {
    return refuse(absl::StrCat("no private key data in PEM block of type ", name));
  }
  const int type = kind == "RSA"   ? EVP_PKEY_RSA
                   : kind == "EC"  ? EVP_PKEY_EC
                   : kind == "DSA" ? EVP_PKEY_DSA
                                   : EVP_PKEY_NONE;
  if (type == EVP_PKEY_NONE) return refuse(absl::StrCat("invalid private key type ", kind));
  KeyPtr key(d2i_PrivateKey(type, nullptr, &at, block.size));
  if (key == nullptr) {
    return refuse(absl::StrCat("parsing ", kind, " private key from PEM: asn1: structure error"));
  }
  return PrivateKey(std::shared_ptr<evp_pkey_st>(std::move(key)));
}

absl::StatusOr<Secret> PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  const bool customary = EVP_PKEY_get_base_id(key_.get()) != EVP_PKEY_ED25519;
  const int written = bio == nullptr ? 0
                      : customary
                          ? PEM_write_bio_PrivateKey_traditional(bio.get(), key_.get(), nullptr,
                                                                 nullptr, 0, nullptr, nullptr)
                          : PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                                          0, nullptr, nullptr);
  if (written != 1) return LibraryError(absl::StatusCode::kInternal, "encode key");
  return Secret(Contents(bio.get()));
}

}  // namespace sluice::crypto
