// SPDX-License-Identifier: Apache-2.0
#include "common/git/auth.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/http/message.h"

namespace sluice::git {
namespace {

std::string Value(const std::map<std::string, std::string>& data, const std::string& key) {
  const auto found = data.find(key);
  return found == data.end() ? "" : found->second;
}

absl::Status Invalid(absl::string_view scheme, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("invalid '", scheme, "' auth option: ", problem));
}

}  // namespace

absl::StatusOr<Auth> AuthFromSecret(absl::string_view url,
                                    const std::map<std::string, std::string>& data) {
  ASSIGN_OR_RETURN(const http::Url parsed, http::Url::Parse(url));
  const std::pair<absl::string_view, absl::string_view> user_info =
      absl::StrSplit(parsed.userinfo, absl::MaxSplits(':', 1));
  const std::string url_user = http::Unescape(user_info.first, /*plus_is_blank=*/false);

  Auth auth;
  if (parsed.scheme == "ssh") {
    auth.username = url_user.empty() ? "git" : url_user;
    auth.identity = Secret(Value(data, "identity"));
    auth.passphrase = Secret(Value(data, "password"));
    auth.known_hosts = Value(data, "known_hosts");
    if (parsed.host.empty()) return Invalid("ssh", "'host' is required");
    if (auth.identity.empty()) return Invalid("ssh", "'identity' is required");
    if (auth.known_hosts.empty()) return Invalid("ssh", "'known_hosts' is required");
    return auth;
  }
  auth.ca_pem = Value(data, "ca.crt");
  if (auth.ca_pem.empty()) auth.ca_pem = Value(data, "caFile");
  auth.client_certificate_pem = Value(data, "tls.crt");
  auth.client_key_pem = Secret(Value(data, "tls.key"));
  if (data.contains("bearerToken")) {
    auth.bearer_token = Secret(Value(data, "bearerToken"));
  } else {
    auth.username = Value(data, "username");
    auth.password = Secret(Value(data, "password"));
  }
  if (auth.username.empty()) auth.username = url_user;
  if (auth.password.empty()) {
    auth.password = Secret(http::Unescape(user_info.second, /*plus_is_blank=*/false));
  }
  if (auth.username.empty() && !auth.password.empty()) {
    return Invalid(parsed.scheme, "'password' requires 'username' to be set");
  }
  if (!auth.username.empty() && !auth.bearer_token.empty()) {
    return absl::InvalidArgumentError("basic auth and bearer token cannot be set at the same time");
  }
  return auth;
}

bool IsEncryptedKey(const Secret& identity) {
  const absl::string_view text = identity.Reveal();
  if (absl::StrContains(text, "BEGIN ENCRYPTED PRIVATE KEY") ||
      absl::StrContains(text, "Proc-Type: 4,ENCRYPTED")) {
    return true;
  }
  // OpenSSH's own form names its cipher after the magic: "openssh-key-v1\0", length, name.
  constexpr absl::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  constexpr size_t kMagic = 15;
  const size_t begin = text.find(kBegin);
  if (begin == absl::string_view::npos) return false;
  const absl::string_view body = text.substr(begin + kBegin.size());
  std::string decoded;
  if (!absl::Base64Unescape(body.substr(0, body.find('-')), &decoded)) return false;
  return decoded.size() > kMagic + 8 &&
         absl::string_view(decoded).substr(kMagic, 8) != absl::string_view("\0\0\0\4none", 8);
}

}  // namespace sluice::git
