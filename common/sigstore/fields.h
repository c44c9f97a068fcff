// Fields of Sigstore's JSON, which is that of Protocol Buffers: bytes are base64, 64-bit numbers
// may be text. For this folder.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::sigstore {

// kInvalidArgument naming `field` for what is not base64; of "" and of nothing at all, no bytes.
absl::StatusOr<std::string> BytesField(const Value& value, absl::string_view field);
// The same for a whole number, 0 for nothing at all.
absl::StatusOr<int64_t> NumberField(const Value& value, absl::string_view field);

}  // namespace sluice::sigstore
