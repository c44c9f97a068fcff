// Errors of the Kubernetes API as absl::Status.
//
// The code says what a caller can do about it; the API's own reason ("AlreadyExists",
// "Invalid", …), HTTP code and Retry-After travel as a payload.
//
//   404 kNotFound · 409 kAlreadyExists (reason AlreadyExists) or kAborted · 410 kOutOfRange
//   400, 415, 422 kInvalidArgument · 401 kUnauthenticated · 403 kPermissionDenied
//   429 kResourceExhausted · 500, 502, 503, 504 kUnavailable · others kUnknown

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/http/message.h"
#include "common/value/value.h"

namespace sluice::kube {

// The error of a response whose status is not 2xx. The message is the API's, or names `what` and
// the HTTP status when the body is no Status object.
absl::Status ErrorFromResponse(const http::Response& response, absl::string_view what);
// The error of a Status object, for example from a watch's ERROR event.
absl::Status ErrorFromStatusObject(const Value& status);

// The API's reason ("Invalid", "Forbidden", "Conflict"), "" for other errors.
std::string ErrorReason(const absl::Status& status);
// The HTTP code, 0 for other errors.
int ErrorHttpCode(const absl::Status& status);
// What the server asked to wait, zero if it did not.
absl::Duration RetryAfter(const absl::Status& status);

}  // namespace sluice::kube
