// IP addresses, read and printed as Go's package net/netip does.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

struct IpAddress {
  bool is_v4 = false;
  // The last four for IPv4, in network order; the others are 0.
  std::array<uint8_t, 16> bytes = {};
  bool has_zone = false;

  // kInvalidArgument: `ParseAddr("1.2"): IPv4 address too short`.
  static absl::StatusOr<IpAddress> Parse(absl::string_view text);

  std::string ToString() const;
  int bits() const { return is_v4 ? 32 : 128; }
  // The bit at `index` from the front of the address.
  bool bit(int index) const;
  // ::ffff:a.b.c.d
  bool is_mapped_v4() const;
  // With all bits behind the first `prefix` cleared.
  IpAddress Masked(int prefix) const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

}  // namespace sluice::cel
