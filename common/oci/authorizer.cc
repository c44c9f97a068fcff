// SPDX-License-Identifier: Apache-2.0
#include "common/oci/authorizer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/redirect.h"
#include "common/oci/registry_error.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

constexpr int kMaxRedirects = 10;
// The specification's; a token that says nothing may live this long.
constexpr absl::Duration kLeastLifetime = absl::Seconds(60);

std::string Basic(const Credential& credential) {
  return absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(credential.username, ":",
                                                                credential.password.Reveal())));
}

std::string Bearer(const Secret& token) { return absl::StrCat("Bearer ", token.Reveal()); }

// An address of this machine, of its network or of a private one.
bool IsInside(absl::string_view name) {
  const std::string host = absl::AsciiStrToLower(absl::StripSuffix(name, "."));
  // Google's name for 169.254.169.254.
  if (host == "localhost" || absl::EndsWith(host, ".localhost") ||
      host == "metadata.google.internal") {
    return true;
  }
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    const uint32_t bits = ntohl(v4.s_addr);
    return bits >> 24 == 127 || bits >> 24 == 10 || bits >> 24 == 0 ||
           bits >> 20 == (172 << 4 | 1) || bits >> 16 == (192 << 8 | 168) ||
           bits >> 16 == (169 << 8 | 254);
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  const uint8_t* const bytes = v6.s6_addr;
  const bool loopback = std::all_of(bytes, bytes + 15, [](uint8_t b) { return b == 0; });
  const bool mapped = std::all_of(bytes, bytes + 10, [](uint8_t b) { return b == 0; }) &&
                      bytes[10] == 0xFF && bytes[11] == 0xFF;
  if (mapped) {
    std::array<char, INET_ADDRSTRLEN> text;
    return inet_ntop(AF_INET, bytes + 12, text.data(), text.size()) != nullptr &&
           IsInside(text.data());
  }
  return loopback || (bytes[0] & 0xFE) == 0xFC || (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80);
}

std::string FormField(absl::string_view name, absl::string_view value) {
  return absl::StrCat(name, "=", http::EscapeQuery(value));
}

}  // namespace

absl::Status CheckRealm(absl::string_view base, absl::string_view realm) {
  ASSIGN_OR_RETURN(const http::Url registry, http::Url::Parse(base));
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(realm));
  const auto refused = [&](absl::string_view reason) {
    return absl::FailedPreconditionError(
        absl::StrCat("token service ", url.Origin(), " of ", base, " refused: ", reason));
  };
  if (url.host.empty() || (url.scheme != "https" && url.scheme != "http")) {
    return refused("its URL is neither https nor http");
  }
  if (url.scheme == "http" && registry.scheme != "http") return refused("it has no TLS");
  if (!absl::EqualsIgnoreCase(url.host, registry.host) && IsInside(url.host)) {
    return refused("its address is not public, nor the registry's");
  }
  return absl::OkStatus();
}

absl::StatusOr<Credential> Authorizer::CredentialFor(const Context& ctx,
                                                     const Repository& repository) const {
  if (!options_.credentials) return Credential();
  return options_.credentials(ctx, repository);
}

absl::StatusOr<std::string> Authorizer::Value(const Context& ctx, const Session& session,
                                              const Repository& repository) {
  Grant grant;
  {
    absl::MutexLock lock(&mutex_);
    const auto [entry, added] = grants_.try_emplace(repository.Name());
    if (added) {
      entry->second.challenge = session.challenge;
      entry->second.scopes = {absl::StrCat("repository:", repository.path, ":pull")};
    }
    grant = entry->second;
  }
  if (grant.challenge.scheme == Challenge::Scheme::kNone) return "";
  if (!grant.token.empty() && clock_.Now() < grant.expires) return Bearer(grant.token);
  ASSIGN_OR_RETURN(const Credential credential, CredentialFor(ctx, repository));
  if (!credential.registry_token.empty()) return Bearer(credential.registry_token);
  if (grant.challenge.scheme == Challenge::Scheme::kBasic) {
    return credential.anonymous() ? "" : Basic(credential);
  }
  ASSIGN_OR_RETURN(grant, FetchToken(ctx, session, std::move(grant), credential));
  const std::string value = Bearer(grant.token);
  absl::MutexLock lock(&mutex_);
  grants_[repository.Name()] = std::move(grant);
  return value;
}

