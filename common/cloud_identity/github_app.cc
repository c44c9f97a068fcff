// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/github_app.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/signing.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kDefaultBase[] = "https://api.github.com";
constexpr int kPageSize = 100;
constexpr int kMaxPages = 100;
// As ghinstallation, which Flux uses: a clock may be off a little, and the token is used at once.
constexpr absl::Duration kBackdated = absl::Seconds(30);
constexpr absl::Duration kTokenLife = absl::Minutes(2);

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// What the app itself authenticates with.
absl::StatusOr<std::string> AppToken(const GitHubApp& app, absl::Time now) {
  const absl::Time issued = now - kBackdated;
  const Value claims = {{"iat", absl::ToUnixSeconds(issued)},
                        {"exp", absl::ToUnixSeconds(issued + kTokenLife)},
                        {"iss", app.app_id}};
  const std::string signed_part = absl::StrCat(Base64Url(R"({"alg":"RS256","typ":"JWT"})"), ".",
                                               Base64Url(value::FormatJson(claims)));
  ASSIGN_OR_RETURN(const std::string signature,
                   crypto::SignRsaSha256(app.private_key, signed_part));
  return absl::StrCat(signed_part, ".", Base64Url(signature));
}

http::Request ApiRequest(const GitHubApp& app, absl::string_view path, const std::string& token) {
  std::string base = app.base_url.empty() ? kDefaultBase : app.base_url;
  while (absl::EndsWith(base, "/")) base.pop_back();
  http::Request request;
  request.url = absl::StrCat(base, path);
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token));
  request.headers.Set("Accept", "application/vnd.github+json");
  return request;
}

absl::StatusOr<std::string> FindInstallation(const Context& ctx, http::Transport& transport,
                                             const GitHubApp& app, const std::string& token) {
  for (int page = 1; page <= kMaxPages; ++page) {
    ASSIGN_OR_RETURN(
        const Value answer,
        Exchange(
            ctx, transport,
            ApiRequest(app, absl::StrCat("/app/installations?per_page=", kPageSize, "&page=", page),
                       token),
            "failed to list the installations of the GitHub App"));
    for (const Value& installation : answer.items()) {
      if (absl::EqualsIgnoreCase(installation["account"]["login"].str(), app.installation_owner)) {
        return absl::StrCat(installation["id"].int_or(0));
      }
    }
    if (answer.size() < kPageSize) break;
  }
  return absl::NotFoundError(
      absl::StrCat("the GitHub App has no installation of owner '", app.installation_owner, "'"));
}

bool IsNumber(absl::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) && number > 0;
}

}  // namespace

bool GitHubApp::In(const std::map<std::string, std::string>& data) {
  return data.contains("githubAppID");
}

absl::StatusOr<GitHubApp> GitHubApp::FromSecret(const std::map<std::string, std::string>& data,
                                                absl::string_view name) {
  const auto value = [&data](const char* key) {
    const auto it = data.find(key);
    return it == data.end() ? std::string() : it->second;
  };
  const auto invalid = [&name](auto... what) {
    return absl::InvalidArgumentError(absl::StrCat("secret '", name, "' ", what...));
  };
  GitHubApp app;
  app.app_id = value("githubAppID");
  app.installation_owner = value("githubAppInstallationOwner");
  app.installation_id = value("githubAppInstallationID");
  app.base_url = value("githubAppBaseURL");
  app.private_key = Secret(value("githubAppPrivateKey"));
  if (app.app_id.empty()) return invalid("must contain 'githubAppID'");
  if (!IsNumber(app.app_id)) return invalid("has a 'githubAppID' that is no number");
  if (app.installation_owner.empty() == app.installation_id.empty()) {
    return invalid(
        "must contain exactly one of 'githubAppInstallationOwner' and 'githubAppInstallationID'");
  }
  if (!app.installation_id.empty() && !IsNumber(app.installation_id)) {
    return invalid("has a 'githubAppInstallationID' that is no number");
  }
  if (app.private_key.empty()) return invalid("must contain 'githubAppPrivateKey'");
  return app;
}

std::string GitHubApp::CacheKey() const {
  return absl::StrCat("github-app\n", app_id, "\n", installation_owner, "\n", installation_id, "\n",
                      base_url, "\n", private_key.Reveal());
}

absl::StatusOr<Credentials> GitHubToken(const Context& ctx, http::Transport& transport,
                                        const GitHubApp& app, Clock& clock) {
  ASSIGN_OR_RETURN(const std::string token, AppToken(app, clock.Now()));
  std::string installation = app.installation_id;
  if (installation.empty()) {
    ASSIGN_OR_RETURN(installation, FindInstallation(ctx, transport, app, token));
  }
  constexpr absl::string_view kWhat = "failed to get a token of the GitHub App's installation";
  http::Request request =
      ApiRequest(app, absl::StrCat("/app/installations/", installation, "/access_tokens"), token);
  request.method = "POST";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, transport, request, kWhat));
  Credentials credentials;
  credentials.secret = Secret(std::string(answer["token"].str()));
  std::string unused;
  if (credentials.secret.empty() ||
      !absl::ParseTime(absl::RFC3339_full, std::string(answer["expires_at"].str()),
                       &credentials.expires, &unused)) {
    return absl::UnavailableError(absl::StrCat(kWhat, ": the answer holds none"));
  }
  return credentials;
}

}  // namespace sluice::cloud_identity
