// SPDX-License-Identifier: Apache-2.0
#include "common/age/ssh_identity.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/age/base64.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/private_key.h"
#include "common/crypto/rsa_encryption.h"
#include "common/signature/ssh_key.h"

namespace sluice::age {
namespace {

using signature::SshFields;

constexpr absl::string_view kEd25519Label = "age-encryption.org/v1/ssh-ed25519";
constexpr absl::string_view kRsaLabel = "age-encryption.org/v1/ssh-rsa";
constexpr absl::string_view kOpenSshBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr absl::string_view kMagic("openssh-key-v1\0", 15);
constexpr size_t kSeedBytes = 32;

absl::Status Malformed() { return absl::InvalidArgumentError("malformed SSH private key"); }

// How stanzas name the key that they are for.
std::string FingerprintOf(absl::string_view blob) {
  return EncodeBase64(crypto::Digest(crypto::Algorithm::kSha256, blob).substr(0, 4));
}

std::string Field(absl::string_view bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
  out.append(bytes.data(), bytes.size());
  return out;
}

// SSH's form of a positive number: no leading zeros, but one where the first bit is set.
std::string NumberField(absl::string_view bytes) {
  while (!bytes.empty() && bytes[0] == '\0') bytes.remove_prefix(1);
  std::string number(bytes);
  if (!number.empty() && (static_cast<unsigned char>(number[0]) & 0x80) != 0)
    number.insert(0, 1, '\0');
  return Field(number);
}

class Ed25519Identity : public Identity {
 public:
  Ed25519Identity(std::string blob, Secret scalar, std::string point)
      : blob_(std::move(blob)), scalar_(std::move(scalar)), point_(std::move(point)) {}

  absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const override {
    const std::string fingerprint = FingerprintOf(blob_);
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != "ssh-ed25519") continue;
      const std::optional<std::string> share =
          stanza.arguments.size() == 2 ? DecodeBase64(stanza.arguments[1]) : std::nullopt;
      if (!share.has_value() || share->size() != crypto::kX25519Bytes) {
        return absl::InvalidArgumentError("invalid ssh-ed25519 recipient block");
      }
      if (stanza.arguments[0] != fingerprint) continue;
      // The key of SSH is tweaked, so that no other use of it agrees on the same.
      ASSIGN_OR_RETURN(const Secret tweak,
                       crypto::HkdfSha256(Secret(), blob_, kEd25519Label, crypto::kX25519Bytes));
      auto shared = crypto::X25519(scalar_, *share);
      if (shared.ok()) shared = crypto::X25519(tweak, shared->Reveal());
      if (!shared.ok()) return absl::InvalidArgumentError("invalid ssh-ed25519 recipient");
      ASSIGN_OR_RETURN(const Secret key, crypto::HkdfSha256(*shared, absl::StrCat(*share, point_),
                                                            kEd25519Label, crypto::kAeadKeyBytes));
      ASSIGN_OR_RETURN(std::optional<Secret> file_key, OpenFileKey(key, stanza));
      if (file_key.has_value()) return file_key;
    }
    return std::nullopt;
  }

 private:
  const std::string blob_;  // the public key in SSH's format
  const Secret scalar_;
  const std::string point_;
};

class RsaIdentity : public Identity {
 public:
  RsaIdentity(std::string blob, crypto::PrivateKey key)
      : fingerprint_(FingerprintOf(blob)), key_(std::move(key)) {}

  absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const override {
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != "ssh-rsa") continue;
      if (stanza.arguments.size() != 1) {
        return absl::InvalidArgumentError("invalid ssh-rsa recipient block");
      }
      if (stanza.arguments[0] != fingerprint_) continue;
      auto opened = crypto::DecryptRsaOaep(key_, stanza.body, kRsaLabel);
      if (opened.ok() && opened->Reveal().size() == kFileKeyBytes) return *std::move(opened);
    }
    return std::nullopt;
  }

 private:
  const std::string fingerprint_;
  const crypto::PrivateKey key_;
};

