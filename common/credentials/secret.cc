// SPDX-License-Identifier: Apache-2.0
#include "common/credentials/secret.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/message.h"

namespace sluice::credentials {
namespace {

constexpr size_t kMaxProxyAddress = 2048;

std::string Quoted(const kube::ObjectKey& key) {
  return absl::StrCat("'", key.ns, "/", key.name, "'");
}

}  // namespace

absl::StatusOr<SecretData> ReadSecret(const Context& ctx, kube::Client& client,
                                      const kube::ObjectKey& key, absl::string_view failure) {
  static const kube::Resource kSecrets = {"", "v1", "secrets", "Secret", true};
  const auto secret = client.Get(ctx, kSecrets, key);
  if (!secret.ok()) {
    return Annotate(secret.status(), absl::StrCat(failure, " ", Quoted(key)));
  }
  SecretData data;
  for (const value::Member& member : (*secret)["data"].members()) {
    if (!absl::Base64Unescape(member.value.str(), &data[member.key])) {
      return absl::InvalidArgumentError(
          absl::StrCat("key '", member.key, "' of secret ", Quoted(key), " is not base64"));
    }
  }
  return data;
}

std::string ValueOf(const SecretData& data, absl::string_view key) {
  const auto it = data.find(std::string(key));
  return it == data.end() ? std::string() : it->second;
}

Secret BasicAuth::Header() const {
  if (username.empty()) return Secret();
  return Secret(
      absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(username, ":", password.Reveal()))));
}

absl::StatusOr<BasicAuth> BasicAuthFromSecret(const SecretData& data, const kube::ObjectKey& key) {
  const bool has_user = data.contains("username");
  const bool has_password = data.contains("password");
  if (has_user != has_password) {
    return absl::InvalidArgumentError(
        absl::StrCat("secret ", Quoted(key), ": malformed basic auth - has '",
                     has_user ? "username" : "password", "' but missing '",
                     has_user ? "password" : "username", "'"));
  }
  return BasicAuth{ValueOf(data, "username"), Secret(ValueOf(data, "password"))};
}

absl::StatusOr<std::string> ReadProxyUrl(const Context& ctx, kube::Client& client,
                                         const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const SecretData data, ReadSecret(ctx, client, key));
  const auto invalid = [&key](auto... what) {
    return absl::InvalidArgumentError(absl::StrCat("secret ", Quoted(key), ": ", what...));
  };
  if (!data.contains("address")) return invalid("key 'address' not found");
  const std::string address = ValueOf(data, "address");
  if (address.empty()) return invalid("proxy address is empty");
  if (address.size() > kMaxProxyAddress) {
    return invalid("proxy address is longer than ", kMaxProxyAddress, " characters");
  }
  const auto url = http::Url::Parse(address);
  if (!url.ok()) return invalid("failed to parse proxy address");  // it may hold a password
  if (url->scheme != "http" && url->scheme != "https" && url->scheme != "socks5") {
    return invalid("proxy URL must use one of the supported schemes (http, https, socks5), got '",
                   url->scheme, "'");
  }
  const std::string user = ValueOf(data, "username");
  if (user.empty()) return address;
  return absl::StrCat(url->scheme, "://", http::EscapeQuery(user), ":",
                      http::EscapeQuery(ValueOf(data, "password")), "@", url->host,
                      url->port == 0 ? "" : absl::StrCat(":", url->port));
}

absl::StatusOr<http::TlsOptions> TlsFromSecret(const SecretData& data, const kube::ObjectKey& key,
                                               bool required) {
  const auto either = [&data](absl::string_view name, absl::string_view older) {
    const std::string value = ValueOf(data, name);
    return value.empty() ? ValueOf(data, older) : value;
  };
  http::TlsOptions tls;
  tls.ca_pem = either("ca.crt", "caFile");
  tls.and_system_authorities = true;
  tls.certificate_pem = either("tls.crt", "certFile");
  const std::string private_key = either("tls.key", "keyFile");
  tls.private_key_pem = Secret(private_key);
  const auto invalid = [&key](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("secret ", Quoted(key), " ", what));
  };
  if (tls.certificate_pem.empty() != private_key.empty()) {
    return invalid(private_key.empty() ? "contains 'tls.crt' but missing 'tls.key'"
                                       : "contains 'tls.key' but missing 'tls.crt'");
  }
  if (required && tls.ca_pem.empty() && private_key.empty()) {
    return invalid("must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'");
  }
  return tls;
}

}  // namespace sluice::credentials
