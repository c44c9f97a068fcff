// SPDX-License-Identifier: Apache-2.0
#include "common/signature/git_signature.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/signature/ssh_signature.h"
#include "common/testing/status_matchers.h"

namespace sluice::signature {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Made by ssh-keygen and gpg; the README.md files beside them tell how.
std::string File(absl::string_view path) {
  std::ifstream in(absl::StrCat("common/", path), std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
std::string Ssh(absl::string_view name) { return File(absl::StrCat("signature/testdata/", name)); }
std::string Pgp(absl::string_view name) { return File(absl::StrCat("pgp/testdata/", name)); }

const absl::Time kNow = absl::FromUnixSeconds(1767571200);  // 2026-01-05

absl::StatusOr<std::string> Verified(const std::string& signature, const TrustedKeys& keys) {
  return VerifyGitSignature("Git commit", signature, Ssh("payload.txt"), keys, kNow);
}

TEST_CASE("signatures by ssh-keygen verify, and name the key as ssh-keygen -l does",
          "[signature]") {
  struct Row {
    const char *key, *signature, *fingerprint;
  };
  const Row rows[] = {
      {"ed25519.sshpub", "ed25519.sig", "SHA256:yy7FvTZdW8P7GCkB6x7z2vFVGfuv4bIz9NBTxkelUl0"},
      {"ed25519.sshpub", "ed25519-sha256.sig",
       "SHA256:yy7FvTZdW8P7GCkB6x7z2vFVGfuv4bIz9NBTxkelUl0"},
      {"ecdsa256.sshpub", "ecdsa256.sig", "SHA256:VdBHT3NVq0GAkH+RX1Ox2p1HC2B4RTf9+2B0gcCofqg"},
      {"ecdsa384.sshpub", "ecdsa384.sig", "SHA256:fghS+oCpDSQk44OzwwyhfC9lDnJ0xVAC4c1OnMuLgso"},
      {"ecdsa521.sshpub", "ecdsa521.sig", "SHA256:i4UoZ0wEadL6lxFr9Xq9ZeYOgxRBQMOeOvRLs57wxIQ"},
      {"rsa.sshpub", "rsa.sig", "SHA256:LZZlgI0iUh5mDcfKWwyh8lVVlkolhMnAHpoH4l2D6n0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.signature);
    const auto id = Verified(Ssh(row.signature), {.pgp = {}, .ssh = {Ssh(row.key)}});
    CHECK_THAT(id.status(), IsOk());
    CHECK(id.value_or("") == row.fingerprint);
    const auto changed = VerifyGitSignature("Git commit", Ssh(row.signature), "other",
                                            {.pgp = {}, .ssh = {Ssh(row.key)}}, kNow);
    CHECK_THAT(changed.status(),
               StatusIs(absl::StatusCode::kPermissionDenied,
                        "unable to verify Git commit: unable to verify payload with any of the "
                        "given authorized keys"));
  }
}

TEST_CASE("of several keys, of both kinds, the one that signed is found", "[signature]") {
  const TrustedKeys keys = TrustedKeys::FromSecret(
      {{"a.asc", Pgp("other.asc")},
       {"b", Pgp("rsa.asc")},
       {"broken.asc", "garbage"},
       {"c.sshpub", Ssh("other.sshpub") + "\n# a comment\n\n" + Ssh("rsa.sshpub")},
       {"d.sshpub", "no-pty,command=\"echo \\\"hi there\\\"\" " + Ssh("ed25519.sshpub")},
       {"e.sshpub", "garbage"}});
  CHECK(keys.pgp.size() == 3);
  CHECK(keys.ssh.size() == 3);
  CHECK(Verified(Pgp("rsa.sig"), keys).value_or("") == "D304C50A6B36A992");
  CHECK(Verified("\n" + Ssh("rsa.sig"), keys).ok());
  CHECK(Verified(Ssh("ed25519.sig"), keys).ok());
  CHECK_FALSE(Verified(Ssh("ecdsa256.sig"), keys).ok());
  CHECK_FALSE(Verified(Pgp("edwards.sig"), keys).ok());
}

TEST_CASE("what cannot be verified is refused in Flux's words", "[signature]") {
  struct Row {
    const char* name;
    std::string signature;
    TrustedKeys keys;
    const char* message;
  };
  const TrustedKeys pgp = {.pgp = {Pgp("other.asc")}, .ssh = {}};
  const TrustedKeys ssh = {.pgp = {}, .ssh = {Ssh("other.sshpub")}};
  const Row rows[] = {
      {"empty", "", pgp, "unsupported signature type: empty"},
      {"unknown", "signed, me", pgp, "unsupported signature type: unknown"},
      {"x509", "-----BEGIN SIGNED MESSAGE-----\nMII=\n-----END SIGNED MESSAGE-----\n", pgp,
       "unsupported signature type: x509"},
      {"no keys",
       Pgp("rsa.sig"),
       {},
       "PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)"},
      {"SSH keys only", Pgp("rsa.sig"), ssh,
       "PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)"},
      {"PGP keys only", Ssh("rsa.sig"), pgp,
       "SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)"},
      {"another PGP key", Pgp("rsa.sig"), pgp,
       "unable to verify Git commit: unable to verify payload with any of the given key rings"},
      {"no PGP key",
       Pgp("rsa.sig"),
       {.pgp = {""}, .ssh = {}},
       "unable to verify Git commit: unable to read armored key ring: openpgp: invalid argument: "
       "no "
       "armored data found"},
      {"another SSH key", Ssh("rsa.sig"), ssh,
       "unable to verify Git commit: unable to verify payload with any of the given authorized "
       "keys"},
      {"no SSH key",
       Ssh("rsa.sig"),
       {.pgp = {}, .ssh = {"garbage"}},
       "unable to verify Git commit: unable to parse authorized keys: unable to parse authorized "
       "key: ssh: no key found"},
      {"for another purpose",
       Ssh("wrong-namespace.sig"),
       {.pgp = {}, .ssh = {Ssh("ed25519.sshpub")}},
       "unable to verify Git commit: unable to verify payload with any of the given authorized "
       "keys"},
      {"no base64", "-----BEGIN SSH SIGNATURE-----\n????\n-----END SSH SIGNATURE-----", ssh,
       "unable to verify Git commit: unable to unarmor SSH signature: invalid armored signature"},
      {"no magic", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----", ssh,
       "unable to verify Git commit: unable to unarmor SSH signature: invalid magic header"},
      {"cut short",
       absl::StrReplaceAll(Ssh("ed25519.sig").substr(0, 100), {{"\n-----END", ""}}) +
           "\n-----END SSH SIGNATURE-----",
       ssh, "unable to verify Git commit: unable to unarmor SSH signature: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto id = Verified(row.signature, row.keys);
    CHECK_FALSE(id.ok());
    CHECK_THAT(std::string(id.status().message()), Catch::Matchers::StartsWith(row.message));
  }
}

TEST_CASE("keys of other types and broken ones are refused", "[signature]") {
  const std::string good = Ssh("ed25519.sshpub");
  REQUIRE(ParseAuthorizedKeys(good).ok());
  for (const std::string& line :
       {std::string("ssh-dss AAAAB3NzaC1kc3MAAACB"), std::string("ssh-ed25519"),
        std::string("ssh-rsa ") + good.substr(12), good.substr(0, 40),
        std::string("ssh-ed25519 ") + "AAAAC3NzaC1lZDI1NTE5AAAAIEyM97VxLgOCuB9Eg5cD"}) {
    CAPTURE(line);
    CHECK_THAT(ParseAuthorizedKeys(line).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "ssh: no key found"));
  }
  CHECK(ParseAuthorizedKeys("\n# only a comment\n").value().empty());
}

}  // namespace
}  // namespace sluice::signature
