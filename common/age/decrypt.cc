// SPDX-License-Identifier: Apache-2.0
#include "common/age/decrypt.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/age/armor.h"
#include "common/age/header.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/digest.h"
#include "common/crypto/key_agreement.h"
#include "common/crypto/signing.h"

namespace sluice::age {
namespace {

constexpr size_t kNonceBytes = 16;
constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr size_t kSealedChunkBytes = kChunkBytes + crypto::kAeadTagBytes;
constexpr size_t kMacKeyBytes = 32;

absl::StatusOr<Secret> FileKeyOf(const Header& header, const Identities& identities) {
  if (identities.empty()) return absl::PermissionDeniedError("no identities specified");
  for (const auto& identity : identities) {
    ASSIGN_OR_RETURN(std::optional<Secret> key, identity->Unwrap(header.stanzas));
    if (!key.has_value()) continue;
    ASSIGN_OR_RETURN(const Secret mac_key, crypto::HkdfSha256(*key, "", "header", kMacKeyBytes));
    if (!crypto::ConstantTimeEquals(crypto::HmacSha256(mac_key.Reveal(), header.authenticated),
                                    header.mac)) {
      return absl::InvalidArgumentError("bad header MAC");
    }
    return *std::move(key);
  }
  return absl::PermissionDeniedError(
      identities.size() == 1
          ? "identity did not match any of the recipients: incorrect identity for recipient block"
          : "no identity matched any of the recipients");
}

// A chunk's number, big-endian in eleven bytes, then whether it is the last.
std::string NonceOf(uint64_t chunk, bool last) {
  std::string nonce(12, '\0');
  for (size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<char>(chunk >> 8 * i & 0xFF);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

}  // namespace

absl::StatusOr<Secret> Decrypt(absl::string_view file, const Identities& identities) {
  if (file.size() > kMaxFile) return absl::ResourceExhaustedError("the age file is too large");
  std::string dearmored;
  if (IsArmored(file)) {
    ASSIGN_OR_RETURN(dearmored, Dearmor(file));
    file = dearmored;
  }
  ASSIGN_OR_RETURN(const Header header, ParseHeader(file));
  ASSIGN_OR_RETURN(const Secret file_key, FileKeyOf(header, identities));
  absl::string_view rest = file.substr(header.size);
  if (rest.size() < kNonceBytes) return absl::InvalidArgumentError("failed to read nonce");
  ASSIGN_OR_RETURN(const Secret key, crypto::HkdfSha256(file_key, rest.substr(0, kNonceBytes),
                                                        "payload", crypto::kAeadKeyBytes));
  rest.remove_prefix(kNonceBytes);
  std::string text;
  // Room for all of it at once: a string that grows leaves copies behind.
  text.reserve(rest.size());
  for (uint64_t chunk = 0;; ++chunk) {
    const absl::string_view sealed = rest.substr(0, kSealedChunkBytes);
    rest.remove_prefix(sealed.size());
    const bool last = rest.empty();
    auto opened =
        crypto::Open(crypto::Aead::kChaCha20Poly1305, key, NonceOf(chunk, last), sealed, "");
    // Only an empty file has an empty chunk.
    if (!opened.ok() || (chunk > 0 && opened->empty())) {
      const Secret wiped(std::move(text));
      return absl::InvalidArgumentError(
          "failed to decrypt and authenticate payload chunk, file may be corrupted or tampered "
          "with");
    }
    text.append(opened->Reveal().data(), opened->Reveal().size());
    if (last) return Secret(std::move(text));
  }
}

}  // namespace sluice::age
