// SPDX-License-Identifier: Apache-2.0
#include "common/key_management/vault.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/message.h"
#include "common/key_management/service.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

absl::StatusOr<Value> Write(const Context& ctx, http::Transport& transport,
                            const VaultServer& server, const Secret& token, absl::string_view path,
                            const Value& body) {
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(server.address));
  if (url.scheme != "http" && url.scheme != "https") {
    return absl::InvalidArgumentError("the address of the Vault is neither http nor https");
  }
  std::vector<std::string> segments;
  for (const absl::string_view segment : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    // It comes from a document: it must not lead to another of Vault's functions.
    if (segment == "." || segment == "..") {
      return absl::InvalidArgumentError("the path of the Vault's key leads elsewhere");
    }
    segments.push_back(http::EscapePathSegment(segment));
  }
  http::Request request;
  request.method = "PUT";
  request.url = absl::StrCat(url.Origin(), "/v1/", absl::StrJoin(segments, "/"));
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("X-Vault-Request", "true");
  if (!token.empty()) request.headers.Set("X-Vault-Token", token.Reveal());
  if (!server.name_space.empty()) request.headers.Set("X-Vault-Namespace", server.name_space);
  request.body = value::FormatJson(body);
  return Call(ctx, transport, request);
}

}  // namespace

absl::StatusOr<Secret> DecryptWithVault(const Context& ctx, http::Transport& transport,
                                        const VaultServer& server, const Secret& token,
                                        const VaultKey& key, absl::string_view ciphertext) {
  const std::string path = absl::StrCat(key.engine_path, "/decrypt/", key.name);
  const std::string what =
      absl::StrCat("failed to decrypt sops data key from Vault transit backend '", path, "'");
  const auto answer = Write(ctx, transport, server, token, path, {{"ciphertext", ciphertext}});
  if (!answer.ok()) return Annotate(answer.status(), what);
  auto plain = Base64Of((*answer)["data"]["plaintext"].str());
  if (!plain.ok()) return Annotate(plain.status(), what);
  return Secret(*std::move(plain));
}

absl::StatusOr<Secret> LogInToVault(const Context& ctx, http::Transport& transport,
                                    const VaultServer& server, absl::string_view path,
                                    absl::string_view role, const Secret& jwt) {
  const auto answer =
      Write(ctx, transport, server, Secret(), path, {{"role", role}, {"jwt", jwt.Reveal()}});
  if (!answer.ok()) {
    return Annotate(answer.status(),
                    absl::StrCat("failed to authenticate with Vault '", server.address,
                                 "' at login path '", path, "' as role '", role, "'"));
  }
  Secret token(std::string((*answer)["auth"]["client_token"].str()));
  if (token.empty()) {
    return absl::UnavailableError(absl::StrCat("Vault '", server.address,
                                               "' returned no token for login at '", path,
                                               "' as role '", role, "'"));
  }
  return token;
}

}  // namespace sluice::key_management
