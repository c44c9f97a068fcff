// Bech32 (BIP 173, without its limit on lengths): the text form of age's keys.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::age {

struct Bech32 {
  std::string prefix;  // in the case that it was written in
  std::string bytes;
};

// kInvalidArgument, without the text, for what is none: a wrong checksum, mixed case, other
// characters, or more than 4096 of them.
absl::StatusOr<Bech32> DecodeBech32(absl::string_view text);
// In the case of `prefix`.
std::string EncodeBech32(absl::string_view prefix, absl::string_view bytes);

}  // namespace sluice::age
