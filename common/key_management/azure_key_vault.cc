// SPDX-License-Identifier: Apache-2.0
#include "common/key_management/azure_key_vault.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/message.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

constexpr absl::string_view kDomains[] = {
    "vault.azure.net",     "managedhsm.azure.net",    "vault.azure.cn",
    "managedhsm.azure.cn", "vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net"};

absl::StatusOr<Secret> Decrypt(const Context& ctx, http::Transport& transport,
                               const Endpoints& endpoints, const Secret& token, const AzureKey& key,
                               absl::string_view ciphertext) {
  http::Request request;
  request.method = "POST";
  request.url =
      absl::StrCat(endpoints.azure_key_vault.empty() ? absl::StripSuffix(key.vault_url, "/")
                                                     : absl::string_view(endpoints.azure_key_vault),
                   "/keys/", http::EscapePathSegment(key.name), "/",
                   http::EscapePathSegment(key.version), "/decrypt?api-version=7.4");
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token.Reveal()));
  request.body = value::FormatJson({{"alg", "RSA-OAEP-256"}, {"value", ciphertext}});
  ASSIGN_OR_RETURN(const Value answer, Call(ctx, transport, request));
  ASSIGN_OR_RETURN(std::string plain, Base64Of(answer["value"].str()));
  return Secret(std::move(plain));
}

}  // namespace

absl::StatusOr<std::string> AzureKeyVaultScope(absl::string_view vault_url) {
  const auto url = http::Url::Parse(vault_url);
  const std::string host = url.ok() ? absl::AsciiStrToLower(url->host) : "";
  for (const absl::string_view domain : kDomains) {
    if (url.ok() && url->scheme == "https" && url->userinfo.empty() &&
        absl::EndsWith(host, absl::StrCat(".", domain))) {
      return absl::StrCat("https://", domain, "/.default");
    }
  }
  return absl::InvalidArgumentError("the URL of the key is none of an Azure Key Vault");
}

absl::StatusOr<Secret> DecryptWithAzureKeyVault(const Context& ctx, http::Transport& transport,
                                                const Endpoints& endpoints, const Secret& token,
                                                const AzureKey& key, absl::string_view ciphertext) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(ciphertext, &bytes)) {
    return absl::InvalidArgumentError(
        "failed to base64 decode Azure Key Vault encrypted key: illegal base64 data");
  }
  RETURN_IF_ERROR(AzureKeyVaultScope(key.vault_url).status());
  auto plain = Decrypt(ctx, transport, endpoints, token, key, absl::WebSafeBase64Escape(bytes));
  if (!plain.ok()) {
    return Annotate(plain.status(),
                    absl::StrCat("failed to decrypt sops data key with Azure Key Vault key '",
                                 key.vault_url, "/keys/", key.name, "/", key.version, "'"));
  }
  return plain;
}

}  // namespace sluice::key_management
