// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/age/decrypt.h"
#include "common/crypto/aead.h"
#include "common/pgp/secret_key_ring.h"
#include "common/sops/decrypt.h"
#include "common/sops/encrypted_value.h"
#include "common/sops/ini_document.h"
#include "common/sops/shamir.h"
#include "common/testing/status_matchers.h"

namespace sluice::sops {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Made by sops; testdata/README.md tells how.
std::string File(absl::string_view name) {
  std::ifstream in(absl::StrCat("common/sops/testdata/", name), std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Holds the keys of key files: age's "*.key", PGP's "*.asc".
class KeyFiles : public KeyService {
 public:
  explicit KeyFiles(std::initializer_list<absl::string_view> names) {
    for (const absl::string_view name : names) {
      if (absl::EndsWith(name, ".asc")) {
        REQUIRE_THAT(pgp_.Import(Secret(File(name))), IsOk());
        continue;
      }
      const auto parsed = age::ParseIdentities(File(name));
      REQUIRE_THAT(parsed.status(), IsOk());
      age_.insert(age_.end(), parsed->begin(), parsed->end());
    }
  }
  absl::StatusOr<Secret> Decrypt(const Context&, const MasterKey& key) override {
    asked.push_back(key.Name());
    if (key.type == KeyType::kPgp) return pgp_.Decrypt(key.encrypted_key);
    return age::Decrypt(key.encrypted_key, age_);
  }
  std::vector<std::string> asked;

 private:
  age::Identities age_;
  pgp::SecretKeyRing pgp_;
};

absl::StatusOr<std::string> Plain(absl::string_view text, Format format,
                                  std::initializer_list<absl::string_view> keys = {"a.key"},
                                  bool verify = true) {
  KeyFiles service(keys);
  return Decrypt(Context::Background(), text, format, format, service, {.verify_mac = verify});
}

std::string Changed(std::string text, absl::string_view from, absl::string_view to) {
  const size_t at = text.find(std::string(from));
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), std::string(to));
}

TEST_CASE("documents print as sops prints them", "[sops]") {
  struct Row {
    const char* file;
    Format format;
    const char* plain;
  };
  const Row rows[] = {{"age.yaml", Format::kYaml, "age.yaml.plain"},
                      {"age.json", Format::kJson, "age.json.plain"},
                      {"age.env", Format::kDotenv, "age.env.plain"},
                      {"age.ini", Format::kIni, "age.ini.plain"},
                      {"age.binary", Format::kBinary, "age.binary.plain"},
                      {"multi.yaml", Format::kYaml, "multi.yaml.plain"},
                      {"encrypted_regex.yaml", Format::kYaml, "age.yaml.plain"},
                      {"unencrypted_regex.yaml", Format::kYaml, "age.yaml.plain"},
                      {"encrypted_suffix.yaml", Format::kYaml, "age.yaml.plain"},
                      {"encrypted_comment_regex.yaml", Format::kYaml, "age.yaml.plain"},
                      {"unencrypted_comment_regex.yaml", Format::kYaml, "age.yaml.plain"},
                      {"mac_only_encrypted.yaml", Format::kYaml, "age.yaml.plain"}};
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const std::string text = File(row.file);
    CHECK(LooksEncrypted(text, row.format));
    const auto plain = Plain(text, row.format);
    REQUIRE_THAT(plain.status(), IsOk());
    CHECK(*plain == File(row.plain));
  }
}

TEST_CASE("keys of other kinds and groups recover the data key", "[sops]") {
  struct Row {
    const char* file;
    std::initializer_list<absl::string_view> keys;
  };
  const Row rows[] = {
      {"pgp.yaml", {"fixture.asc"}},       {"pgp_and_age.yaml", {"edwards.asc"}},
      {"pgp_and_age.yaml", {"b.key"}},     {"shamir.yaml", {"a.key", "b.key"}},
      {"shamir.yaml", {"c.key", "a.key"}}, {"shamir.yaml", {"a.key", "b.key", "c.key"}}};
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto plain = Plain(File(row.file), Format::kYaml, row.keys);
    REQUIRE_THAT(plain.status(), IsOk());
    CHECK(*plain == File("age.yaml.plain"));
  }
}

TEST_CASE("age keys are tried first, then PGP's", "[sops]") {
  KeyFiles service({"c.key"});
  CHECK_FALSE(Decrypt(Context::Background(), File("pgp_and_age.yaml"), Format::kYaml, Format::kYaml,
                      service)
                  .ok());
  REQUIRE(service.asked.size() == 3);
  CHECK(absl::StartsWith(service.asked[0], "age1"));
  CHECK(service.asked[1].size() == 40);
}

