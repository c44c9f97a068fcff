// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_private_key.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/crypto/bcrypt_pbkdf.h"
#include "common/crypto/cipher.h"
#include "common/crypto/digest.h"
#include "common/crypto/stream_cipher.h"
#include "common/signature/ssh_key.h"
#include "common/signature/ssh_wire.h"

namespace sluice::signature {
namespace {

using crypto::Algorithm;
using crypto::Curve;
using crypto::SigningKey;

constexpr absl::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr absl::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr absl::string_view kMagic("openssh-key-v1\0", 15);
constexpr size_t kMaxText = size_t{64} << 10;
constexpr size_t kSeed = 32;
constexpr size_t kArmourWidth = 70;
constexpr int kLeastRsaBits = 2048;

absl::Status NoKey() { return absl::InvalidArgumentError("ssh: no private key found"); }

struct CurveName {
  Curve curve;
  const char *type, *name;
  Algorithm digest;
};
constexpr CurveName kCurves[] = {
    {Curve::kP256, "ecdsa-sha2-nistp256", "nistp256", Algorithm::kSha256},
    {Curve::kP384, "ecdsa-sha2-nistp384", "nistp384", Algorithm::kSha384},
    {Curve::kP521, "ecdsa-sha2-nistp521", "nistp521", Algorithm::kSha512},
};

const CurveName& NameOf(Curve curve) {
  for (const CurveName& name : kCurves) {
    if (name.curve == curve) return name;
  }
  return kCurves[0];
}

// The private part of the text, decrypted.
absl::StatusOr<std::string> Decrypt(absl::string_view cipher, absl::string_view kdf,
                                    absl::string_view kdf_options, absl::string_view bytes,
                                    const Secret& passphrase) {
  if (cipher == "none") return std::string(bytes);
  if (kdf != "bcrypt" || (cipher != "aes256-ctr" && cipher != "aes256-cbc")) {
    return absl::InvalidArgumentError(
        "ssh: the private key is encrypted in a way that is not supported; use aes256-ctr");
  }
  if (passphrase.empty()) return absl::PermissionDeniedError("ssh: this private key is encrypted");
  SshFields options(kdf_options);
  ASSIGN_OR_RETURN(const absl::string_view salt, options.Text());
  ASSIGN_OR_RETURN(const uint32_t rounds, options.Number());
  ASSIGN_OR_RETURN(const std::string key,
                   crypto::BcryptPbkdf(passphrase.Reveal(), salt, rounds,
                                       crypto::kAes256KeyBytes + crypto::kAesBlockBytes));
  const absl::string_view secret = absl::string_view(key).substr(0, crypto::kAes256KeyBytes);
  const absl::string_view vector = absl::string_view(key).substr(crypto::kAes256KeyBytes);
  return cipher == "aes256-ctr"
             ? crypto::Aes256Ctr(secret, vector, bytes)
             : crypto::Aes256Cbc(crypto::Direction::kDecrypt, secret, vector, bytes);
}

absl::StatusOr<SigningKey> KeyOf(SshFields& fields) {
  ASSIGN_OR_RETURN(const absl::string_view type, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view first, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view second, fields.Text());
  if (type == "ssh-ed25519") return SigningKey::Ed25519(second.substr(0, kSeed));
  ASSIGN_OR_RETURN(const absl::string_view third, fields.Text());
  if (type == "ssh-rsa") return SigningKey::Rsa(first, second, third);
  for (const CurveName& curve : kCurves) {
    if (type == curve.type && first == curve.name) {
      return SigningKey::Ecdsa(curve.curve, second, third);
    }
  }
  return absl::InvalidArgumentError("ssh: unhandled key type");
}

absl::StatusOr<SigningKey> ParseOpenSsh(absl::string_view text, const Secret& passphrase) {
  std::string blob;
  if (!absl::ConsumePrefix(&text, kBegin) || !absl::ConsumeSuffix(&text, kEnd) ||
      !absl::Base64Unescape(text, &blob)) {
    return NoKey();
  }
  absl::string_view body = blob;
  if (!absl::ConsumePrefix(&body, kMagic)) return NoKey();
  SshFields fields(body);
  ASSIGN_OR_RETURN(const absl::string_view cipher, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view kdf, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view kdf_options, fields.Text());
  ASSIGN_OR_RETURN(const uint32_t count, fields.Number());
  if (count != 1) return absl::InvalidArgumentError("ssh: multi-key files are not supported");
  RETURN_IF_ERROR(fields.Text().status());  // the public key
  ASSIGN_OR_RETURN(const absl::string_view bytes, fields.Text());
  ASSIGN_OR_RETURN(const std::string plain, Decrypt(cipher, kdf, kdf_options, bytes, passphrase));
  SshFields secret(plain);
  const auto check = secret.Number();
  const auto again = secret.Number();
  if (!check.ok() || !again.ok() || *check != *again) {
    return cipher == "none"
               ? NoKey()
               : absl::PermissionDeniedError("ssh: the passphrase of the private key is wrong");
  }
  return KeyOf(secret);
}

absl::StatusOr<std::string> PublicBlob(const SigningKey& key) {
  std::string blob;
  if (key.kind() == SigningKey::Kind::kRsa) {
    ASSIGN_OR_RETURN(const auto numbers, key.PublicNumbers());
    AppendSshText("ssh-rsa", blob);
    AppendSshMpint(numbers.second, blob);
    AppendSshMpint(numbers.first, blob);
    return blob;
  }
  ASSIGN_OR_RETURN(const std::string point, key.PublicPoint());
  if (key.kind() == SigningKey::Kind::kEcdsa) {
    AppendSshText(NameOf(key.curve()).type, blob);
    AppendSshText(NameOf(key.curve()).name, blob);
  } else {
    AppendSshText("ssh-ed25519", blob);
  }
  AppendSshText(point, blob);
  return blob;
}

}  // namespace

absl::StatusOr<SshPrivateKey> SshPrivateKey::Of(SigningKey key) {
  if (key.kind() == SigningKey::Kind::kRsa && key.bits() < kLeastRsaBits) {
    return absl::InvalidArgumentError(
        absl::StrCat("ssh: RSA keys need at least ", kLeastRsaBits, " bits"));
  }
  ASSIGN_OR_RETURN(std::string blob, PublicBlob(key));
  return SshPrivateKey(std::move(key), std::move(blob));
}

absl::StatusOr<SshPrivateKey> SshPrivateKey::Parse(const Secret& text, const Secret& passphrase) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text.Reveal());
  if (trimmed.size() > kMaxText) return NoKey();
  if (absl::StartsWith(trimmed, kBegin)) {
    ASSIGN_OR_RETURN(SigningKey key, ParseOpenSsh(trimmed, passphrase));
    return Of(std::move(key));
  }
  auto key = SigningKey::FromPem(text, passphrase);
  if (absl::IsPermissionDenied(key.status())) {
    return absl::PermissionDeniedError(absl::StrCat("ssh: ", key.status().message()));
  }
  if (!key.ok()) return NoKey();
  return Of(*std::move(key));
}