absl::StatusOr<std::shared_ptr<const Identity>> RsaIdentityOf(crypto::PrivateKey key) {
  ASSIGN_OR_RETURN(const crypto::RsaNumbers numbers, crypto::RsaPublicNumbers(key));
  std::string blob = absl::StrCat(Field("ssh-rsa"), NumberField(numbers.public_exponent),
                                  NumberField(numbers.modulus));
  return std::make_shared<RsaIdentity>(std::move(blob), std::move(key));
}

// The private half of OpenSSH's format (its PROTOCOL.key): two equal numbers, then the key.
absl::StatusOr<std::shared_ptr<const Identity>> FromFields(absl::string_view bytes) {
  SshFields fields(bytes);
  ASSIGN_OR_RETURN(const uint32_t check, fields.Number());
  ASSIGN_OR_RETURN(const uint32_t again, fields.Number());
  if (check != again) return Malformed();
  ASSIGN_OR_RETURN(const absl::string_view type, fields.Text());
  if (type == "ssh-ed25519") {
    ASSIGN_OR_RETURN(const absl::string_view public_key, fields.Text());
    ASSIGN_OR_RETURN(const absl::string_view pair, fields.Text());
    if (pair.size() != 2 * kSeedBytes) return Malformed();
    ASSIGN_OR_RETURN(Secret scalar, crypto::X25519ScalarOfEd25519(
                                        Secret(std::string(pair.substr(0, kSeedBytes)))));
    ASSIGN_OR_RETURN(std::string point, crypto::X25519PublicKey(scalar));
    return std::make_shared<Ed25519Identity>(absl::StrCat(Field(type), Field(public_key)),
                                             std::move(scalar), std::move(point));
  }
  if (type != "ssh-rsa") {
    return absl::InvalidArgumentError(
        "unsupported SSH identity type: only ssh-ed25519 and ssh-rsa");
  }
  crypto::RsaNumbers numbers;
  ASSIGN_OR_RETURN(const absl::string_view n, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view e, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view d, fields.Text());
  numbers.modulus = std::string(n);
  numbers.public_exponent = std::string(e);
  numbers.private_exponent = Secret(std::string(d));
  ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::RsaKeyOf(numbers));
  return RsaIdentityOf(std::move(key));
}

absl::StatusOr<std::shared_ptr<const Identity>> FromOpenSsh(absl::string_view digits) {
  std::string bytes;
  if (!absl::Base64Unescape(digits, &bytes)) return Malformed();
  const Secret file(std::move(bytes));
  absl::string_view rest = file.Reveal();
  if (!absl::ConsumePrefix(&rest, kMagic)) return Malformed();
  SshFields fields(rest);
  ASSIGN_OR_RETURN(const absl::string_view cipher, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view derivation, fields.Text());
  RETURN_IF_ERROR(fields.Text().status());  // its parameters
  ASSIGN_OR_RETURN(const uint32_t keys, fields.Number());
  if (cipher != "none" || derivation != "none") {
    return absl::InvalidArgumentError("the SSH private key has a passphrase; store it without one");
  }
  if (keys != 1) return Malformed();
  RETURN_IF_ERROR(fields.Text().status());  // the public key
  ASSIGN_OR_RETURN(const absl::string_view half, fields.Text());
  return FromFields(half);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Identity>> ParseSshIdentity(absl::string_view pem) {
  absl::string_view body = pem;
  if (absl::ConsumePrefix(&body, kOpenSshBegin)) {
    auto identity = FromOpenSsh(body.substr(0, body.find("-----END")));
    // A text that ends too early is as malformed as any other.
    if (absl::StrContains(identity.status().message(), "short read")) return Malformed();
    return identity;
  }
  auto key = crypto::PrivateKey::FromPem(pem);
  if (!key.ok()) return Malformed();
  auto identity = RsaIdentityOf(*std::move(key));
  if (!identity.ok()) {
    return absl::InvalidArgumentError(
        "unsupported SSH identity type: only ssh-ed25519 and ssh-rsa");
  }
  return identity;
}

}  // namespace sluice::age
