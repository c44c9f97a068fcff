// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/jwt.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/exchange.h"
#include "common/crypto/signing.h"
#include "common/value/json.h"

namespace sluice::bucket {
namespace {

std::string Encode(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

}  // namespace

absl::StatusOr<Secret> SignJwt(const Secret& private_key_pem, const Value& header,
                               const Value& claims) {
  Value whole = header;
  whole.Set("alg", "RS256");
  whole.Set("typ", "JWT");
  const std::string message =
      absl::StrCat(Encode(value::FormatJson(whole)), ".", Encode(value::FormatJson(claims)));
  ASSIGN_OR_RETURN(const std::string signature, crypto::SignRsaSha256(private_key_pem, message));
  return Secret(absl::StrCat(message, ".", Encode(signature)));
}

absl::StatusOr<BearerToken> TokenOf(const http::Response& response, absl::Time now) {
  if (response.status != 200) return Annotate(Refusal(response), "cannot get a token");
  const auto answer = value::ParseJson(response.body);
  if (!answer.ok() || (*answer)["access_token"].str().empty()) {
    return absl::UnavailableError("cannot get a token: there is none in the answer");
  }
  // Managed identities give the number as a text.
  int64_t seconds = (*answer)["expires_in"].int_or(0);
  if (seconds == 0 && !absl::SimpleAtoi((*answer)["expires_in"].str(), &seconds)) seconds = 0;
  return BearerToken{Secret(std::string((*answer)["access_token"].str())),
                     now + absl::Seconds(seconds)};
}

absl::StatusOr<BearerToken> RequestToken(const Context& ctx, http::Transport& transport,
                                         const std::string& endpoint,
                                         const std::vector<std::pair<std::string, Secret>>& form,
                                         absl::Time now) {
  http::Request request;
  request.method = "POST";
  request.url = endpoint;
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  for (const auto& [name, value] : form) {
    absl::StrAppend(&request.body, request.body.empty() ? "" : "&", name, "=",
                    http::EscapeQuery(value.Reveal()));
  }
  ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport, request));
  return TokenOf(response, now);
}

}  // namespace sluice::bucket
