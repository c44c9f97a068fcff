// Writing SSH's wire format; SshFields (ssh_key.h) reads it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::signature {

// Its length in four bytes, then the text.
void AppendSshText(absl::string_view text, std::string& out);
void AppendSshNumber(uint32_t number, std::string& out);
// A number that is not negative, given big-endian without leading zeros.
void AppendSshMpint(absl::string_view number, std::string& out);

}  // namespace sluice::signature