bool Authorizer::TakeChallenge(const Repository& repository, const Challenge& challenge) {
  absl::MutexLock lock(&mutex_);
  Grant& grant = grants_[repository.Name()];
  grant.token = Secret();
  const bool first = grant.challenge.scheme == Challenge::Scheme::kNone;
  if (first) grant.challenge = challenge;
  if (grant.challenge.scheme == Challenge::Scheme::kBasic) return first;
  // Some token services look at the first scope only.
  const std::string& scope = challenge.scope;
  if (!scope.empty() &&
      std::find(grant.scopes.begin(), grant.scopes.end(), scope) == grant.scopes.end()) {
    grant.scopes.insert(grant.scopes.begin(), scope);
  }
  return true;
}

absl::StatusOr<Authorizer::Grant> Authorizer::FetchToken(const Context& ctx, const Session& session,
                                                         Grant grant,
                                                         const Credential& credential) const {
  const Secret& refresh_token =
      grant.refresh_token.empty() ? credential.identity_token : grant.refresh_token;
  http::Response response;
  if (!refresh_token.empty()) {
    ASSIGN_OR_RETURN(response, PostForm(ctx, session, grant, refresh_token));
  }
  // Not every token service knows the form.
  const bool by_form = !refresh_token.empty() && response.status != 404;
  if (!by_form) {
    ASSIGN_OR_RETURN(response, GetToken(ctx, session, grant, credential));
  }
  if (response.status != 200) {
    return RegistryError(by_form ? "POST" : "GET", grant.challenge.realm, response.status,
                         response.body);
  }
  const absl::StatusOr<sluice::Value> answer = value::ParseJson(response.body);
  const sluice::Value& fields = answer.ok() ? *answer : sluice::Value();
  const absl::string_view access = fields["access_token"].str();
  grant.token = Secret(std::string(access.empty() ? fields["token"].str() : access));
  if (grant.token.empty()) {
    return absl::UnauthenticatedError(
        absl::StrCat("no token in bearer response of ", grant.challenge.realm));
  }
  if (const absl::string_view refresh = fields["refresh_token"].str(); !refresh.empty()) {
    grant.refresh_token = Secret(std::string(refresh));
  }
  const int64_t seconds = std::clamp<int64_t>(fields["expires_in"].int_or(0), 0, 86'400);
  // Renewed a little early, so that none expires on its way.
  grant.expires = clock_.Now() + std::max(kLeastLifetime, absl::Seconds(seconds)) * 0.9;
  return grant;
}

absl::StatusOr<http::Response> Authorizer::PostForm(const Context& ctx, const Session& session,
                                                    const Grant& grant,
                                                    const Secret& refresh_token) const {
  RETURN_IF_ERROR(CheckRealm(session.base, grant.challenge.realm));
  std::vector<std::string> fields = {FormField("client_id", options_.user_agent),
                                     FormField("grant_type", "refresh_token"),
                                     FormField("refresh_token", refresh_token.Reveal()),
                                     FormField("scope", absl::StrJoin(grant.scopes, " "))};
  if (!grant.challenge.service.empty()) {
    fields.push_back(FormField("service", grant.challenge.service));
  }
  http::Request request;
  request.method = "POST";
  request.url = grant.challenge.realm;
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = absl::StrJoin(fields, "&");
  return transport_.Send(ctx, request);
}

absl::StatusOr<http::Response> Authorizer::GetToken(const Context& ctx, const Session& session,
                                                    const Grant& grant,
                                                    const Credential& credential) const {
  http::Request request;
  request.url = grant.challenge.realm;
  std::vector<std::string> fields;
  for (const std::string& scope : grant.scopes) fields.push_back(FormField("scope", scope));
  fields.push_back(FormField("service", grant.challenge.service));
  absl::StrAppend(&request.url, absl::StrContains(request.url, "?") ? "&" : "?",
                  absl::StrJoin(fields, "&"));
  if (!credential.username.empty() || !credential.password.empty()) {
    request.headers.Set("Authorization", Basic(credential));
  }
  for (int redirects = 0;; ++redirects) {
    RETURN_IF_ERROR(CheckRealm(session.base, request.url));
    ASSIGN_OR_RETURN(http::Response response, transport_.Send(ctx, request));
    if (!http::IsRedirect(response.status) || redirects == kMaxRedirects) return response;
    ASSIGN_OR_RETURN(const http::Url from, http::Url::Parse(request.url));
    ASSIGN_OR_RETURN(const http::Url to,
                     http::ResolveRedirect(from, response.headers.Get("Location")));
    if (!http::SameOrigin(from, to)) http::DropCredentials(request.headers);
    request.url = to.Redacted();
  }
}

}  // namespace sluice::oci
