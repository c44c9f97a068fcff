// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/age/armor.h"
#include "common/age/base64.h"
#include "common/age/bech32.h"
#include "common/age/decrypt.h"
#include "common/age/header.h"
#include "common/crypto/aead.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/password.h"
#include "common/crypto/random.h"
#include "common/crypto/signing.h"
#include "common/testing/status_matchers.h"

namespace sluice::age {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Made by age; testdata/README.md tells how.
std::string File(absl::string_view name) {
  std::ifstream in(absl::StrCat("common/age/testdata/", name), std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Identities KeysOf(absl::string_view name) {
  auto identities = ParseIdentities(File(name));
  REQUIRE_THAT(identities.status(), IsOk());
  return *std::move(identities);
}

constexpr char kPassphrase[] = "correct horse";

// A file for a passphrase, its work factor low, with chunks as they come: what age writes, written
// down once more.
std::string Encrypted(absl::string_view text, absl::string_view passphrase) {
  const Secret file_key(crypto::RandomBytes(kFileKeyBytes));
  const std::string salt = crypto::RandomBytes(16);
  const Secret wrapping(crypto::Scrypt(passphrase,
                                       absl::StrCat("age-encryption.org/v1/scrypt", salt),
                                       {.n = 2, .r = 8, .p = 1}, 32)
                            .value());
  const auto seal = [](const Secret& key, const std::string& nonce, absl::string_view bytes) {
    return crypto::Seal(crypto::Aead::kChaCha20Poly1305, key, nonce, bytes, "").value();
  };
  const std::string start =
      absl::StrCat("age-encryption.org/v1\n-> scrypt ", EncodeBase64(salt), " 1\n",
                   EncodeBase64(seal(wrapping, std::string(12, '\0'), file_key.Reveal())), "\n---");
  const Secret mac_key = crypto::HkdfSha256(file_key, "", "header", 32).value();
  const std::string nonce = crypto::RandomBytes(16);
  std::string file = absl::StrCat(
      start, " ", EncodeBase64(crypto::HmacSha256(mac_key.Reveal(), start)), "\n", nonce);
  const Secret key = crypto::HkdfSha256(file_key, nonce, "payload", 32).value();
  constexpr size_t kChunk = 65536;
  const size_t chunks = text.empty() ? 1 : (text.size() + kChunk - 1) / kChunk;
  for (size_t i = 0; i < chunks; ++i) {
    std::string counter(12, '\0');
    counter[10] = static_cast<char>(i);
    counter[11] = i + 1 == chunks ? 1 : 0;
    absl::StrAppend(&file, seal(key, counter, text.substr(i * kChunk, kChunk)));
  }
  return file;
}

TEST_CASE("files by age are decrypted by those that they are for", "[age]") {
  struct Row {
    const char *file, *key;
  };
  const Row rows[] = {{"x25519.age", "a.key"},
                      {"x25519.bin", "a.key"},
                      {"several.age", "a.key"},
                      {"several.age", "ssh_ed25519"},
                      {"ssh_ed25519.age", "ssh_ed25519"},
                      {"ssh_rsa.age", "ssh_rsa"},
                      {"ssh_rsa.age", "ssh_rsa_pem"},
                      {"pq.age", "pq.key"}};
  for (const Row& row : rows) {
    CAPTURE(row.file, row.key);
    const auto text = Decrypt(File(row.file), KeysOf(row.key));
    REQUIRE_THAT(text.status(), IsOk());
    CHECK(text->Reveal() == "hello age");
  }
  const auto text = Decrypt(File("passphrase.age"), {PassphraseIdentity(Secret(kPassphrase))});
  REQUIRE_THAT(text.status(), IsOk());
  CHECK(text->Reveal() == "hello age");
}

TEST_CASE("others cannot decrypt them", "[age]") {
  struct Row {
    const char *file, *key;
  };
  const Row rows[] = {
      {"x25519.age", "ssh_ed25519"}, {"ssh_rsa.age", "a.key"}, {"ssh_ed25519.age", "ssh_rsa"},
      {"passphrase.age", "a.key"},   {"pq.age", "a.key"},      {"x25519.age", "pq.key"}};
  for (const Row& row : rows) {
    CAPTURE(row.file, row.key);
    CHECK_THAT(Decrypt(File(row.file), KeysOf(row.key)).status(),
               StatusIs(absl::StatusCode::kPermissionDenied, "identity did not match any"));
  }
  CHECK_THAT(Decrypt(File("x25519.age"), {}).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "no identities"));
  CHECK_THAT(Decrypt(File("passphrase.age"), {PassphraseIdentity(Secret("wrong horse"))}).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "did not match"));
}

TEST_CASE("payloads of any number of chunks come back", "[age]") {
  const Identities reader = {PassphraseIdentity(Secret(kPassphrase))};
  for (const size_t size : {0, 1, 65535, 65536, 65537, 131072, 200000}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    const auto got = Decrypt(Encrypted(text, kPassphrase), reader);
    REQUIRE_THAT(got.status(), IsOk());
    CHECK(got->Reveal() == text);
  }
}

TEST_CASE("changed and truncated files are refused", "[age]") {
  const Identities reader = {PassphraseIdentity(Secret(kPassphrase))};
  const std::string small = Encrypted("hello age", kPassphrase);
  for (size_t i = 0; i < small.size(); ++i) {
    std::string changed = small;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CAPTURE(i);
    CHECK_FALSE(Decrypt(changed, reader).ok());
    CHECK_FALSE(Decrypt(small.substr(0, i), reader).ok());
  }
  CHECK_FALSE(Decrypt(small + "x", reader).ok());
  // At chunks' ends: no last one, an empty last one, one more.
  const std::string two = Encrypted(std::string(131072, 'x'), kPassphrase);
  CHECK_FALSE(Decrypt(two.substr(0, two.size() - 65552), reader).ok());
  CHECK_FALSE(Decrypt(two + two.substr(two.size() - 65552), reader).ok());
  CHECK_FALSE(Decrypt(two + std::string(16, '\0'), reader).ok());
}

TEST_CASE("malformed headers are refused", "[age]") {
  constexpr char kMac[] = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  struct Row {
    const char* header;
    const char* problem;
  };
  const Row rows[] = {
      {"", "file is empty"},
      {"age-encryption.org/v2\n", "unexpected intro"},
      {"age-encryption.org/v1\r\n", "unexpected intro"},
      {"age-encryption.org/v1\n", "malformed stanza"},
      {"age-encryption.org/v1\nMAC", "no recipient stanzas"},
      {"age-encryption.org/v1\n-> \nAAAA\nMAC", "malformed stanza"},
      {"age-encryption.org/v1\n->X\nAAAA\nMAC", "malformed stanza"},
      {"age-encryption.org/v1\n-> X  Y\nAAAA\nMAC", "malformed stanza"},
      {"age-encryption.org/v1\n-> X \x80\nAAAA\nMAC", "malformed stanza"},
      {"age-encryption.org/v1\n-> X\nAAA=\nMAC", "malformed body"},
      {"age-encryption.org/v1\n-> X\nAAB\nMAC", "malformed body"},  // not canonical
      {"age-encryption.org/v1\n-> X\nAAAA", "unexpected end"},
      {"age-encryption.org/v1\n-> X\nAAAA\n--- AAAA\n", "malformed closing line"},
      {"age-encryption.org/v1\n-> X\nAAAA\n---\n", "malformed closing line"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK_THAT(ParseHeader(absl::StrReplaceAll(row.header, {{"MAC", kMac}})).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.problem));
  }
  const std::string stanza = "-> X Y\nAAAA\n";
  std::string many = "age-encryption.org/v1\n";
  for (size_t i = 0; i < kMaxStanzas; ++i) many += stanza;
  CHECK(ParseHeader(many + kMac)->stanzas.size() == kMaxStanzas);
  CHECK_FALSE(ParseHeader(many + stanza + kMac).ok());
  CHECK_FALSE(
      ParseHeader(absl::StrCat("age-encryption.org/v1\n-> ", std::string(kMaxHeader, 'x'))).ok());
}

TEST_CASE("passphrases must not cost too much to try", "[age]") {
  const Identities reader = {PassphraseIdentity(Secret(kPassphrase))};
  const std::string file = Encrypted("hello age", kPassphrase);
  const size_t factor = file.find(" 1\n");
  for (const char* digits :
       {"0", "01", "+1", "-1", "1x", "0x1", "19", "63", "99999999999999999999"}) {
    CAPTURE(digits);
    std::string changed = file;
    changed.replace(factor + 1, 1, digits);
    CHECK_THAT(Decrypt(changed, reader).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "work factor"));
  }
}

