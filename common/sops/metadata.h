// What SOPS keeps beside the values: who can decrypt the data key, and which values are encrypted.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::sops {

inline constexpr size_t kMaxMasterKeys = 1000;

enum class KeyType : uint8_t { kAge, kPgp, kAwsKms, kGcpKms, kHuaweiKms, kAzureKeyVault, kVault };

// A key that the data key, or a group's share of it, is encrypted to.
struct MasterKey {
  KeyType type = KeyType::kAge;
  // age's recipient, PGP's fingerprint, AWS's ARN, Google's resource id, the URL of a vault.
  std::string id;
  std::string encrypted_key;                   // as it is written
  std::string role, profile;                   // AWS
  std::map<std::string, std::string> context;  // AWS
  std::string key_name;                        // Azure, Vault
  std::string version;                         // Azure
  std::string engine_path;                     // Vault

  // How messages name it.
  std::string Name() const;
};
using KeyGroup = std::vector<MasterKey>;

// Which values are encrypted; at most one of these is not empty.
struct CryptRule {
  std::string unencrypted_suffix, encrypted_suffix;
  std::string unencrypted_regex, encrypted_regex;
  std::string unencrypted_comment_regex, encrypted_comment_regex;
};

struct Metadata {
  std::vector<KeyGroup> groups;  // one at least
  size_t shamir_threshold = 0;   // of several groups: how many are needed
  CryptRule rule;
  bool mac_only_encrypted = false;  // the MAC leaves out the others
  std::string mac;                  // encrypted, "" if there is none
  std::string last_modified;        // RFC 3339, as MACs are bound to it
  std::string version;              // of the SOPS that wrote it
};

// `sops` is the object under that key; numbers and booleans may be texts. kInvalidArgument, in the
// words of SOPS where it has any, for what is none.
absl::StatusOr<Metadata> ParseMetadata(const Value& sops);

// Puts together what dotenv and INI keep in one level: "age__list_0__map_enc". `entries` are the
// keys without "sops_" before them. Line breaks are written "\n" in their values.
absl::StatusOr<Value> UnflattenMetadata(
    const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace sluice::sops
