// The Secrets that sources refer to (spec/source.md §6.1). No value of one gets into an error.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/http/client.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"

namespace sluice::source_controller {

// Keys to decoded bytes.
using SecretData = std::map<std::string, std::string>;

// The API server's error, as "failed to get secret 'ns/name': …".
absl::StatusOr<SecretData> ReadSecret(const Context& ctx, kube::Client& client,
                                      const kube::ObjectKey& key);

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

}  // namespace sluice::source_controller
