// ObjectId: the SHA-1 that names a Git object. Repositories with SHA-256 names are not supported,
// as they are not by Flux.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::git {

struct ObjectId {
  static constexpr size_t kBytes = 20;
  static constexpr size_t kHexDigits = 40;

  // 40 hex digits of either case; kInvalidArgument otherwise.
  static absl::StatusOr<ObjectId> Parse(absl::string_view hex);
  // `raw` must hold kBytes bytes.
  static ObjectId FromRaw(absl::string_view raw);

  // Lower case.
  std::string Hex() const;
  absl::string_view Raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // The name of no object; upload-pack advertises it for an empty repository.
  bool IsZero() const { return *this == ObjectId{}; }

  auto operator<=>(const ObjectId&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const ObjectId& id) {
    return H::combine(std::move(state), id.bytes);
  }

  std::array<uint8_t, kBytes> bytes{};
};

}  // namespace sluice::git