TEST_CASE("missing keys are told by group and key", "[sops]") {
  const absl::Status one = Plain(File("age.yaml"), Format::kYaml, {"b.key"}).status();
  CHECK_THAT(one, StatusIs(absl::StatusCode::kPermissionDenied,
                           "cannot get sops data key: Failed to get the data key required to "
                           "decrypt the SOPS file.\n\nGroup 0: FAILED\n  age1"));
  CHECK(absl::StrContains(one.message(),
                          ": FAILED\n    - | identity did not match any of the recipients: "
                          "incorrect\n      | identity for recipient block\n\n"));
  CHECK(
      absl::EndsWith(one.message(),
                     "\n\nRecovery failed because no master key was able to decrypt the file. In\n"
                     "order for SOPS to recover the file, at least one key has to be successful,\n"
                     "but none were."));
  const absl::Status shares = Plain(File("shamir.yaml"), Format::kYaml, {"b.key"}).status();
  CHECK_THAT(shares, StatusIs(absl::StatusCode::kPermissionDenied, "\n\nGroup 1: SUCCESS\n\n"));
  CHECK(absl::StrContains(shares.message(), "Shamir threshold of\n2, but only 1 part(s) were"));
}

TEST_CASE("changed and moved values are refused", "[sops]") {
  const std::string yaml = File("age.yaml");
  struct Row {
    const char* name;
    std::string text;
    const char* problem;
  };
  const size_t password = yaml.find("password: ") + 10;
  const std::string value = yaml.substr(password, yaml.find('\n', password) - password);
  std::string flipped = value;
  flipped[25] = flipped[25] == 'A' ? 'B' : 'A';
  const Row rows[] = {
      {"ciphertext", Changed(yaml, value, flipped), "message authentication failed"},
      {"another key", Changed(yaml, "password: ", "username: "), "message authentication failed"},
      {"another type", Changed(yaml, "type:float", "type:bool"), "no bool as its type says"},
      {"no such type", Changed(yaml, "type:float", "type:colour"), "Unknown datatype: colour"},
      {"not encrypted", Changed(yaml, value, "hunter2"), "Input string <redacted> does not match"},
      {"not base64", Changed(yaml, value, "ENC[AES256_GCM,data:!,iv:!,tag:!,type:str]"),
       "Error base64-decoding data"},
      {"no string", Changed(yaml, value, "17"), "interface {} is int, not string"},
      {"more than SOPS counts", Changed(yaml, value, "18446744073709551615"),
       "unknown type: uint64"},
      {"a key that is a number", Changed(yaml, "password: ", "17: "), "non-string key"},
      {"an unencrypted value",
       Changed(yaml, "labels_unencrypted: kept", "labels_unencrypted: lost"),
       "the MAC does not match"},
      {"a value less", Changed(yaml, absl::StrCat("password: ", value, "\n"), "other: null\n"),
       "the MAC does not match"},
      {"the time", Changed(yaml, "lastmodified: \"2026", "lastmodified: \"2025"),
       "failed to verify sops data integrity"},
      {"no MAC", Changed(yaml, yaml.substr(yaml.find("    mac: ")), "    version: 3.11.0\n"),
       "the document has no MAC"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const absl::Status status = Plain(row.text, Format::kYaml).status();
    CHECK_FALSE(status.ok());
    CHECK(absl::StrContains(status.message(), row.problem));
    CHECK_FALSE(absl::StrContains(status.message(), "hunter2"));
  }
  const auto unverified =
      Plain(Changed(yaml, "labels_unencrypted: kept", "labels_unencrypted: new"), Format::kYaml,
            {"a.key"}, /*verify=*/false);
  REQUIRE_THAT(unverified.status(), IsOk());
  CHECK(absl::StrContains(*unverified, "labels_unencrypted: new\n"));
}

TEST_CASE("malformed documents and metadata are refused", "[sops]") {
  struct Row {
    Format format;
    std::string text;
    const char* problem;
  };
  const std::string json = File("age.json");
  const std::string deep = absl::StrCat(std::string(2000, '['), std::string(2000, ']'));
  const Row rows[] = {
      {Format::kYaml, "", "failed to load encrypted YAML data: sops metadata not found"},
      {Format::kYaml, "a: [", "failed to load encrypted YAML data: Error unmarshaling input YAML"},
      {Format::kYaml, "- a\n", "sops metadata not found"},
      {Format::kYaml, "a: 1\n", "sops metadata not found"},
      {Format::kYaml, "sops: text\n", "sops is not an object"},
      {Format::kYaml, "sops: {}\n",
       "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""},
      {Format::kYaml, "sops: {lastmodified: \"2026-01-01T00:00:00Z\"}\n", "No keys found in file"},
      {Format::kYaml, "sops: {lastmodified: \"2026-01-01T00:00:00Z\", age: 1}\n", "not a list"},
      {Format::kYaml, "sops: {lastmodified: \"2026-01-01T00:00:00Z\", pgp: [{fp: x}]}\n",
       "parsing time"},
      {Format::kYaml, "a: &a [*a]\n", "failed to load encrypted YAML data"},
      {Format::kYaml, absl::StrCat("a: ", deep), "failed to load encrypted YAML data"},
      {Format::kJson, "", "failed to load encrypted JSON data: Error unmarshalling input json"},
      {Format::kJson, "[]", "no object"},
      {Format::kJson, "{}", "sops metadata not found"},
      {Format::kJson, deep, "Error unmarshalling input json"},
      {Format::kJson, Changed(json, "\"age\"", "\"key_groups\""), "cannot get sops data key"},
      {Format::kJson,
       Changed(json, "\"version\"",
               "\"encrypted_suffix\": \"a\", \"encrypted_regex\": \"b\", \"v\""),
       "Cannot use more than one of"},
      {Format::kJson, Changed(json, "\"version\"", "\"shamir_threshold\": 1.5, \"v\""),
       "shamir_threshold is not an integer"},
      {Format::kDotenv, "A=b\nC\n", "invalid dotenv input line"},
      {Format::kDotenv, "A=b\n", "parsing time"},
      {Format::kDotenv, "sops_age__list_99999999__map_enc=x\n", "out of range"},
      {Format::kDotenv, "sops_age=x\nsops_age__list_0=y\n", "contradicts itself"},
      {Format::kIni, "[a\n", "unclosed section"},
      {Format::kIni, "[a]\nb = c\n", "sops metadata not found"},
      {Format::kIni, "[sops]\nkey\n", "delimiter not found"},
      {Format::kBinary, "no json", "failed to load encrypted binary data"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.substr(0, 200));
    const absl::Status status = Plain(row.text, row.format).status();
    CHECK_FALSE(status.ok());
    CHECK(absl::StrContains(status.message(), row.problem));
  }
}

TEST_CASE("what one form holds another may not", "[sops]") {
  KeyFiles service({"a.key"});
  const auto convert = [&](absl::string_view file, Format from, Format to) {
    return Decrypt(Context::Background(), File(file), from, to, service);
  };
  CHECK_THAT(convert("age.yaml", Format::kYaml, Format::kDotenv).status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "failed to emit encrypted YAML file as decrypted dotenv: cannot use complex "
                      "value in dotenv file; offending key metadata"));
  CHECK_THAT(convert("age.json", Format::kJson, Format::kIni).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "Section values should always be"));
  CHECK_THAT(convert("age.yaml", Format::kYaml, Format::kBinary).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no binary data found in tree"));
  CHECK(convert("age.env", Format::kDotenv, Format::kJson).value() ==
        "{\n\t\"USER\": \"admin\",\n\t\"EMPTY\": \"\",\n\t\"MULTI\": \"one\\ntwo\",\n"
        "\t\"EQ\": \"a=b c\",\n\t\"PLAIN_unencrypted\": \"seen\"\n}\n");
}

TEST_CASE("forms are told by names and marks", "[sops]") {
  struct Row {
    const char* path;
    Format format;
  };
  const Row rows[] = {{"a/b.yaml", Format::kYaml}, {"b.yml", Format::kYaml},
                      {"b.json", Format::kJson},   {"b.env", Format::kDotenv},
                      {"b.ini", Format::kIni},     {".dockerconfigjson", Format::kJson},
                      {"b.txt", Format::kBinary},  {"yaml", Format::kBinary}};
  for (const Row& row : rows) CHECK(FormatForPath(row.path) == row.format);
  CHECK(DetectFormat(File("age.yaml")) == Format::kYaml);
  CHECK(DetectFormat(File("age.json")) == Format::kJson);
  CHECK(DetectFormat(File("age.env")) == Format::kDotenv);
  CHECK(DetectFormat(File("age.ini")) == Format::kIni);
  CHECK_FALSE(DetectFormat("plain text").has_value());
}

TEST_CASE("a value is bound to its key and path", "[sops]") {
  const Secret key(std::string(32, 'k'));
  const auto sealed = [&](absl::string_view text, absl::string_view type) {
    const std::string bytes =
        crypto::Seal(crypto::Aead::kAes256Gcm, key, "nonce", text, "a:b:").value();
    return absl::StrCat("ENC[AES256_GCM,data:", absl::Base64Escape(bytes.substr(0, text.size())),
                        ",iv:", absl::Base64Escape("nonce"),
                        ",tag:", absl::Base64Escape(bytes.substr(text.size())), ",type:", type,
                        "]");
  };
  CHECK(DecryptValue(sealed("text", "str"), key, "a:b:")->text == "text");
  CHECK(DecryptValue(sealed("-5", "int"), key, "a:b:")->integer == -5);
  CHECK(DecryptValue(sealed("0.25", "float"), key, "a:b:")->number == 0.25);
  CHECK(DecryptValue(sealed("True", "bool"), key, "a:b:")->boolean);
  CHECK(DecryptValue(sealed("x", "bytes"), key, "a:b:")->kind == Node::Kind::kBytes);
  CHECK(DecryptValue(sealed("x", "comment"), key, "a:b:")->kind == Node::Kind::kComment);
  CHECK(DecryptValue(sealed("2026-01-01T00:00:00Z", "time"), key, "a:b:")->kind ==
        Node::Kind::kTime);
  CHECK(DecryptValue("", key, "a:b:")->text.empty());
  for (const char* type : {"int", "float", "bool", "time"}) {
    CHECK_THAT(DecryptValue(sealed("text", type), key, "a:b:").status(),
               StatusIs(absl::StatusCode::kInvalidArgument, type));
  }
  CHECK_THAT(DecryptValue(sealed("text", "str"), key, "a:c:").status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "AES_GCM"));
  CHECK_FALSE(DecryptValue(sealed("text", "str"), Secret(std::string(32, 'x')), "a:b:").ok());
  CHECK_FALSE(DecryptValue("ENC[AES256_GCM,data:,iv:,tag:,type:]", key, "").ok());
  CHECK_FALSE(DecryptValue("ENC[AES128_GCM,data:a,iv:a,tag:a,type:str]", key, "").ok());
}

