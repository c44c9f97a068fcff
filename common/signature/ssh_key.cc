// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_key.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/public_key.h"

namespace sluice::signature {
namespace {

using crypto::Algorithm;
using crypto::Curve;

constexpr size_t kMaxAuthorizedKeys = size_t{1} << 20;
constexpr size_t kEdwardsSignature = 64;

absl::Status Short() { return absl::InvalidArgumentError("ssh: short read"); }

struct EllipticCurve {
  const char *type, *name;
  Curve curve;
  Algorithm digest;
};
constexpr EllipticCurve kCurves[] = {
    {"ecdsa-sha2-nistp256", "nistp256", Curve::kP256, Algorithm::kSha256},
    {"ecdsa-sha2-nistp384", "nistp384", Curve::kP384, Algorithm::kSha384},
    {"ecdsa-sha2-nistp521", "nistp521", Curve::kP521, Algorithm::kSha512},
};

const EllipticCurve* FindCurve(absl::string_view type) {
  for (const EllipticCurve& curve : kCurves) {
    if (type == curve.type) return &curve;
  }
  return nullptr;
}

// The key of `blob`, with nothing left behind it.
absl::StatusOr<crypto::PublicKey> KeyOf(absl::string_view blob) {
  SshFields fields(blob);
  ASSIGN_OR_RETURN(const absl::string_view type, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view first, fields.Text());
  std::optional<absl::StatusOr<crypto::PublicKey>> key;
  if (type == "ssh-ed25519") {
    key = crypto::PublicKey::Ed25519(first);
  } else if (type == "ssh-rsa") {
    ASSIGN_OR_RETURN(const absl::string_view modulus, fields.Text());
    key = crypto::PublicKey::Rsa(modulus, first);
  } else if (const EllipticCurve* curve = FindCurve(type);
             curve != nullptr && first == curve->name) {
    ASSIGN_OR_RETURN(const absl::string_view point, fields.Text());
    key = crypto::PublicKey::Ecdsa(curve->curve, point);
  } else {
    return absl::InvalidArgumentError("ssh: unknown key algorithm");
  }
  if (!fields.empty()) return absl::InvalidArgumentError("ssh: trailing junk in public key");
  return *std::move(key);
}

// The digest that a signature of algorithm `name` by a key of type `key_type` is made over.
std::optional<Algorithm> DigestOf(absl::string_view key_type, absl::string_view name) {
  if (key_type == "ssh-rsa") {
    if (name == "rsa-sha2-256") return Algorithm::kSha256;
    if (name == "rsa-sha2-512") return Algorithm::kSha512;
    return std::nullopt;
  }
  if (name != key_type) return std::nullopt;
  const EllipticCurve* curve = FindCurve(key_type);
  return curve == nullptr ? Algorithm::kSha256 : curve->digest;
}

absl::StatusOr<bool> Verifies(absl::string_view blob, absl::string_view message,
                              absl::string_view signature) {
  ASSIGN_OR_RETURN(const crypto::PublicKey key, KeyOf(blob));
  ASSIGN_OR_RETURN(const absl::string_view type, SshFields(blob).Text());
  SshFields fields(signature);
  ASSIGN_OR_RETURN(const absl::string_view name, fields.Text());
  ASSIGN_OR_RETURN(const absl::string_view bytes, fields.Text());
  const std::optional<Algorithm> digest = DigestOf(type, name);
  if (!fields.empty() || !digest.has_value()) return false;
  if (FindCurve(type) == nullptr) {
    if (type == "ssh-ed25519" && bytes.size() != kEdwardsSignature) return false;
    return key.Verify(*digest, message, bytes);
  }
  SshFields numbers(bytes);
  ASSIGN_OR_RETURN(const absl::string_view r, numbers.Text());
  ASSIGN_OR_RETURN(const absl::string_view s, numbers.Text());
  if (!numbers.empty()) return false;
  ASSIGN_OR_RETURN(const std::string der, crypto::EcdsaSignature(r, s));
  return key.Verify(*digest, message, der);
}

// Where the options at the start of an authorized_keys line end: at a blank outside quotes.
absl::string_view AfterOptions(absl::string_view line) {
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (line[i] == ' ' || line[i] == '\t')) {
      return absl::StripLeadingAsciiWhitespace(line.substr(i));
    }
  }
  return "";
}

// "TYPE BASE64 [comment]"
std::optional<SshPublicKey> KeyOfLine(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::MaxSplits(absl::ByAnyChar(" \t"), 2));
  std::string blob;
  if (words.size() < 2 || !absl::Base64Unescape(words[1], &blob)) return std::nullopt;
  auto key = SshPublicKey::FromBlob(blob);
  const auto type = SshFields(blob).Text();
  if (!key.ok() || !type.ok() || *type != words[0]) return std::nullopt;
  return *std::move(key);
}

}  // namespace

absl::StatusOr<uint32_t> SshFields::Number() {
  if (rest_.size() < 4) return Short();
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(4);
  return number;
}

absl::StatusOr<absl::string_view> SshFields::Text() {
  ASSIGN_OR_RETURN(const uint32_t size, Number());
  if (size > rest_.size()) return Short();
  const absl::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

absl::StatusOr<SshPublicKey> SshPublicKey::FromBlob(absl::string_view blob) {
  RETURN_IF_ERROR(KeyOf(blob).status());
  return SshPublicKey(blob);
}

bool SshPublicKey::Verify(absl::string_view message, absl::string_view signature) const {
  return Verifies(blob_, message, signature).value_or(false);
}

std::string SshPublicKey::Fingerprint() const {
  std::string text = absl::Base64Escape(crypto::Digest(Algorithm::kSha256, blob_));
  while (!text.empty() && text.back() == '=') text.pop_back();
  return absl::StrCat("SHA256:", text);
}

absl::StatusOr<std::vector<SshPublicKey>> ParseAuthorizedKeys(absl::string_view text) {
  if (text.size() > kMaxAuthorizedKeys) {
    return absl::InvalidArgumentError("unable to parse authorized key: too large");
  }
  std::vector<SshPublicKey> keys;
  for (const absl::string_view raw : absl::StrSplit(text, '\n')) {
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line.front() == '#') continue;
    std::optional<SshPublicKey> key = KeyOfLine(line);
    if (!key.has_value()) key = KeyOfLine(AfterOptions(line));
    if (!key.has_value()) {
      return absl::InvalidArgumentError("unable to parse authorized key: ssh: no key found");
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace sluice::signature
