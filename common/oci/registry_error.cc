// SPDX-License-Identifier: Apache-2.0
#include "common/oci/registry_error.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/http/message.h"
#include "common/http/wire.h"
#include "common/value/go_syntax.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

// As Go's %v prints what encoding/json reads: numbers are float64.
std::string GoText(const Value& value) {
  std::vector<std::string> parts;
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "<nil>";
    case Value::Kind::kBool:
      return value.bool_or(false) ? "true" : "false";
    case Value::Kind::kString:
      return std::string(value.str());
    case Value::Kind::kArray:
      for (const Value& item : value.items()) parts.push_back(GoText(item));
      return absl::StrCat("[", absl::StrJoin(parts, " "), "]");
    case Value::Kind::kObject:
      for (const value::Member& member : value.members()) {
        parts.push_back(absl::StrCat(member.key, ":", GoText(member.value)));
      }
      return absl::StrCat("map[", absl::StrJoin(parts, " "), "]");
    default:
      return value::GoFloat(value.double_or(0));
  }
}

absl::StatusCode CodeOf(int status) {
  switch (status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 408:
    case 429:
    case 499:
    case 500:
    case 502:
    case 503:
    case 504:
    case 522:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

std::string Explanation(absl::string_view method, int status, absl::string_view body) {
  std::vector<std::string> errors;
  if (const auto value = value::ParseJson(body); value.ok()) {
    for (const Value& error : (*value)["errors"].items()) {
      errors.push_back(absl::StrCat(error["code"].str(), ": ", error["message"].str()));
      const Value& detail = error["detail"];
      if (!detail.is_null()) absl::StrAppend(&errors.back(), "; ", GoText(detail));
    }
  }
  if (errors.size() == 1) return errors[0];
  if (!errors.empty()) {
    return absl::StrCat("multiple errors returned: ", absl::StrJoin(errors, "; "));
  }
  std::string text = absl::StrCat("unexpected status code ", status, " ", http::StatusText(status));
  if (!body.empty()) {
    absl::StrAppend(&text, ": ", body);
  } else if (method == "HEAD") {
    absl::StrAppend(&text, " (HEAD responses have no body, use GET for details)");
  }
  return text;
}

}  // namespace

absl::Status RegistryError(absl::string_view method, absl::string_view url, int status,
                           absl::string_view body) {
  const absl::StatusOr<http::Url> parsed = http::Url::Parse(url);
  const std::string shown = parsed.ok() ? parsed->Redacted() : "";
  return absl::Status(CodeOf(status),
                      absl::StrCat(method, " ", shown, ": ", Explanation(method, status, body)));
}

}  // namespace sluice::oci
