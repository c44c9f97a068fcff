// SPDX-License-Identifier: Apache-2.0
#include "common/age/hybrid_identity.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/age/base64.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/ml_kem.h"
#include "common/crypto/signing.h"

namespace sluice::age {
namespace {

constexpr absl::string_view kLabel = "age-encryption.org/mlkem768x25519";
constexpr absl::string_view kXWingLabel = "\\.//^\\";
// The key encapsulation 0x647a, the key derivation 1 (HKDF-SHA256), the cipher 3
// (ChaCha20-Poly1305).
constexpr absl::string_view kSuite("HPKE\x64\x7a\x00\x01\x00\x03", 10);
constexpr absl::string_view kVersion = "HPKE-v1";
constexpr size_t kSeedBytes = 32;
constexpr size_t kNonceBytes = 12;

// RFC 9180 4: extraction and expansion, bound to the suite and to what the result is for.
Secret LabeledExtract(absl::string_view salt, absl::string_view label, absl::string_view key) {
  const Secret input(absl::StrCat(kVersion, kSuite, label, key));
  return Secret(crypto::HmacSha256(salt, input.Reveal()));
}
absl::StatusOr<Secret> LabeledExpand(const Secret& key, absl::string_view label,
                                     absl::string_view info, size_t size) {
  const char length[] = {static_cast<char>(size >> 8), static_cast<char>(size & 0xFF)};
  return crypto::HkdfExpandSha256(
      key, absl::StrCat(absl::string_view(length, 2), kVersion, kSuite, label, info), size);
}

class Hybrid : public Identity {
 public:
  Hybrid(crypto::MlKem768 lattice, Secret scalar, std::string point)
      : lattice_(std::move(lattice)), scalar_(std::move(scalar)), point_(std::move(point)) {}

  absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const override {
    for (const Stanza& stanza : stanzas) {
      if (stanza.type != "mlkem768x25519") continue;
      const std::optional<std::string> share =
          stanza.arguments.size() == 1 ? DecodeBase64(stanza.arguments[0]) : std::nullopt;
      if (!share.has_value() ||
          share->size() != crypto::kMlKem768CiphertextBytes + crypto::kX25519Bytes) {
        return absl::InvalidArgumentError("invalid mlkem768x25519 recipient block");
      }
      if (stanza.body.size() != kFileKeyBytes + crypto::kAeadTagBytes) {
        return absl::InvalidArgumentError(
            "invalid mlkem768x25519 recipient block: incorrect file key size");
      }
      ASSIGN_OR_RETURN(const Secret shared, Decapsulate(*share));
      auto file_key = Open(shared, stanza.body);
      if (file_key.ok()) return *std::move(file_key);
    }
    return std::nullopt;
  }

 private:
  absl::StatusOr<Secret> Decapsulate(const std::string& share) const {
    const absl::string_view ciphertext =
        absl::string_view(share).substr(0, crypto::kMlKem768CiphertextBytes);
    const absl::string_view point =
        absl::string_view(share).substr(crypto::kMlKem768CiphertextBytes);
    ASSIGN_OR_RETURN(const Secret lattice, lattice_.Decapsulate(ciphertext));
    const auto agreed = crypto::X25519(scalar_, point);
    if (!agreed.ok()) return absl::InvalidArgumentError("invalid mlkem768x25519 recipient");
    const Secret input(
        absl::StrCat(lattice.Reveal(), agreed->Reveal(), point, point_, kXWingLabel));
    return Secret(crypto::Sha3(input.Reveal()));
  }

  // HPKE's base mode: the first message under the shared secret.
  static absl::StatusOr<Secret> Open(const Secret& shared, absl::string_view sealed) {
    const char base_mode = 0;
    const std::string context = absl::StrCat(absl::string_view(&base_mode, 1),
                                             LabeledExtract("", "psk_id_hash", "").Reveal(),
                                             LabeledExtract("", "info_hash", kLabel).Reveal());
    const Secret secret = LabeledExtract(shared.Reveal(), "secret", "");
    ASSIGN_OR_RETURN(const Secret key,
                     LabeledExpand(secret, "key", context, crypto::kAeadKeyBytes));
    ASSIGN_OR_RETURN(const Secret nonce, LabeledExpand(secret, "base_nonce", context, kNonceBytes));
    return crypto::Open(crypto::Aead::kChaCha20Poly1305, key, nonce.Reveal(), sealed, "");
  }

  const crypto::MlKem768 lattice_;
  const Secret scalar_;
  const std::string point_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Identity>> HybridIdentity(const Secret& seed) {
  if (seed.Reveal().size() != kSeedBytes) {
    return absl::InvalidArgumentError("malformed secret key: invalid length");
  }
  const Secret expanded(
      crypto::Shake256(seed.Reveal(), crypto::kMlKemSeedBytes + crypto::kX25519Bytes));
  const Secret lattice_seed(std::string(expanded.Reveal().substr(0, crypto::kMlKemSeedBytes)));
  Secret scalar(std::string(expanded.Reveal().substr(crypto::kMlKemSeedBytes)));
  ASSIGN_OR_RETURN(crypto::MlKem768 lattice, crypto::MlKem768::FromSeed(lattice_seed));
  ASSIGN_OR_RETURN(std::string point, crypto::X25519PublicKey(scalar));
  return std::make_shared<Hybrid>(std::move(lattice), std::move(scalar), std::move(point));
}

}  // namespace sluice::age
