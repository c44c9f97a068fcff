// Heads and bodies off a connection, for both sides.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/http/connection.h"
#include "common/http/transport.h"
#include "common/http/wire.h"

namespace sluice::http {

// Everything before the next empty line, which is consumed with it; empty lines before it are
// skipped. Nothing when the stream ends before its first byte. kResourceExhausted beyond kMaxHead
// bytes, kUnavailable when the stream ends within, or the connection's error.
absl::StatusOr<std::optional<std::string>> ReadHead(Connection& connection,
                                                    const Patience& patience);

// Hands the body's pieces to `on_data` until it ends; trailers are read and dropped. Errors:
// `on_data`'s, kUnavailable when the stream ends too early, kInvalidArgument for a broken chunked
// coding, or the connection's.
absl::Status ReadBody(Connection& connection, const Patience& patience, const Framing& framing,
                      const OnData& on_data);

// `bytes` as one chunk of the chunked coding; `bytes` is not empty, which would end the body.
std::string FormatChunk(absl::string_view bytes);
inline constexpr absl::string_view kLastChunk = "0\r\n\r\n";

}  // namespace sluice::http