TEST_CASE("armor is strict", "[age]") {
  const std::string text = File("x25519.age");
  const std::string bytes = Dearmor(text).value();
  CHECK(Dearmor(absl::StrReplaceAll(text, {{"\n", "\r\n"}})).value() == bytes);
  CHECK(Dearmor(absl::StrCat("\n \n", text, " \n\n")).value() == bytes);
  CHECK(Dearmor(text.substr(0, text.size() - 1)).value() == bytes);
  const std::string end = "-----END AGE ENCRYPTED FILE-----\n";
  const auto refused = [](const std::string& armored) {
    return absl::IsInvalidArgument(Dearmor(armored).status());
  };
  CHECK(refused(""));
  CHECK(refused(absl::StrReplaceAll(text, {{"BEGIN AGE", "BEGIN PGP"}})));
  CHECK(refused(absl::StrReplaceAll(text, {{end, ""}})));
  CHECK(refused(absl::StrCat(text, "x")));
  CHECK(refused(absl::StrReplaceAll(text, {{end, absl::StrCat("\n", end)}})));
  CHECK(refused(absl::StrReplaceAll(text, {{"\nYWdl", "\nYWd l"}})));
  CHECK(refused(absl::StrReplaceAll(text, {{"\nYWdl", "YWdl"}})));
  CHECK(refused(absl::StrCat(std::string(2000, '\n'), text)));
}