absl::StatusOr<std::string> SshPrivateKey::Sign(absl::string_view message) const {
  std::string wire;
  switch (key_.kind()) {
    case SigningKey::Kind::kEd25519: {
      ASSIGN_OR_RETURN(const std::string raw, key_.Sign(Algorithm::kSha512, message));
      AppendSshText("ssh-ed25519", wire);
      AppendSshText(raw, wire);
      return wire;
    }
    case SigningKey::Kind::kRsa: {
      ASSIGN_OR_RETURN(const std::string raw, key_.Sign(Algorithm::kSha512, message));
      AppendSshText("rsa-sha2-512", wire);
      AppendSshText(raw, wire);
      return wire;
    }
    case SigningKey::Kind::kEcdsa:
      break;
  }
  const CurveName& curve = NameOf(key_.curve());
  ASSIGN_OR_RETURN(const std::string der, key_.Sign(curve.digest, message));
  ASSIGN_OR_RETURN(const auto numbers, crypto::EcdsaNumbers(der));
  std::string inner;
  AppendSshMpint(numbers.first, inner);
  AppendSshMpint(numbers.second, inner);
  AppendSshText(curve.type, wire);
  AppendSshText(inner, wire);
  return wire;
}

absl::StatusOr<std::string> SshPrivateKey::SignArmoured(absl::string_view payload,
                                                        absl::string_view name_space) const {
  std::string message = "SSHSIG";
  AppendSshText(name_space, message);
  AppendSshText("", message);
  AppendSshText("sha512", message);
  AppendSshText(crypto::Digest(Algorithm::kSha512, payload), message);
  ASSIGN_OR_RETURN(const std::string signature, Sign(message));
  std::string blob = "SSHSIG";
  AppendSshNumber(1, blob);
  AppendSshText(public_blob_, blob);
  AppendSshText(name_space, blob);
  AppendSshText("", blob);
  AppendSshText("sha512", blob);
  AppendSshText(signature, blob);
  const std::string base64 = absl::Base64Escape(blob);
  std::string armoured = "-----BEGIN SSH SIGNATURE-----\n";
  for (size_t i = 0; i < base64.size(); i += kArmourWidth) {
    absl::StrAppend(&armoured, base64.substr(i, kArmourWidth), "\n");
  }
  absl::StrAppend(&armoured, "-----END SSH SIGNATURE-----\n");
  return armoured;
}

}  // namespace sluice::signature
