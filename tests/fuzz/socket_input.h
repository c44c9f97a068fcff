// An input as what comes from a network.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/http/socket.h"

namespace sluice::fuzz {

// A socket from which the first 64 KiB of `input` can be read, and then its end; what is written to
// it is lost.
http::FileDescriptor SocketWith(absl::string_view input);

}  // namespace sluice::fuzz
