// Kubernetes service accounts as identities towards clouds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/cloud_identity/services.h"
#include "common/kube/client.h"
#include "common/value/value.h"

namespace sluice::cloud_identity {

// The account as it is now. The API server's errors.
absl::StatusOr<Value> ReadAccount(const Context& ctx, kube::Client& client,
                                  const kube::ObjectKey& account);

// The account's annotation `name`. kFailedPrecondition, naming both, if it has none; the API
// server's errors.
absl::StatusOr<std::string> RequiredAnnotation(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& account,
                                               absl::string_view name);

// What tells the account from any other, and from itself with other annotations: for the keys of a
// TokenCache. The API server's errors.
absl::StatusOr<std::string> AccountKey(const Context& ctx, kube::Client& client,
                                       const kube::ObjectKey& account);

// A token of the account for `audience`, good for ten minutes (TokenRequest API).
absl::StatusOr<Secret> RequestToken(const Context& ctx, kube::Client& client,
                                    const kube::ObjectKey& account, absl::string_view audience);

// The same for several audiences, or for the API server itself if there are none, for as long as
// the API server grants it.
absl::StatusOr<Credentials> RequestCredentials(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& account,
                                               const std::vector<std::string>& audiences);

}  // namespace sluice::cloud_identity
