// SPDX-License-Identifier: Apache-2.0
#include "common/key_management/service.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/bucket/exchange.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

constexpr size_t kMaxAnswer = size_t{1} << 20;
constexpr size_t kMaxShown = 512;
constexpr absl::Duration kTimeout = absl::Seconds(30);

// What the service says; Vault has a list, AWS a type, the others what bucket::RefusalText() knows.
std::string Explanation(const http::Response& response) {
  std::string text;
  if (const auto json = value::ParseJson(response.body); json.ok()) {
    std::vector<std::string> errors;
    for (const Value& error : (*json)["errors"].items()) errors.emplace_back(error.str());
    text = absl::StrJoin(errors, "; ");
    const absl::string_view type = (*json)["__type"].str();
    if (text.empty() && !type.empty()) {
      const Value& message = (*json)["message"].is_null() ? (*json)["Message"] : (*json)["message"];
      text = absl::StrCat(type.substr(type.rfind('#') + 1), ": ", message.str());
    }
  }
  if (text.empty()) text = bucket::RefusalText(response);
  return text.substr(0, kMaxShown);
}

}  // namespace

Endpoints Endpoints::FromEnvironment(
    const std::function<std::string(absl::string_view name)>& variable) {
  const auto url = [&](absl::string_view name) {
    const std::string text = variable(name);
    return std::string(absl::StripSuffix(text, "/"));
  };
  return {url("AWS_ENDPOINT_URL_KMS"), url("AWS_ENDPOINT_URL_STS"), url("SOPS_GCP_KMS_ENDPOINT"),
          url("AZURE_KEY_VAULT_ENDPOINT")};
}

absl::StatusOr<Value> Call(const Context& ctx, http::Transport& transport,
                           const http::Request& request) {
  http::Response response;
  const absl::Status sent = transport.Stream(
      ctx.WithTimeout(kTimeout), request,
      [&](const http::Response& head) {
        response = head;
        return absl::OkStatus();
      },
      [&](absl::string_view bytes) -> absl::Status {
        if (response.body.size() + bytes.size() > kMaxAnswer) {
          return absl::ResourceExhaustedError("the answer is too large");
        }
        response.body.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(sent);
  const Secret body(std::move(response.body));
  if (response.status / 100 != 2) {
    response.body = std::string(body.Reveal());
    const std::string text =
        absl::StrCat("HTTP status ", response.status, ", ", Explanation(response));
    return response.status >= 500 || response.status == 429 ? absl::UnavailableError(text)
                                                            : absl::PermissionDeniedError(text);
  }
  auto json = value::ParseJson(body.Reveal());
  if (!json.ok()) return absl::UnavailableError("the answer is no JSON");
  return json;
}

absl::StatusOr<std::string> Base64Of(absl::string_view text) {
  std::string bytes;
  if (text.empty() ||
      (!absl::Base64Unescape(text, &bytes) && !absl::WebSafeBase64Unescape(text, &bytes))) {
    return absl::UnavailableError("the answer holds no key");
  }
  return bytes;
}

}  // namespace sluice::key_management
