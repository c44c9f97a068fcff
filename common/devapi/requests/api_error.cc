// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/api_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

absl::StatusCode CanonicalCode(int code, absl::string_view reason) {
  if (reason == "AlreadyExists") return absl::StatusCode::kAlreadyExists;
  switch (code) {
    case 400:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 405:
    case 406:
      return absl::StatusCode::kUnimplemented;
    case 409:
      return absl::StatusCode::kAborted;
    case 410:
      return absl::StatusCode::kOutOfRange;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

Value Details(const GroupResource& resource, absl::string_view name) {
  Value details = Value::EmptyObject();
  if (!name.empty()) details.Set("name", name);
  if (!resource.group.empty()) details.Set("group", resource.group);
  if (!resource.resource.empty()) details.Set("kind", resource.resource);
  return details;
}

Value Failure(int code, absl::string_view reason, absl::string_view message, Value details) {
  Value status = {{"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", Value::EmptyObject()},
                  {"status", "Failure"}, {"message", message}, {"code", code}};
  if (!reason.empty()) status.Set("reason", reason);
  if (!details.is_null()) status.Set("details", std::move(details));
  return status;
}

}  // namespace

std::string GroupResource::ToString() const {
  return group.empty() ? resource : absl::StrCat(resource, ".", group);
}

absl::Status ApiError(int code, absl::string_view reason, absl::string_view message,
                      Value details) {
  absl::Status status(CanonicalCode(code, reason), message);
  status.SetPayload(
      kStatusPayload,
      absl::Cord(value::FormatJson(Failure(code, reason, message, std::move(details)))));
  return status;
}

absl::Status NotFound(const GroupResource& resource, absl::string_view name) {
  return ApiError(404, "NotFound", absl::StrCat(resource.ToString(), " \"", name, "\" not found"),
                  Details(resource, name));
}

absl::Status AlreadyExists(const GroupResource& resource, absl::string_view name) {
  return ApiError(409, "AlreadyExists",
                  absl::StrCat(resource.ToString(), " \"", name, "\" already exists"),
                  Details(resource, name));
}

absl::Status Conflict(const GroupResource& resource, absl::string_view name,
                      absl::string_view why) {
  return ApiError(409, "Conflict",
                  absl::StrCat("Operation cannot be fulfilled on ", resource.ToString(), " \"",
                               name, "\": ", why),
                  Details(resource, name));
}

absl::Status Modified(const GroupResource& resource, absl::string_view name) {
  return Conflict(resource, name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

absl::Status Invalid(absl::string_view group, absl::string_view kind, absl::string_view name,
                     const FieldErrors& errors) {
  const std::string subject = group.empty() ? std::string(kind) : absl::StrCat(kind, ".", group);
  Value causes = Value::EmptyArray();
  for (const FieldError& error : errors) {
    Value cause = {{"reason", error.reason}, {"message", error.message}};
    if (!error.field.empty()) cause.Set("field", error.field);
    causes.Append(std::move(cause));
  }
  Value details = Value::EmptyObject();
  if (!name.empty()) details.Set("name", name);
  if (!group.empty()) details.Set("group", group);
  if (!kind.empty()) details.Set("kind", kind);
  details.Set("causes", std::move(causes));
  return ApiError(422, "Invalid",
                  absl::StrCat(subject, " \"", name, "\" is invalid: ", JoinErrors(errors)),
                  std::move(details));
}

absl::Status Forbidden(const GroupResource& resource, absl::string_view name,
                       absl::string_view why) {
  std::string message;
  if (resource.resource.empty()) {
    message = absl::StrCat("forbidden: ", why);
  } else if (name.empty()) {
    message = absl::StrCat(resource.ToString(), " is forbidden: ", why);
  } else {
    message = absl::StrCat(resource.ToString(), " \"", name, "\" is forbidden: ", why);
  }
  return ApiError(403, "Forbidden", message, Details(resource, name));
}

absl::Status BadRequest(absl::string_view message) { return ApiError(400, "BadRequest", message); }

absl::Status MethodNotAllowed(const GroupResource& resource, absl::string_view action) {
  return ApiError(
      405, "MethodNotAllowed",
      absl::StrCat(action, " is not supported on resources of kind \"", resource.ToString(), "\""),
      Details(resource, ""));
}

absl::Status Unauthorized() { return ApiError(401, "Unauthorized", "Unauthorized"); }

absl::Status Expired(absl::string_view message) { return ApiError(410, "Expired", message); }

absl::Status WithContinueToken(const absl::Status& status, absl::string_view token) {
  Value object = StatusObject(status);
  object.Set("metadata", Value{{"continue", token}});
  absl::Status result(status.code(), status.message());
  result.SetPayload(kStatusPayload, absl::Cord(value::FormatJson(object)));
  return result;
}

absl::Status TooLargeResourceVersion(uint64_t wanted, uint64_t current) {
  const Value cause = {{"reason", "ResourceVersionTooLarge"},
                       {"message", "Too large resource version"}};
  const Value details = {{"causes", Value(Value::Array{cause})}, {"retryAfterSeconds", 1}};
  return ApiError(
      504, "Timeout",
      absl::StrCat("Timeout: Too large resource version: ", wanted, ", current: ", current),
      details);
}

absl::Status TooManyRequests(absl::string_view message, int retry_after_seconds) {
  return ApiError(429, "TooManyRequests", message,
                  Value{{"retryAfterSeconds", retry_after_seconds}});
}

absl::Status ServerError(absl::string_view message) {
  const Value details = {{"causes", Value(Value::Array{Value{{"message", message}}})}};
  return ApiError(500, "InternalError", absl::StrCat("Internal error occurred: ", message),
                  details);
}

absl::Status NotAcceptable(absl::string_view accepted_types) {
  return ApiError(406, "NotAcceptable",
                  absl::StrCat("only the following media types are accepted: ", accepted_types));
}

absl::Status UnsupportedMediaType(absl::string_view accepted_types) {
  return ApiError(
      415, "UnsupportedMediaType",
      absl::StrCat("the body of the request was in an unknown format - accepted media types "
                   "include: ",
                   accepted_types));
}

absl::Status NoSuchPath() {
  return ApiError(404, "NotFound", "the server could not find the requested resource",
                  Value::EmptyObject());
}

Value StatusObject(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kStatusPayload)) {
    absl::StatusOr<Value> parsed = value::ParseJson(std::string(*payload));
    if (parsed.ok()) return *std::move(parsed);
  }
  return StatusObject(ServerError(status.message()));
}

int HttpCode(const absl::Status& status) {
  return static_cast<int>(StatusObject(status)["code"].int_or(500));
}

int RetryAfterSeconds(const absl::Status& status) {
  return static_cast<int>(StatusObject(status)["details"]["retryAfterSeconds"].int_or(0));
}

Value SuccessStatus(Value details) {
  Value status = {{"kind", "Status"},
                  {"apiVersion", "v1"},
                  {"metadata", Value::EmptyObject()},
                  {"status", "Success"}};
  if (!details.is_null()) status.Set("details", std::move(details));
  return status;
}

}  // namespace sluice::devapi
