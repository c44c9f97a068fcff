// IP addresses as Go's package net/netip (1.26) reads them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::jsonschema {

struct Address {
  bool is_ipv4 = false;
  std::string zone;
};

// netip.ParseAddr. kInvalidArgument with its text: `ParseAddr("::x"): unexpected character, ...`.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace sluice::jsonschema
