// The Secrets that objects refer to (spec/source.md §6.1, spec/image.md §4.8). No value of one gets
// into an error.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"

namespace sluice::credentials {

// Keys to decoded bytes.
using SecretData = std::map<std::string, std::string>;

// The API server's error, as "failed to get secret 'ns/name': …" or with other words for the first.
absl::StatusOr<SecretData> ReadSecret(const Context& ctx, kube::Client& client,
                                      const kube::ObjectKey& key,
                                      absl::string_view failure = "failed to get secret");

// The user name and password of a Secret that has both, empty without either. kInvalidArgument in
// Flux's words for one without the other.
struct BasicAuth {
  std::string username;
  Secret password;

  // The value of an Authorization header; empty if there is no user name.
  Secret Header() const;
};
absl::StatusOr<BasicAuth> BasicAuthFromSecret(const SecretData& data, const kube::ObjectKey& key);

// "" if there is no such key.
std::string ValueOf(const SecretData& data, absl::string_view key);

// "http://user:password@host:port" of the proxy Secret `key`: its "address", with "username" and
// "password" if it has a user name. kInvalidArgument in Flux's words for what is no such Secret.
absl::StatusOr<std::string> ReadProxyUrl(const Context& ctx, kube::Client& client,
                                         const kube::ObjectKey& key);

// TLS material: "ca.crt", "tls.crt", "tls.key", each with its older name "caFile", "certFile",
// "keyFile" as a fallback. The authority is trusted beside the system's. kInvalidArgument in Flux's
// words for half a pair, or if there is none of all this and `required`.
absl::StatusOr<http::TlsOptions> TlsFromSecret(const SecretData& data, const kube::ObjectKey& key,
                                               bool required);

}  // namespace sluice::credentials