TEST_CASE("shares that cannot be combined are refused", "[sops]") {
  // Of the secret "A" (0x41) by the line 0x41 + 0x03 x.
  const Secret one(std::string("\x42\x01", 2));
  const Secret two(std::string("\x47\x02", 2));
  CHECK(CombineShares({one, two})->Reveal() == "A");
  CHECK(CombineShares({two, one})->Reveal() == "A");
  CHECK_FALSE(CombineShares({one}).ok());
  CHECK_FALSE(CombineShares({}).ok());
  CHECK_FALSE(CombineShares({one, one}).ok());
  CHECK_FALSE(CombineShares({one, Secret("longer")}).ok());
  CHECK_FALSE(CombineShares({Secret("x"), Secret("y")}).ok());
}

TEST_CASE("INI files are read and written as ini.v1 does", "[sops]") {
  struct Row {
    const char *text, *written;
  };
  const Row rows[] = {
      {"a = 1\n", "a = 1\n"},
      {"; c\n[s] # d\nk: v\nlonger=\"q\"\n", "; c\n# d\n[s]\nk      = v\nlonger = q\n"},
      {"[s]\na = `x;y` \nb = \"\"\"1\n2\"\"\"\n", "[s]\na = `x;y`\nb = \"\"\"1\n2\"\"\"\n"},
      {"[s]\nk = a \\\n  b\nc = 1 ; note\n", "[s]\nk = a b\n; note\nc = 1\n"},
      {"[s]\nk = 1\nk = 2\n[s]\nk = 3\n", "[s]\nk = 2\n\n[s]\nk = 3\n"},
      {"[s]\n`a=b` = 1\n'q' = ' x '\n", "[s]\n`a=b` = 1\n'q'   = \" x \"\n"},
      {"\xEF\xBB\xBF[s]\r\nk = v\r\n", "[s]\nk = v\n"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParseIni(row.text);
    REQUIRE_THAT(parsed.status(), IsOk());
    CHECK(FormatIni(*parsed) == row.written);
  }
  for (const char* text :
       {"[s", "[]\n", "key\n", "= v\n", "\"k = v\n", "`k` v\n", "k = \"\"\"x\n"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseIni(text).ok());
  }
}

}  // namespace
}  // namespace sluice::sops
