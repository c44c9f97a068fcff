// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/signing_key.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/bcrypt_pbkdf.h"
#include "common/crypto/private_key.h"
#include "common/crypto/stream_cipher.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("what a key signs its public half verifies", "[crypto]") {
  for (const KeyKind kind : {KeyKind::kEd25519, KeyKind::kEcdsaP256, KeyKind::kRsa2048}) {
    const Secret pem = PrivateKey::Generate(kind)->ToPem().value();
    const SigningKey key = SigningKey::FromPem(pem, Secret()).value();
    const std::string signature = key.Sign(Algorithm::kSha512, "message").value();
    const PublicKey half =
        key.kind() == SigningKey::Kind::kEd25519 ? PublicKey::Ed25519(*key.PublicPoint()).value()
        : key.kind() == SigningKey::Kind::kEcdsa
            ? PublicKey::Ecdsa(key.curve(), *key.PublicPoint()).value()
            : PublicKey::Rsa(key.PublicNumbers()->first, key.PublicNumbers()->second).value();
    CHECK(half.Verify(Algorithm::kSha512, "message", signature));
    CHECK_FALSE(half.Verify(Algorithm::kSha512, "messagE", signature));
    if (key.kind() == SigningKey::Kind::kEcdsa) {
      const auto [r, s] = EcdsaNumbers(signature).value();
      CHECK(half.Verify(Algorithm::kSha512, "message", EcdsaSignature(r, s).value()));
    }
  }
  CHECK_FALSE(EcdsaNumbers("x").ok());
}

TEST_CASE("what is no key that can sign is refused", "[crypto]") {
  CHECK_THAT(SigningKey::FromPem(Secret("garbage"), Secret()).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no private key"));
  CHECK_FALSE(SigningKey::Ed25519("short").ok());
  CHECK_FALSE(SigningKey::Ecdsa(Curve::kP256, "x", "y").ok());
  const Secret dsa = PrivateKey::Generate(KeyKind::kDsa2048)->ToPem().value();
  CHECK_THAT(SigningKey::FromPem(dsa, Secret()).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "unsupported kind"));
}

TEST_CASE("bcrypt_pbkdf agrees with OpenBSD's", "[crypto]") {
  struct Row {
    const char* password;
    const char* salt;
    uint32_t rounds;
    const char* key;
  };
  // From the vectors of Go's x/crypto/ssh/internal/bcrypt_pbkdf.
  const Row rows[] = {
      {"password", "salt", 12, "1ae42c05d487bc02f64921a4ebe4ea93bcacfe135fda99974c06b7b01fae149a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.password);
    const auto key = BcryptPbkdf(row.password, row.salt, row.rounds, 32);
    REQUIRE(key.ok());
    CHECK(absl::BytesToHexString(*key) == row.key);
  }
  CHECK_FALSE(BcryptPbkdf("", "salt", 1, 32).ok());
  CHECK_FALSE(BcryptPbkdf("p", "", 1, 32).ok());
  CHECK_FALSE(BcryptPbkdf("p", "s", 0, 32).ok());
  CHECK_FALSE(BcryptPbkdf("p", "s", kMaxBcryptRounds + 1, 32).ok());
}

TEST_CASE("AES in CTR mode agrees with NIST's", "[crypto]") {
  // SP 800-38A, F.5.5, the first block.
  const std::string key =
      absl::HexStringToBytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string vector = absl::HexStringToBytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const std::string text = absl::HexStringToBytes("6bc1bee22e409f96e93d7e117393172a");
  const std::string cipher = Aes256Ctr(key, vector, text).value();
  CHECK(absl::BytesToHexString(cipher) == "601ec313775789a5b7a7f504bbf3d228");
  CHECK(Aes256Ctr(key, vector, cipher.substr(0, 5)).value() == text.substr(0, 5));
  CHECK_FALSE(Aes256Ctr("short", vector, text).ok());
}

}  // namespace
}  // namespace sluice::crypto
