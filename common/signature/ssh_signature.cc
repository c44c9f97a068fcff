// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_signature.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/signature/ssh_wire.h"

namespace sluice::signature {
namespace {

constexpr absl::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr absl::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr absl::string_view kMagic = "SSHSIG";
constexpr uint32_t kVersion = 1;
constexpr size_t kMaxSignature = size_t{64} << 10;

absl::Status Unusable(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("unable to unarmor SSH signature: ", why));
}

absl::StatusOr<std::string> Unarmour(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  std::string blob;
  if (text.size() > kMaxSignature || !absl::ConsumePrefix(&text, kBegin) ||
      !absl::ConsumeSuffix(&text, kEnd) || !absl::Base64Unescape(text, &blob)) {
    return Unusable("invalid armored signature");
  }
  return blob;
}

}  // namespace

absl::StatusOr<const SshPublicKey*> VerifySshSignature(absl::string_view signature,
                                                       absl::string_view payload,
                                                       absl::string_view name_space,
                                                       std::span<const SshPublicKey> keys) {
  ASSIGN_OR_RETURN(const std::string blob, Unarmour(signature));
  absl::string_view body = blob;
  if (!absl::ConsumePrefix(&body, kMagic)) return Unusable("invalid magic header");
  SshFields fields(body);
  const auto version = fields.Number();
  const auto key_blob = fields.Text();
  const auto signed_for = fields.Text();
  const auto reserved = fields.Text();
  const auto digest_name = fields.Text();
  const auto inner = fields.Text();
  if (!inner.ok() || !fields.empty()) return Unusable("invalid signature format");
  if (*version != kVersion) return Unusable("unsupported version");

  const absl::Status refused =
      absl::PermissionDeniedError("the signature was made by no key that is allowed");
  // OpenSSH and Go's sshsig know these two.
  if (*digest_name != "sha256" && *digest_name != "sha512") return refused;
  if (*signed_for != name_space) return refused;
  std::string message(kMagic);
  AppendSshText(*signed_for, message);
  AppendSshText(*reserved, message);
  AppendSshText(*digest_name, message);
  ASSIGN_OR_RETURN(const crypto::Algorithm digest, crypto::ParseAlgorithm(*digest_name));
  AppendSshText(crypto::Digest(digest, payload), message);
  for (const SshPublicKey& key : keys) {
    if (key.blob() == *key_blob && key.Verify(message, *inner)) return &key;
  }
  return refused;
}

}  // namespace sluice::signature
