// One request to a store's API, with its refusals made errors.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/bucket/object_store.h"
#include "common/http/message.h"
#include "common/http/transport.h"

namespace sluice::bucket {

// Escaped for a URL's path, "/" staying as it is.
std::string EscapePath(absl::string_view path);

// What the body of a refusal says, without what surrounds it: <Message> in XML, "message" or
// "error_description" in JSON; otherwise the status in words.
std::string RefusalText(const http::Response& response);

// The refusal as an error: 404 is kNotFound, 401 kUnauthenticated, 403 kPermissionDenied, 412
// kAborted, 429 and 5xx kUnavailable, others kFailedPrecondition.
absl::Status Refusal(const http::Response& response);

// Send() with queries removed from the errors; a refusal is a response.
absl::StatusOr<http::Response> Send(const Context& ctx, http::Transport& transport,
                                    const http::Request& request);

// Hands the body of a 200 to `write` and gives its head. Of a refusal the head and the beginning of
// the body are given and nothing is written.
absl::StatusOr<http::Response> Download(const Context& ctx, http::Transport& transport,
                                        const http::Request& request, ObjectStore::Write write);

// An ETag without the quotes around it.
std::string Unquoted(absl::string_view etag);

}  // namespace sluice::bucket
