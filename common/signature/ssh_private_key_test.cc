// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_private_key.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/signature/ssh_key.h"
#include "common/signature/ssh_signature.h"
#include "common/testing/status_matchers.h"

namespace sluice::signature {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

Secret File(const std::string& name) {
  std::ifstream stream("common/signature/testdata/" + name, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return Secret(text.str());
}

TEST_CASE("what a private key signs its public half verifies", "[signature]") {
  struct Row {
    const char* file;
    const char* passphrase;
  };
  for (const Row& row :
       {Row{"ed25519.key", ""}, Row{"ed25519.key", "of no use"},
        Row{"ed25519-encrypted.key", "open sesame"}, Row{"ed25519-cbc.key", "open sesame"},
        Row{"ecdsa256.key", ""}, Row{"ecdsa256-pkcs8.key", ""}, Row{"ecdsa384.key", ""},
        Row{"ecdsa521-encrypted.key", "open sesame"}, Row{"rsa.key", ""},
        Row{"rsa-pem-encrypted.key", "open sesame"}}) {
    CAPTURE(row.file);
    const auto key = SshPrivateKey::Parse(File(row.file), Secret(std::string(row.passphrase)));
    REQUIRE_THAT(key.status(), IsOk());
    const std::vector<SshPublicKey> halves = {SshPublicKey::FromBlob(key->public_blob()).value()};
    for (int i = 0; i < 8; ++i) {  // ECDSA's numbers have leading zeros now and then
      const std::string signature = key->SignArmoured("payload", "git").value();
      CHECK_THAT(VerifySshSignature(signature, "payload", "git", halves).status(), IsOk());
      CHECK_FALSE(VerifySshSignature(signature, "payload", "file", halves).ok());
      CHECK_FALSE(VerifySshSignature(signature, "Payload", "git", halves).ok());
    }
  }
}

TEST_CASE("what cannot sign is refused", "[signature]") {
  struct Row {
    const char* name;
    Secret text;
    const char* passphrase;
    absl::StatusCode code;
    const char* message;
  };
  using Code = absl::StatusCode;
  const std::string good(File("ed25519.key").Reveal());
  const Row rows[] = {
      {"nothing", Secret(), "", Code::kInvalidArgument, "ssh: no private key found"},
      {"garbage", Secret(std::string("garbage")), "", Code::kInvalidArgument, "no private key"},
      {"a public key", File("ed25519.sshpub"), "", Code::kInvalidArgument, "no private key"},
      {"cut short", Secret(good.substr(0, 150) + "\n-----END OPENSSH PRIVATE KEY-----"), "",
       Code::kInvalidArgument, "ssh: "},
      {"small", File("rsa1024.key"), "", Code::kInvalidArgument, "at least 2048 bits"},
      {"no passphrase", File("ed25519-encrypted.key"), "", Code::kPermissionDenied,
       "this private key is encrypted"},
      {"wrong passphrase", File("ed25519-encrypted.key"), "sesame", Code::kPermissionDenied,
       "the passphrase of the private key is wrong"},
      {"no passphrase, PEM", File("rsa-pem-encrypted.key"), "", Code::kPermissionDenied,
       "is encrypted"},
      {"wrong passphrase, PEM", File("rsa-pem-encrypted.key"), "sesame", Code::kPermissionDenied,
       "is wrong"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK_THAT(SshPrivateKey::Parse(row.text, Secret(std::string(row.passphrase))).status(),
               StatusIs(row.code, row.message));
  }
}

}  // namespace
}  // namespace sluice::signature
