// The failures of the API server, worded and coded as kube-apiserver 1.34 does.
//
// They travel as absl::Status like every other error (NotFound is kNotFound, AlreadyExists
// kAlreadyExists, Conflict kAborted); the Kubernetes Status object (code, reason,
// details) rides along as a payload, and the router turns it into the response:
//
//   if (object == nullptr) return NotFound(resource, name);   // absl::Status
//   ...
//   Value body = StatusObject(status);  int code = HttpCode(status);

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct GroupResource {
  std::string group;     // "" for the core group
  std::string resource;  // plural

  // "deployments.apps", "configmaps".
  std::string ToString() const;
};

// The payload under which the Status object rides along.
inline constexpr char kStatusPayload[] = "sluice.dev/kubernetes-status";

// A failure that none of the functions below words. `details` may be null.
absl::Status ApiError(int code, absl::string_view reason, absl::string_view message,
                      Value details = nullptr);

absl::Status NotFound(const GroupResource& resource, absl::string_view name);
absl::Status AlreadyExists(const GroupResource& resource, absl::string_view name);
// "Operation cannot be fulfilled on <resource> "<name>": <why>".
absl::Status Conflict(const GroupResource& resource, absl::string_view name, absl::string_view why);
// The conflict of optimistic locking.
absl::Status Modified(const GroupResource& resource, absl::string_view name);
// "<Kind>.<group> "<name>" is invalid: ..." with one cause per field; `errors` must not be empty.
absl::Status Invalid(absl::string_view group, absl::string_view kind, absl::string_view name,
                     const FieldErrors& errors);
absl::Status Forbidden(const GroupResource& resource, absl::string_view name,
                       absl::string_view why);
absl::Status BadRequest(absl::string_view message);
absl::Status MethodNotAllowed(const GroupResource& resource, absl::string_view action);
absl::Status Unauthorized();
// 410: a resourceVersion or continue token of which the history is gone.
absl::Status Expired(absl::string_view message);
// 504: a resourceVersion that does not exist yet.
// `status` with a token in its metadata with which the list may be continued.
absl::Status WithContinueToken(const absl::Status& status, absl::string_view token);
absl::Status TooLargeResourceVersion(uint64_t wanted, uint64_t current);
absl::Status TooManyRequests(absl::string_view message, int retry_after_seconds);
absl::Status ServerError(absl::string_view message);
absl::Status NotAcceptable(absl::string_view accepted_types);
absl::Status UnsupportedMediaType(absl::string_view accepted_types);
// 404 for a path that names no resource.
absl::Status NoSuchPath();

// The v1 Status object of `status`; an error that is not ours becomes an InternalError.
Value StatusObject(const absl::Status& status);
int HttpCode(const absl::Status& status);
// details.retryAfterSeconds, or 0.
int RetryAfterSeconds(const absl::Status& status);

// The v1 Status of a success; `details` may be null.
Value SuccessStatus(Value details);

}  // namespace sluice::devapi
