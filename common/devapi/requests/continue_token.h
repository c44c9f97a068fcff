// ContinueToken: where a list that is read page by page goes on.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/storage/object.h"

namespace sluice::devapi {

// The instant that all pages show, and the key after which the next one starts.
struct ContinueToken {
  uint64_t version = 0;
  ObjectKey after;
  // False: the rest of the list as it is now, the instant being forgotten.
  bool consistent = true;

  // Opaque text in the form of the real server's tokens.
  std::string Encode() const;
  // The API error of a token that is none.
  static absl::StatusOr<ContinueToken> Decode(absl::string_view text);
};

}  // namespace sluice::devapi
