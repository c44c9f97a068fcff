// age files (age-encryption.org/v1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/age/identity.h"
#include "common/base/secret.h"

namespace sluice::age {

inline constexpr size_t kMaxFile = size_t{64} << 20;

// What `file`, armored or not, holds, for the first of `identities` that it was encrypted to.
//
// kPermissionDenied if it was for none of them; kInvalidArgument for a file that is malformed,
// truncated or changed; kResourceExhausted beyond kMaxFile bytes. Messages, worded as age's own,
// hold nothing of the file.
absl::StatusOr<Secret> Decrypt(absl::string_view file, const Identities& identities);

}  // namespace sluice::age
