// SPDX-License-Identifier: Apache-2.0
#include "common/age/identity.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/age/base64.h"
#include "common/age/bech32.h"
#include "common/age/hybrid_identity.h"
#include "common/age/ssh_identity.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/password.h"

namespace sluice::age {
namespace {

constexpr absl::string_view kX25519Label = "age-encryption.org/v1/X25519";
constexpr absl::string_view kScryptLabel = "age-encryption.org/v1/scrypt";
constexpr size_t kSaltBytes = 16;
constexpr uint64_t kScryptMemory = uint64_t{260} << 20;
constexpr size_t kMaxIdentityFile = size_t{1} << 20;

class X25519Identity : public Identity {
 public:
  X25519Identity(Secret scalar, std::string point)
      : scalar_(std::move(scalar)), point_(std::move(point)) {}

  absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const override {
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != "X25519") continue;
      const std::optional<std::string> share =
          stanza.arguments.size() == 1 ? DecodeBase64(stanza.arguments[0]) : std::nullopt;
      if (!share.has_value() || share->size() != crypto::kX25519Bytes) {
        return absl::InvalidArgumentError("invalid X25519 recipient block");
      }
      auto shared = crypto::X25519(scalar_, *share);
      if (!shared.ok()) return absl::InvalidArgumentError("invalid X25519 recipient");
      ASSIGN_OR_RETURN(const Secret key, crypto::HkdfSha256(*shared, absl::StrCat(*share, point_),
                                                            kX25519Label, crypto::kAeadKeyBytes));
      ASSIGN_OR_RETURN(std::optional<Secret> file_key, OpenFileKey(key, stanza));
      if (file_key.has_value()) return file_key;
    }
    return std::nullopt;
  }

 private:
  const Secret scalar_;
  const std::string point_;
};

class ScryptIdentity : public Identity {
 public:
  explicit ScryptIdentity(Secret passphrase) : passphrase_(std::move(passphrase)) {}

  absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const override {
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != "scrypt") continue;
      if (stanzas.size() != 1) {
        return absl::InvalidArgumentError("an scrypt recipient must be the only one");
      }
      return UnwrapOne(stanza);
    }
    return std::nullopt;
  }

 private:
  absl::StatusOr<std::optional<Secret>> UnwrapOne(const Stanza& stanza) const {
    const std::optional<std::string> salt =
        stanza.arguments.size() == 2 ? DecodeBase64(stanza.arguments[0]) : std::nullopt;
    if (!salt.has_value() || salt->size() != kSaltBytes) {
      return absl::InvalidArgumentError("invalid scrypt recipient block");
    }
    const std::string& digits = stanza.arguments[1];
    int factor = 0;
    if (digits.empty() || digits.size() > 2 || digits[0] == '0' ||
        !absl::c_all_of(digits, absl::ascii_isdigit) || !absl::SimpleAtoi(digits, &factor)) {
      return absl::InvalidArgumentError("scrypt work factor encoding invalid");
    }
    if (factor > kMaxWorkFactor) {
      return absl::InvalidArgumentError(absl::StrCat("scrypt work factor too large: ", factor));
    }
    ASSIGN_OR_RETURN(std::string bytes,
                     crypto::Scrypt(passphrase_.Reveal(), absl::StrCat(kScryptLabel, *salt),
                                    {.n = uint64_t{1} << factor, .r = 8, .p = 1},
                                    crypto::kAeadKeyBytes, kScryptMemory));
    return OpenFileKey(Secret(std::move(bytes)), stanza);
  }

  const Secret passphrase_;
};

absl::StatusOr<std::shared_ptr<const Identity>> ParseKey(absl::string_view line) {
  if (absl::StartsWith(line, "AGE-PLUGIN-")) {
    return absl::InvalidArgumentError("identities of age plugins are not supported");
  }
  if (!absl::StartsWith(line, "AGE-SECRET-KEY-")) {
    return absl::InvalidArgumentError("unknown identity type");
  }
  auto decoded = DecodeBech32(line);
  if (!decoded.ok()) return Annotate(decoded.status(), "malformed secret key");
  Secret scalar(std::move(decoded->bytes));
  if (decoded->prefix == "AGE-SECRET-KEY-PQ-") return HybridIdentity(scalar);
  if (decoded->prefix != "AGE-SECRET-KEY-") {
    return absl::InvalidArgumentError("malformed secret key: unknown type");
  }
  auto point = crypto::X25519PublicKey(scalar);
  if (!point.ok()) return absl::InvalidArgumentError("malformed secret key: invalid length");
  return std::make_shared<X25519Identity>(std::move(scalar), std::move(point).value());
}

}  // namespace

absl::StatusOr<std::optional<Secret>> OpenFileKey(const Secret& key, const Stanza& stanza) {
  if (stanza.body.size() != kFileKeyBytes + crypto::kAeadTagBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid ", stanza.type, " recipient block: incorrect file key size"));
  }
  auto opened =
      crypto::Open(crypto::Aead::kChaCha20Poly1305, key, std::string(12, '\0'), stanza.body, "");
  if (!opened.ok()) return std::nullopt;
  return std::move(opened).value();
}

absl::StatusOr<Identities> ParseIdentities(absl::string_view text) {
  if (text.size() > kMaxIdentityFile) return absl::InvalidArgumentError("identity file too large");
  Identities identities;
  for (absl::string_view rest = text; !rest.empty();) {
    if (absl::StartsWith(rest, "-----BEGIN ")) {
      const size_t end = rest.find("\n-----END ");
      const size_t after =
          end == absl::string_view::npos ? end : std::min(rest.find('\n', end + 1), rest.size());
      if (after == absl::string_view::npos)
        return absl::InvalidArgumentError("unfinished PEM block");
      ASSIGN_OR_RETURN(auto identity, ParseSshIdentity(rest.substr(0, after)));
      identities.push_back(std::move(identity));
      rest.remove_prefix(after);
      continue;
    }
    const size_t end = rest.find('\n');
    const absl::string_view line = absl::StripAsciiWhitespace(rest.substr(0, end));
    rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
    if (line.empty() || line[0] == '#') continue;
    ASSIGN_OR_RETURN(auto identity, ParseKey(line));
    identities.push_back(std::move(identity));
  }
  return identities;
}

std::shared_ptr<const Identity> PassphraseIdentity(Secret passphrase) {
  return std::make_shared<ScryptIdentity>(std::move(passphrase));
}

}  // namespace sluice::age
