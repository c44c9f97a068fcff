// Credentials for a Git remote, as a GitRepository's secretRef gives them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::git {

struct Auth {
  // HTTP: basic authentication unless `username` and `password` are both empty; SSH: the user to
  // log in as.
  std::string username;
  Secret password;
  // HTTP: "Authorization: Bearer ..."; not together with `username`.
  Secret bearer_token;

  // SSH: a private key in OpenSSH or PEM form, what it is encrypted with if it is, and the host
  // keys to accept in the format of OpenSSH's known_hosts.
  Secret identity;
  Secret passphrase;
  std::string known_hosts;

  // HTTPS: authorities besides the system's, and a client certificate.
  std::string ca_pem;
  std::string client_certificate_pem;
  Secret client_key_pem;
};

// The credentials for `url` out of a Secret's data (fluxcd/pkg git 0.4x, NewAuthOptions):
// "identity", "known_hosts", "password" for ssh; "bearerToken", or "username" and "password",
// "ca.crt" (else "caFile"), "tls.crt", "tls.key" for http and https. What the Secret lacks is taken
// from the URL's user info. kInvalidArgument with Flux's text where the two do not make usable
// credentials.
absl::StatusOr<Auth> AuthFromSecret(absl::string_view url,
                                    const std::map<std::string, std::string>& data);

// Whether `identity` is a private key that needs a passphrase.
bool IsEncryptedKey(const Secret& identity);

}  // namespace sluice::git