TEST_CASE("identities are told from what is none", "[age]") {
  CHECK(KeysOf("a.key").size() == 1);
  CHECK(ParseIdentities("# only a comment\n\n")->empty());
  CHECK(ParseIdentities(absl::StrCat(File("a.key"), File("ssh_ed25519"), "\n", File("a.key")))
            ->size() == 3);
  struct Row {
    std::string text;
    const char* problem;
  };
  const std::string key = File("a.key");
  const std::string line = key.substr(key.find("AGE-SECRET"));
  const Row rows[] = {
      {"hunter2", "unknown identity type"},
      {"age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs", "unknown identity type"},
      {"AGE-PLUGIN-YUBIKEY-1QQ", "plugins are not supported"},
      {"AGE-SECRET-KEY-1HUNTER2", "malformed secret key"},
      {absl::StrReplaceAll(line, {{"AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1Q"}}), "invalid checksum"},
      {EncodeBech32("AGE-SECRET-KEY-", "too short"), "invalid length"},
      {EncodeBech32("AGE-SECRET-KEY-PQ-", "too short"), "invalid length"},
      {EncodeBech32("AGE-SECRET-KEY-X-", std::string(32, 'k')), "unknown type"},
      {File("ssh_locked"), "has a passphrase"},
      {File("ssh_ecdsa"), "unsupported SSH identity type"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n-----END OPENSSH PRIVATE KEY-----\n",
       "malformed SSH private key"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\n", "unfinished PEM block"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "malformed SSH"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    const absl::Status status = ParseIdentities(row.text).status();
    CHECK_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, row.problem));
    CHECK_FALSE(absl::StrContains(status.message(), "unter2"));
  }
  const std::string ssh = File("ssh_rsa");
  for (size_t size = 40; size + 40 < ssh.size(); size += 97) {
    CHECK_FALSE(
        ParseIdentities(absl::StrCat(ssh.substr(0, size), "\n-----END OPENSSH PRIVATE KEY-----\n"))
            .ok());
  }
}

TEST_CASE("Bech32 has one form per text", "[age]") {
  const std::string bytes = crypto::RandomBytes(32);
  const std::string text = EncodeBech32("age", bytes);
  CHECK(DecodeBech32(text)->bytes == bytes);
  CHECK(DecodeBech32(text)->prefix == "age");
  CHECK(DecodeBech32(EncodeBech32("AGE-X-", bytes))->prefix == "AGE-X-");
  // BIP 173's vectors.
  for (const char* valid :
       {"A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "?1ezyfcl"}) {
    CAPTURE(valid);
    CHECK_THAT(DecodeBech32(valid).status(), IsOk());
  }
  for (const char* invalid : {"", "1", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3",
                              "A1G7SGD8", "10a06t8", "1qzzfhee", "A12uEL5L",
                              "\x7f"
                              "1axkwrx"}) {
    CAPTURE(invalid);
    CHECK_FALSE(DecodeBech32(invalid).ok());
  }
}

}  // namespace
}  // namespace sluice::age
