// SPDX-License-Identifier: Apache-2.0
#include "common/kube/api_error.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::kube {
namespace {

constexpr char kPayload[] = "sluice.kube/status";

absl::StatusCode CodeFor(int http_code, absl::string_view reason) {
  switch (http_code) {
    case 400:
    case 406:
    case 413:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return reason == "AlreadyExists" ? absl::StatusCode::kAlreadyExists
                                       : absl::StatusCode::kAborted;
    case 410:
      return absl::StatusCode::kOutOfRange;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 500:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::Status MakeError(int http_code, absl::string_view reason, absl::string_view message,
                       int64_t retry_after_seconds) {
  absl::Status status(CodeFor(http_code, reason),
                      message.empty() ? "the server gave no message" : message);
  status.SetPayload(
      kPayload,
      absl::Cord(value::FormatJson(Value{
          {"code", http_code}, {"reason", reason}, {"retryAfterSeconds", retry_after_seconds}})));
  return status;
}

Value PayloadOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return Value();
  return value::ParseJson(std::string(*payload)).value_or(Value());
}

}  // namespace

absl::Status ErrorFromStatusObject(const Value& status) {
  return MakeError(static_cast<int>(status["code"].int_or(0)), status["reason"].str(),
                   status["message"].str(), status["details"]["retryAfterSeconds"].int_or(0));
}

absl::Status ErrorFromResponse(const http::Response& response, absl::string_view what) {
  int64_t retry_after = 0;
  if (!absl::SimpleAtoi(response.headers.Get("Retry-After"), &retry_after)) retry_after = 0;
  const auto body = value::ParseJson(response.body);
  if (body.ok() && (*body)["kind"].str() == "Status") {
    return MakeError(response.status, (*body)["reason"].str(), (*body)["message"].str(),
                     std::max(retry_after, (*body)["details"]["retryAfterSeconds"].int_or(0)));
  }
  return MakeError(
      response.status, "",
      absl::StrCat(what, ": the API server answered with HTTP status ", response.status),
      retry_after);
}

std::string ErrorReason(const absl::Status& status) {
  return std::string(PayloadOf(status)["reason"].str());
}

int ErrorHttpCode(const absl::Status& status) {
  return static_cast<int>(PayloadOf(status)["code"].int_or(0));
}

absl::Duration RetryAfter(const absl::Status& status) {
  return absl::Seconds(std::max<int64_t>(PayloadOf(status)["retryAfterSeconds"].int_or(0), 0));
}

}  // namespace sluice::kube
