// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/aws_sts.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/cached.h"
#include "common/bucket/exchange.h"
#include "common/bucket/xml.h"

namespace sluice::bucket {
namespace {

using Form = std::vector<std::pair<std::string, std::string>>;

absl::StatusOr<AwsCredentials> AssumeRole(const Context& ctx, http::Transport& transport,
                                          const std::string& endpoint, const std::string& action,
                                          const Form& form) {
  http::Request request;
  request.method = "POST";
  request.url = endpoint;
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.body = absl::StrCat("Action=", action, "&Version=2011-06-15");
  for (const auto& [name, value] : form) {
    absl::StrAppend(&request.body, "&", name, "=", http::EscapeQuery(value));
  }
  const auto response = Send(ctx, transport, request);
  if (!response.ok()) return Annotate(response.status(), absl::StrCat("STS ", action));
  if (response->status != 200) {
    return Annotate(Refusal(*response), absl::StrCat("STS ", action));
  }
  const auto answer = ParseXml(response->body);
  const XmlElement* result = answer.ok() ? answer->Find(absl::StrCat(action, "Result")) : nullptr;
  const XmlElement* credentials = result == nullptr ? nullptr : result->Find("Credentials");
  if (credentials == nullptr || credentials->Text("AccessKeyId").empty()) {
    return absl::UnavailableError(absl::StrCat("STS ", action, ": no credentials in the answer"));
  }
  AwsCredentials temporary;
  temporary.access_key = std::string(credentials->Text("AccessKeyId"));
  temporary.secret_key = Secret(std::string(credentials->Text("SecretAccessKey")));
  temporary.session_token = Secret(std::string(credentials->Text("SessionToken")));
  if (!credentials->Text("Expiration").empty()) {
    ASSIGN_OR_RETURN(temporary.expires, ParseRfc3339(credentials->Text("Expiration")));
  }
  return temporary;
}

}  // namespace

AwsCredentialSource LdapCredentials(std::string endpoint, LdapLogin login,
                                    http::Transport& transport, Clock& clock) {
  return Cached<AwsCredentials>(
      [endpoint = std::move(endpoint), login = std::move(login), &transport](const Context& ctx) {
        return AssumeRole(ctx, transport, endpoint, "AssumeRoleWithLDAPIdentity",
                          {{"LDAPUsername", login.username},
                           {"LDAPPassword", std::string(login.password.Reveal())}});
      },
      clock);
}

AwsCredentialSource WebIdentityCredentials(std::string endpoint, WebIdentity identity,
                                           http::Transport& transport, Clock& clock) {
  return Cached<AwsCredentials>(
      [endpoint = std::move(endpoint), identity = std::move(identity),
       &transport](const Context& ctx) -> absl::StatusOr<AwsCredentials> {
        ASSIGN_OR_RETURN(const Secret token, identity.token(ctx));
        return AssumeRole(ctx, transport, endpoint, "AssumeRoleWithWebIdentity",
                          {{"RoleArn", identity.role_arn},
                           {"RoleSessionName", identity.session_name},
                           {"WebIdentityToken", std::string(token.Reveal())}});
      },
      clock);
}

}  // namespace sluice::bucket
