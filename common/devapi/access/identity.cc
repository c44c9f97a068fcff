// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/access/identity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/devapi/requests/api_error.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kIssuer[] = "https://kubernetes.default.svc";
constexpr char kServiceAccountPrefix[] = "system:serviceaccount:";

// HMAC-SHA256 (RFC 2104).
std::string Hmac(absl::string_view key, absl::string_view message) {
  constexpr size_t kBlock = 64;
  std::string block(key.size() > kBlock ? crypto::Digest(crypto::Algorithm::kSha256, key)
                                        : std::string(key));
  block.resize(kBlock, '\0');
  std::string inner = block;
  std::string outer = block;
  for (size_t i = 0; i < kBlock; ++i) {
    inner[i] = static_cast<char>(inner[i] ^ 0x36);
    outer[i] = static_cast<char>(outer[i] ^ 0x5c);
  }
  return crypto::Digest(crypto::Algorithm::kSha256,
                        absl::StrCat(outer, crypto::Digest(crypto::Algorithm::kSha256,
                                                           absl::StrCat(inner, message))));
}

Value StringList(const std::vector<std::string>& items) {
  Value list = Value::EmptyArray();
  for (const std::string& item : items) list.Append(item);
  return list;
}

}  // namespace

bool UserInfo::InGroup(absl::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

UserInfo ControllerUser(absl::string_view controller) {
  return {absl::StrCat("system:controller:", controller), "", {kMastersGroup}, {}};
}

UserInfo ServiceAccountUser(absl::string_view ns, absl::string_view name, absl::string_view uid) {
  return {absl::StrCat(kServiceAccountPrefix, ns, ":", name),
          std::string(uid),
          {"system:serviceaccounts", absl::StrCat("system:serviceaccounts:", ns),
           "system:authenticated"},
          {}};
}

Tokens::Tokens(std::string key) : key_(std::move(key)) {}

void Tokens::AddStatic(const Secret& token, UserInfo user) {
  absl::MutexLock lock(&mutex_);
  fixed_[crypto::Sha256Hex(token.Reveal())] = std::move(user);
}

std::string Tokens::Issue(const Claims& claims) const {
  Value account = {{"name", claims.service_account}, {"uid", claims.uid}};
  Value kubernetes = {{"namespace", claims.ns}, {"serviceaccount", account}};
  if (!claims.bound_kind.empty()) {
    kubernetes.Set(absl::AsciiStrToLower(claims.bound_kind),
                   Value{{"name", claims.bound_name}, {"uid", claims.bound_uid}});
  }
  const Value payload = {
      {"aud", StringList(claims.audiences)},
      {"exp", absl::ToUnixSeconds(claims.expires_at)},
      {"iat", absl::ToUnixSeconds(claims.issued_at)},
      {"nbf", absl::ToUnixSeconds(claims.issued_at)},
      {"iss", kIssuer},
      {"jti", crypto::RandomUuid()},
      {"kubernetes.io", kubernetes},
      {"sub", absl::StrCat(kServiceAccountPrefix, claims.ns, ":", claims.service_account)}};
  const std::string text = absl::StrCat(absl::WebSafeBase64Escape(R"({"alg":"HS256","typ":"JWT"})"),
                                        ".", absl::WebSafeBase64Escape(value::FormatJson(payload)));
  return absl::StrCat(text, ".", absl::WebSafeBase64Escape(Hmac(key_, text)));
}

absl::StatusOr<UserInfo> Tokens::Authenticate(absl::string_view token, absl::Time now,
                                              Claims* claims) const {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = fixed_.find(crypto::Sha256Hex(token));
    if (found != fixed_.end()) return found->second;
  }
  const absl::Status invalid = absl::UnauthenticatedError("invalid bearer token");
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return invalid;
  std::string signature;
  std::string payload_text;
  if (!absl::WebSafeBase64Unescape(parts[2], &signature) ||
      !absl::WebSafeBase64Unescape(parts[1], &payload_text)) {
    return invalid;
  }
  const std::string expected = Hmac(key_, absl::StrCat(parts[0], ".", parts[1]));
  if (!crypto::ConstantTimeEquals(signature, expected)) return invalid;
  absl::StatusOr<Value> payload = value::ParseJson(payload_text);
  if (!payload.ok()) return invalid;
  if (absl::FromUnixSeconds((*payload)["exp"].int_or(0)) <= now) {
    return absl::UnauthenticatedError("invalid bearer token: token has expired");
  }
  const Value& kubernetes = (*payload)["kubernetes.io"];
  Claims found;
  found.ns = std::string(kubernetes["namespace"].str());
  found.service_account = std::string(kubernetes["serviceaccount"]["name"].str());
  found.uid = std::string(kubernetes["serviceaccount"]["uid"].str());
  for (const Value& audience : (*payload)["aud"].items()) {
    found.audiences.emplace_back(audience.str());
  }
  UserInfo user = ServiceAccountUser(found.ns, found.service_account, found.uid);
  user.extra["authentication.kubernetes.io/credential-id"] = {
      absl::StrCat("JTI=", (*payload)["jti"].str())};
  if (claims != nullptr) *claims = std::move(found);
  return user;
}

absl::StatusOr<Authentication> Authenticate(const Tokens& tokens, const http::Headers& headers,
                                            const http::PeerIdentity& peer, absl::Time now) {
  Authentication result;
  const absl::string_view authorization = headers.Get("Authorization");
  if (absl::StartsWithIgnoreCase(authorization, "bearer ")) {
    const absl::string_view token = absl::StripAsciiWhitespace(authorization.substr(7));
    absl::StatusOr<UserInfo> user = tokens.Authenticate(token, now);
    if (!user.ok()) return Unauthorized();
    result.user = *std::move(user);
  } else if (!peer.common_name.empty()) {
    result.user = {peer.common_name, "", peer.organizations, {}};
  } else {
    result.user = {kAnonymousUser, "", {"system:unauthenticated"}, {}};
  }
  const bool anonymous = result.user.name == kAnonymousUser;
  if (!anonymous && !result.user.InGroup("system:authenticated")) {
    result.user.groups.push_back("system:authenticated");
  }
  const absl::string_view as = headers.Get("Impersonate-User");
  UserInfo other;
  for (const auto& [name, text] : headers.fields()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (lower == "impersonate-group") other.groups.push_back(text);
    if (lower == "impersonate-uid") other.uid = text;
    if (absl::StartsWith(lower, "impersonate-extra-")) {
      other.extra[http::Unescape(lower.substr(18), false)].push_back(text);
    }
  }
  if (as.empty()) {
    if (other.groups.empty() && other.uid.empty() && other.extra.empty()) return result;
    return ServerError("requested impersonating groups, uid or extra without impersonating a user");
  }
  other.name = std::string(as);
  // As the real server does: a service account gets its own groups when none are named.
  if (absl::StartsWith(as, kServiceAccountPrefix) && other.groups.empty()) {
    const std::vector<std::string> names =
        absl::StrSplit(as.substr(sizeof(kServiceAccountPrefix) - 1), ':');
    if (names.size() == 2) other.groups = ServiceAccountUser(names[0], names[1], "").groups;
  }
  if (other.name != kAnonymousUser && !other.InGroup("system:authenticated")) {
    other.groups.push_back("system:authenticated");
  }
  result.impersonating = true;
  result.original = std::exchange(result.user, std::move(other));
  return result;
}

}  // namespace sluice::devapi
