// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/aead.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/private_key.h"
#include "common/crypto/rsa_encryption.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

std::string Hex(absl::string_view digits) { return absl::HexStringToBytes(digits); }

TEST_CASE("sealed texts are those of the standards, and open again", "[crypto]") {
  struct Row {
    const char* name;
    Aead algorithm;
    const char *key, *nonce, *associated, *text, *sealed;
  };
  const Row rows[] = {
      {"SP 800-38D, case 13", Aead::kAes256Gcm,
       "0000000000000000000000000000000000000000000000000000000000000000",
       "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
      {"SP 800-38D, case 16", Aead::kAes256Gcm,
       "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
       "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a"
       "6"
       "b525b16aedf5aa0de657ba637b39",
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
       "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
      {"SP 800-38D, case 18: a long nonce", Aead::kAes256Gcm,
       "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
       "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6"
       "b"
       "525416aedbf5a0de6a57a637b39b",
       "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a"
       "6"
       "b525b16aedf5aa0de657ba637b39",
       "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d"
       "8"
       "2cdea2418997200ef82e44ae7e3fa44a8266ee1c8eb0c8b5d4cf5ae9f19a"},
      {"RFC 8439 2.8.2", Aead::kChaCha20Poly1305,
       "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
       "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
       "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204"
       "920"
       "636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c207"
       "375"
       "6e73637265656e20776f756c642062652069742e",
       "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da9"
       "272"
       "8b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4"
       "8"
       "31d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Secret key(Hex(row.key));
    const std::string nonce = Hex(row.nonce);
    const std::string sealed = Hex(row.sealed);
    CHECK(absl::BytesToHexString(
              Seal(row.algorithm, key, nonce, Hex(row.text), Hex(row.associated)).value()) ==
          row.sealed);
    const auto opened = Open(row.algorithm, key, nonce, sealed, Hex(row.associated));
    REQUIRE_THAT(opened.status(), IsOk());
    CHECK(opened->Reveal() == Hex(row.text));
    const auto refused = [&](absl::string_view changed, absl::string_view associated) {
      return !Open(row.algorithm, key, nonce, changed, associated).ok();
    };
    for (size_t i = 0; i < sealed.size(); i += 7) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      CHECK(refused(changed, Hex(row.associated)));
    }
    CHECK(refused(sealed, Hex(row.associated) + "x"));
    CHECK(refused(absl::string_view(sealed).substr(1), Hex(row.associated)));
    CHECK(refused("", Hex(row.associated)));
  }
}

TEST_CASE("keys and nonces of other lengths are refused", "[crypto]") {
  const Secret key(std::string(32, 'k'));
  CHECK_THAT(Seal(Aead::kAes256Gcm, Secret("short"), "nonce", "", "").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "wrong length"));
  CHECK_FALSE(Seal(Aead::kAes256Gcm, key, "", "", "").ok());
  CHECK_FALSE(Seal(Aead::kAes256Gcm, key, std::string(129, 'n'), "", "").ok());
  CHECK_FALSE(Seal(Aead::kChaCha20Poly1305, key, "nonce", "", "").ok());
  CHECK(Seal(Aead::kAes256Gcm, key, std::string(32, 'n'), "", "").ok());
}

TEST_CASE("X25519 agrees as RFC 7748 has it", "[crypto]") {
  const Secret scalar(Hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const std::string point = Hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto shared = X25519(scalar, point);
  REQUIRE_THAT(shared.status(), IsOk());
  CHECK(absl::BytesToHexString(shared->Reveal()) ==
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(absl::BytesToHexString(X25519PublicKey(scalar).value()) ==
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK_FALSE(X25519(scalar, std::string(32, '\0')).ok());  // of low order
  CHECK_FALSE(X25519(scalar, point.substr(1)).ok());
  CHECK_FALSE(X25519(Secret("short"), point).ok());
}

TEST_CASE("both halves of an Ed25519 key become the same X25519 key", "[crypto]") {
  // RFC 8032 7.1, test 1.
  const Secret seed(Hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const std::string point = Hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const auto scalar = X25519ScalarOfEd25519(seed);
  REQUIRE_THAT(scalar.status(), IsOk());
  CHECK(X25519PublicKey(*scalar).value() == X25519PointOfEd25519(point).value());
  CHECK_FALSE(X25519PointOfEd25519("short").ok());
  CHECK_FALSE(X25519ScalarOfEd25519(Secret("short")).ok());
  // 1 has no inverse of 1 - y.
  CHECK_FALSE(X25519PointOfEd25519(Hex("01") + std::string(31, '\0')).ok());
}

TEST_CASE("HKDF gives what RFC 5869 has", "[crypto]") {
  struct Row {
    const char *key, *salt, *info, *out;
  };
  const Row rows[] = {
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
       "f0f1f2f3f4f5f6f7f8f9",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const Row& row : rows) {
    const auto out = HkdfSha256(Secret(Hex(row.key)), Hex(row.salt), Hex(row.info), 42);
    REQUIRE_THAT(out.status(), IsOk());
    CHECK(absl::BytesToHexString(out->Reveal()) == row.out);
  }
  CHECK_FALSE(HkdfSha256(Secret("key"), "", "", 8161).ok());
}

TEST_CASE("RSA encryption opens with the same key and label only", "[crypto]") {
  const PrivateKey key = PrivateKey::Generate(KeyKind::kRsa2048).value();
  const PrivateKey other = PrivateKey::Generate(KeyKind::kRsa2048).value();
  const std::string sealed = EncryptRsaOaep(key, "text", "label").value();
  const auto opened = DecryptRsaOaep(key, sealed, "label");
  REQUIRE_THAT(opened.status(), IsOk());
  CHECK(opened->Reveal() == "text");
  CHECK_THAT(DecryptRsaOaep(key, sealed, "other").status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "RSA"));
  CHECK_FALSE(DecryptRsaOaep(key, sealed, "").ok());
  CHECK_FALSE(DecryptRsaOaep(other, sealed, "label").ok());
  CHECK_FALSE(DecryptRsaOaep(key, "short", "label").ok());
  const PrivateKey edwards = PrivateKey::Generate(KeyKind::kEd25519).value();
  CHECK_FALSE(DecryptRsaOaep(edwards, sealed, "label").ok());
  CHECK_FALSE(RsaPublicNumbers(edwards).ok());
  CHECK(RsaPublicNumbers(key)->modulus.size() == 256);
  CHECK_FALSE(RsaKeyOf({std::string(256, '\0'), "\x01\x01\x01", Secret("d")}).ok());
  CHECK_FALSE(RsaKeyOf({}).ok());
}

}  // namespace
}  // namespace sluice::crypto
