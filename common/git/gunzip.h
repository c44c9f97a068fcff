// Decompression of a request body: git gzips its longer requests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::git {

// kInvalidArgument for what is no gzip stream, kResourceExhausted beyond `limit` bytes.
absl::StatusOr<std::string> Gunzip(absl::string_view bytes, size_t limit);

}  // namespace sluice::git
