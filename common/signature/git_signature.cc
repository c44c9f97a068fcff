// SPDX-License-Identifier: Apache-2.0
#include "common/signature/git_signature.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/pgp/key_ring.h"
#include "common/signature/ssh_signature.h"

namespace sluice::signature {
namespace {

constexpr char kGitNamespace[] = "git";

struct Kind {
  absl::string_view prefix, name;
};

constexpr Kind kKinds[] = {{"-----BEGIN PGP SIGNATURE-----", "openpgp"},
                           {"-----BEGIN PGP MESSAGE-----", "openpgp"},
                           {"-----BEGIN SSH SIGNATURE-----", "ssh"},
                           {"-----BEGIN SIGNED MESSAGE-----", "x509"}};

// "openpgp", "ssh", "x509", "empty" or "unknown".
absl::string_view KindOf(absl::string_view signature) {
  const absl::string_view text = absl::StripAsciiWhitespace(signature);
  for (const Kind& kind : kKinds) {
    if (absl::StartsWith(text, kind.prefix)) return kind.name;
  }
  return signature.empty() ? "empty" : "unknown";
}

// The error of keys that cannot be read counts only if none could be.
absl::StatusOr<std::string> VerifyPgp(absl::string_view signature, absl::string_view payload,
                                      const std::vector<std::string>& rings, absl::Time now) {
  absl::Status unreadable;
  bool tried = false;
  for (const std::string& text : rings) {
    const auto ring = pgp::KeyRing::Parse(text);
    if (!ring.ok()) {
      unreadable.Update(Annotate(ring.status(), "unable to read armored key ring"));
      continue;
    }
    tried = true;
    auto id = ring->Verify(payload, signature, now);
    if (id.ok()) return id;
  }
  if (!tried && !unreadable.ok()) return unreadable;
  return absl::PermissionDeniedError("unable to verify payload with any of the given key rings");
}

absl::StatusOr<std::string> VerifySsh(absl::string_view signature, absl::string_view payload,
                                      const std::vector<std::string>& files) {
  absl::Status unreadable;
  bool tried = false;
  for (const std::string& text : files) {
    const auto keys = ParseAuthorizedKeys(text);
    if (!keys.ok()) {
      unreadable.Update(Annotate(keys.status(), "unable to parse authorized keys"));
      continue;
    }
    tried = true;
    const auto key = VerifySshSignature(signature, payload, kGitNamespace, *keys);
    if (key.ok()) return (*key)->Fingerprint();
    if (absl::IsInvalidArgument(key.status())) return key.status();
  }
  if (!tried && !unreadable.ok()) return unreadable;
  return absl::PermissionDeniedError(
      "unable to verify payload with any of the given authorized keys");
}

}  // namespace

TrustedKeys TrustedKeys::FromSecret(const std::map<std::string, std::string>& data) {
  TrustedKeys keys;
  for (const auto& [name, content] : data) {
    (absl::EndsWith(name, ".sshpub") ? keys.ssh : keys.pgp).push_back(content);
  }
  return keys;
}

absl::StatusOr<std::string> VerifyGitSignature(absl::string_view what, absl::string_view signature,
                                               absl::string_view payload, const TrustedKeys& keys,
                                               absl::Time now) {
  const absl::string_view kind = KindOf(signature);
  const std::string prefix = absl::StrCat("unable to verify ", what);
  if (kind == "openpgp") {
    if (keys.pgp.empty()) {
      return absl::InvalidArgumentError(
          "PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)");
    }
    auto id = VerifyPgp(signature, payload, keys.pgp, now);
    if (!id.ok()) return Annotate(id.status(), prefix);
    return id;
  }
  if (kind == "ssh") {
    if (keys.ssh.empty()) {
      return absl::InvalidArgumentError(
          "SSH signature detected but no SSH public keys found in secret (keys with .sshpub "
          "suffix)");
    }
    auto fingerprint = VerifySsh(signature, payload, keys.ssh);
    if (!fingerprint.ok()) return Annotate(fingerprint.status(), prefix);
    return fingerprint;
  }
  return absl::InvalidArgumentError(absl::StrCat("unsupported signature type: ", kind));
}

}  // namespace sluice::signature
