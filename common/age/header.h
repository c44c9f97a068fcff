// The header of an age file: the file key, wrapped once for each recipient.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::age {

inline constexpr size_t kMaxHeader = size_t{2} << 20;
inline constexpr size_t kMaxStanzas = 1024;
inline constexpr size_t kMaxArguments = 128;

// "-> type argument argument", then a body.
struct Stanza {
  std::string type;
  std::vector<std::string> arguments;
  std::string body;
};

struct Header {
  std::vector<Stanza> stanzas;  // one at least
  std::string authenticated;    // the part that the MAC is made over
  std::string mac;              // 32 bytes
  size_t size = 0;              // bytes; the payload follows
};

// The header that `file` (not armored) begins with. kInvalidArgument, without bytes of it, for what
// is none.
absl::StatusOr<Header> ParseHeader(absl::string_view file);

}  // namespace sluice::age
