// Who we are to a registry, and the Docker configuration that says so.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/oci/reference.h"
#include "common/value/value.h"

namespace sluice::oci {

struct Credential {
  bool anonymous() const {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }

  std::string username;
  Secret password;
  Secret identity_token;  // exchanged for access tokens (OAuth 2 refresh token)
  Secret registry_token;  // sent as it is
};

// Credentials by registry, out of secrets of type kubernetes.io/dockerconfigjson and dockercfg,
// with the keys that Kubernetes understands (and go-containerregistry after it): "ghcr.io",
// "https://index.docker.io/v1/", "*.example.com:5000", "host/org". Of several keys that fit the
// last in the order of bytes wins, so a longer path before a shorter one. Not thread-safe while
// being added to.
class Keyring {
 public:
  // The content of .dockerconfigjson ({"auths": {…}}), or of the older .dockercfg (the map alone).
  // Entries of earlier secrets go before those of later ones with an equal key. kInvalidArgument,
  // never quoting the text, if it is not of that form.
  absl::Status AddDockerConfigJson(absl::string_view text);
  absl::Status AddDockerCfg(absl::string_view text);

  // Nothing if no key fits.
  std::optional<Credential> Find(const Repository& repository) const;
  bool empty() const { return entries_.empty(); }

 private:
  absl::Status AddEntries(const Value& entries);

  // By key: the host and, if any, the path.
  std::map<std::string, Credential, std::greater<>> entries_;
};

// What a registry is told, by repository: ClientOptions::credentials.
using RegistryCredentials =
    std::function<absl::StatusOr<Credential>(const Context&, const Repository&)>;

// Each registry gets what `keyring` has for it, or nothing.
RegistryCredentials FromKeyring(Keyring keyring);

// `credential` for `registry`; nobody else gets it.
RegistryCredentials OnlyFor(std::string registry, Credential credential);

}  // namespace sluice::oci
