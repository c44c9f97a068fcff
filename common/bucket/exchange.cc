// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/exchange.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/xml.h"
#include "common/http/wire.h"
#include "common/value/json.h"

namespace sluice::bucket {
namespace {

constexpr size_t kMaxRefusal = size_t{64} << 10;

absl::Status Clean(const absl::Status& status) {
  return WithMessage(status, WithoutQueries(status.message()));
}

}  // namespace

std::string EscapePath(absl::string_view path) {
  std::vector<std::string> segments;
  for (const absl::string_view segment : absl::StrSplit(path, '/')) {
    segments.push_back(http::EscapePathSegment(segment));
  }
  return absl::StrJoin(segments, "/");
}

std::string RefusalText(const http::Response& response) {
  if (const auto xml = ParseXml(response.body); xml.ok()) {
    const XmlElement* error = xml->Find("Error");  // STS puts it into another element
    const absl::string_view message =
        error != nullptr ? error->Text("Message") : xml->Text("Message");
    if (!message.empty()) return std::string(message);
  }
  if (const auto json = value::ParseJson(response.body); json.ok()) {
    for (const Value* value : {&(*json)["error"]["message"], &(*json)["error_description"]}) {
      if (value->is_string()) return std::string(value->str());
    }
  }
  return absl::StrCat(response.status, " ", http::StatusText(response.status));
}

absl::Status Refusal(const http::Response& response) {
  const std::string text = WithoutQueries(RefusalText(response));
  switch (response.status) {
    case 401:
      return absl::UnauthenticatedError(text);
    case 403:
      return absl::PermissionDeniedError(text);
    case 404:
      return absl::NotFoundError(text);
    case 412:
      return absl::AbortedError(text);
    default:
      return response.status == 429 || response.status >= 500 ? absl::UnavailableError(text)
                                                              : absl::FailedPreconditionError(text);
  }
}

absl::StatusOr<http::Response> Send(const Context& ctx, http::Transport& transport,
                                    const http::Request& request) {
  auto response = transport.Send(ctx, request);
  if (!response.ok()) return Clean(response.status());
  return response;
}

absl::StatusOr<http::Response> Download(const Context& ctx, http::Transport& transport,
                                        const http::Request& request, ObjectStore::Write write) {
  http::Response response;
  bool written = true;
  const absl::Status status = transport.Stream(
      ctx, request,
      [&](const http::Response& head) {
        response = head;
        return absl::OkStatus();
      },
      [&](absl::string_view bytes) -> absl::Status {
        if (response.status == 200) {
          const absl::Status result = write(bytes);
          written = result.ok();
          return result;
        }
        if (response.body.size() < kMaxRefusal) {
          response.body.append(bytes.data(), std::min(bytes.size(), kMaxRefusal));
          return absl::OkStatus();
        }
        return absl::ResourceExhaustedError("the body of a refusal is too large");
      });
  if (!written) return status;
  if (!status.ok()) return Clean(status);
  return response;
}

std::string Unquoted(absl::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag.remove_prefix(1);
    etag.remove_suffix(1);
  }
  return std::string(etag);
}

}  // namespace sluice::bucket
