// HTTP/1.1 message syntax (RFC 9112) as text: heads parsed and written, body framing decided. No
// I/O.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/message.h"

namespace sluice::http {

// The most bytes of a head, and the most fields in it.
inline constexpr size_t kMaxHead = size_t{256} << 10;
inline constexpr size_t kMaxFields = 256;

struct RequestHead {
  std::string method;
  std::string target;     // as received
  int minor_version = 1;  // of HTTP/1
  Headers headers;
};

struct ResponseHead {
  int status = 0;
  int minor_version = 1;
  Headers headers;
};

// `head` is everything before the empty line. kInvalidArgument for what RFC 9112 does not allow;
// lines folded over two (obs-fold) are refused, a line may end in LF alone.
absl::StatusOr<RequestHead> ParseRequestHead(absl::string_view head);
absl::StatusOr<ResponseHead> ParseResponseHead(absl::string_view head);

// How the end of a body is found.
struct Framing {
  enum class Kind : uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t length = 0;  // kLength
};

// kInvalidArgument for lengths that are no numbers or contradict each other, and for a message with
// both a length and a transfer coding (request smuggling, RFC 9112 6.3).
absl::StatusOr<Framing> RequestFraming(const Headers& headers);
// `method` is that of the request.
absl::StatusOr<Framing> ResponseFraming(absl::string_view method, const ResponseHead& head);

// Whether the connection may carry another message after this one.
bool KeepsAlive(int minor_version, const Headers& headers);

// Whether `method` and the fields may be sent: tokens for names, no line breaks in values.
absl::Status CheckSendable(absl::string_view method, const Headers& headers);

// "Name: value\r\n". A line break or NUL in the value becomes a blank, so that no value can add a
// field.
void AppendField(std::string& head, absl::string_view name, absl::string_view value);

// The usual words for a status code ("Not Found"), or "Status".
absl::string_view StatusText(int status);

}  // namespace sluice::http
