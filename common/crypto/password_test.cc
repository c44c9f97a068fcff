// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/password.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/cipher.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("bcrypt gives what htpasswd files hold", "[crypto]") {
  // Checked with golang.org/x/crypto/bcrypt.
  std::string salt;
  for (char c = 0; c < 16; ++c) salt += c;
  CHECK(Bcrypt("secret", 10, salt).value() ==
        "$2a$10$..CA.uOD/eaGAOmJB.yMBu0jSOqyoKcaQ/YvzjM283iifHYPhsi9y");
  CHECK(Bcrypt("", 4, salt).value() != Bcrypt("a", 4, salt).value());
  CHECK_THAT(Bcrypt(std::string(73, 'x'), 4, salt).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "password length exceeds 72 bytes"));
  CHECK_THAT(Bcrypt(absl::string_view("a\0b", 3), 4, salt).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "NUL"));
  CHECK_THAT(Bcrypt("a", 3, salt).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(Bcrypt("a", 4, "short").status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("scrypt gives the vector of RFC 7914", "[crypto]") {
  CHECK(
      absl::BytesToHexString(
          Scrypt("password", "NaCl", {.n = 1024, .r = 8, .p = 16}, 64).value()) ==
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d98"
      "30dac727afb94a83ee6d8360cbdfa2cc0640");
  CHECK_THAT(Scrypt("p", "s", {.n = 1 << 20, .r = 8, .p = 1}, 64).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "scrypt"));
}

TEST_CASE("AES in CBC mode gives the vector of NIST SP 800-38A", "[crypto]") {
  const std::string key =
      absl::HexStringToBytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string vector = absl::HexStringToBytes("000102030405060708090a0b0c0d0e0f");
  const std::string plain = absl::HexStringToBytes("6bc1bee22e409f96e93d7e117393172a");
  const std::string encrypted = Aes256Cbc(Direction::kEncrypt, key, vector, plain).value();
  CHECK(absl::BytesToHexString(encrypted) == "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
  CHECK(Aes256Cbc(Direction::kDecrypt, key, vector, encrypted).value() == plain);
  CHECK_THAT(Aes256Cbc(Direction::kDecrypt, key, vector, "short").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "wrong length"));
  CHECK_THAT(Aes256Cbc(Direction::kEncrypt, "key", vector, plain).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "wrong length"));
}

}  // namespace
}  // namespace sluice::crypto
