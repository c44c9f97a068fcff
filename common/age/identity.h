// Who can read an age file: the holder of a private key or a passphrase.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/age/header.h"
#include "common/base/secret.h"

namespace sluice::age {

inline constexpr size_t kFileKeyBytes = 16;
// Passphrases: scrypt's work factor, 2^18 rounds (256 MiB, about a second), is what age writes.
inline constexpr int kMaxWorkFactor = 18;

// Immutable, thread-safe.
class Identity {
 public:
  virtual ~Identity() = default;

  // The file key, or nothing if none of the stanzas is for this identity. kInvalidArgument for a
  // stanza that claims to be and is malformed.
  virtual absl::StatusOr<std::optional<Secret>> Unwrap(std::span<const Stanza> stanzas) const = 0;
};
using Identities = std::vector<std::shared_ptr<const Identity>>;

// What an identity file holds: an AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1… a line, empty lines and
// comments ("#") between them, and private SSH keys (ssh_identity.h). kInvalidArgument, without the
// text, for anything else.
absl::StatusOr<Identities> ParseIdentities(absl::string_view text);

// The reader of files that were encrypted with a passphrase.
std::shared_ptr<const Identity> PassphraseIdentity(Secret passphrase);

// The file key in the body of a stanza, sealed under `key`; nothing if it was sealed under another.
// kInvalidArgument if it has another length.
absl::StatusOr<std::optional<Secret>> OpenFileKey(const Secret& key, const Stanza& stanza);

}  // namespace sluice::age
