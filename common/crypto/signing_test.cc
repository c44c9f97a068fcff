// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/signing.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/crypto/public_key.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

std::string Pem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string NumberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return bytes;
}

std::string Signed(EVP_PKEY* key, const EVP_MD* digest, absl::string_view message) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  REQUIRE(EVP_DigestSignInit(context, nullptr, digest, nullptr, key) == 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  size_t size = 0;
  REQUIRE(EVP_DigestSign(context, nullptr, &size, bytes, message.size()) == 1);
  std::string signature(size, '\0');
  REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                         message.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return signature;
}

// `change` once, and the message once: neither may pass.
void CheckOnly(const PublicKey& key, Algorithm digest, const std::string& message,
               const std::string& signature) {
  CHECK(key.Verify(digest, message, signature));
  CHECK_FALSE(key.Verify(digest, message + "x", signature));
  std::string broken = signature;
  broken.back() = static_cast<char>(broken.back() ^ 1);
  CHECK_FALSE(key.Verify(digest, message, broken));
  CHECK_FALSE(key.Verify(digest, message, ""));
}

TEST_CASE("an RSA signature of ours verifies with the key's numbers", "[crypto]") {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  const auto signature = SignRsaSha256(Secret(Pem(key)), "message");
  REQUIRE(signature.ok());
  const auto public_key =
      PublicKey::Rsa(NumberOf(key, OSSL_PKEY_PARAM_RSA_N), NumberOf(key, OSSL_PKEY_PARAM_RSA_E));
  REQUIRE(public_key.ok());
  CheckOnly(*public_key, Algorithm::kSha256, "message", *signature);
  CHECK_FALSE(public_key->Verify(Algorithm::kSha512, "message", *signature));
  EVP_PKEY_free(key);
}

TEST_CASE("signatures of elliptic curves verify with the key's point", "[crypto]") {
  EVP_PKEY* edwards = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  unsigned char raw[32];
  size_t size = sizeof(raw);
  REQUIRE(EVP_PKEY_get_raw_public_key(edwards, raw, &size) == 1);
  const auto ed25519 =
      PublicKey::Ed25519(absl::string_view(reinterpret_cast<const char*>(raw), size));
  REQUIRE(ed25519.ok());
  CheckOnly(*ed25519, Algorithm::kSha256, "message", Signed(edwards, nullptr, "message"));
  EVP_PKEY_free(edwards);

  struct Row {
    Curve curve;
    const char* name;
    const EVP_MD* digest;
    Algorithm algorithm;
  };
  const Row rows[] = {{Curve::kP256, "P-256", EVP_sha256(), Algorithm::kSha256},
                      {Curve::kP384, "P-384", EVP_sha384(), Algorithm::kSha384},
                      {Curve::kP521, "P-521", EVP_sha512(), Algorithm::kSha512}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    EVP_PKEY* key = EVP_EC_gen(row.name);
    unsigned char point[200];
    REQUIRE(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
                                            &size) == 1);
    const absl::string_view bytes(reinterpret_cast<const char*>(point), size);
    const auto ecdsa = PublicKey::Ecdsa(row.curve, bytes);
    REQUIRE(ecdsa.ok());
    CheckOnly(*ecdsa, row.algorithm, "message", Signed(key, row.digest, "message"));
    CHECK_FALSE(PublicKey::Ecdsa(row.curve, bytes.substr(0, size - 1)).ok());
    EVP_PKEY_free(key);
  }
}

TEST_CASE("what is no key is refused", "[crypto]") {
  CHECK_FALSE(PublicKey::Ed25519("short").ok());
  CHECK_FALSE(PublicKey::Ecdsa(Curve::kP256, "").ok());
  CHECK_FALSE(PublicKey::Ecdsa(Curve::kP256, std::string(65, '\4')).ok());  // not on the curve
  CHECK_FALSE(PublicKey::Rsa(std::string(64, '\xff'), "\3").ok());          // 512 bits
  CHECK_FALSE(PublicKey::Rsa(std::string(4096, '\xff'), "\3").ok());
  CHECK_FALSE(EcdsaSignature(std::string(80, '\1'), "\1").ok());
  for (const char* pem :
       {"", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"}) {
    CHECK_THAT(SignRsaSha256(Secret(pem), "x").status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "could not parse private key"));
  }
  EVP_PKEY* key = EVP_EC_gen("P-256");
  CHECK_THAT(SignRsaSha256(Secret(Pem(key)), "x").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no RSA key"));
  EVP_PKEY_free(key);
}

// RFC 4231, test cases 2 and 6.
TEST_CASE("HMAC-SHA-256 gives the codes of RFC 4231", "[crypto]") {
  CHECK(absl::BytesToHexString(HmacSha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(absl::BytesToHexString(HmacSha256(
            std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace sluice::crypto
