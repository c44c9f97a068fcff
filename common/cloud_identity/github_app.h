// GitHub Apps: a token of an installation for the app's private key.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/cloud_identity/services.h"
#include "common/http/transport.h"

namespace sluice::cloud_identity {

// User name beside an installation token.
inline constexpr char kGitHubTokenUser[] = "x-access-token";

struct GitHubApp {
  std::string app_id;
  std::string installation_owner;  // this or the next
  std::string installation_id;
  std::string base_url;  // "" is https://api.github.com
  Secret private_key;    // PEM

  // Whether a Secret's data speaks of a GitHub App at all.
  static bool In(const std::map<std::string, std::string>& data);
  // Keys "githubAppID", "githubAppInstallationOwner" or "githubAppInstallationID",
  // "githubAppPrivateKey", "githubAppBaseURL". kInvalidArgument, worded as in Flux 2.9, for half of
  // one; `name` is the Secret's, "ns/name".
  static absl::StatusOr<GitHubApp> FromSecret(const std::map<std::string, std::string>& data,
                                              absl::string_view name);

  // All of it, for TokenCache.
  std::string CacheKey() const;
};

// A token of the installation, good for an hour. An owner is looked for among the app's
// installations.
absl::StatusOr<Credentials> GitHubToken(const Context& ctx, http::Transport& transport,
                                        const GitHubApp& app, Clock& clock);

}  // namespace sluice::cloud_identity
