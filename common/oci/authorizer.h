// Who we are in a request: Basic credentials, or access tokens fetched and kept per repository.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/transport.h"
#include "common/oci/challenge.h"
#include "common/oci/client.h"

namespace sluice::oci {

// How a registry is spoken to, found out by asking it once.
struct Session {
  std::string base;  // "https://host"
  Challenge challenge;
};

// Thread-safe.
class Authorizer {
 public:
  // `transport` follows no redirects; both outlive this.
  Authorizer(const ClientOptions& options, http::Transport& transport, Clock& clock)
      : options_(options), transport_(transport), clock_(clock) {}

  // The value of the Authorization field for reading `repository`; empty: none.
  absl::StatusOr<std::string> Value(const Context& ctx, const Session& session,
                                    const Repository& repository);
  // Takes in a 401's challenge. Whether asking Value() again can give another answer.
  bool TakeChallenge(const Repository& repository, const Challenge& challenge);

 private:
  struct Grant {
    Challenge challenge;
    std::vector<std::string> scopes;
    Secret token;
    Secret refresh_token;
    absl::Time expires = absl::InfiniteFuture();
  };

  absl::StatusOr<Credential> CredentialFor(const Context& ctx, const Repository& repository) const;
  absl::StatusOr<Grant> FetchToken(const Context& ctx, const Session& session, Grant grant,
                                   const Credential& credential) const;
  absl::StatusOr<http::Response> PostForm(const Context& ctx, const Session& session,
                                          const Grant& grant, const Secret& refresh_token) const;
  absl::StatusOr<http::Response> GetToken(const Context& ctx, const Session& session,
                                          const Grant& grant, const Credential& credential) const;

  const ClientOptions& options_;
  http::Transport& transport_;
  Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::string, Grant> grants_ ABSL_GUARDED_BY(mutex_);  // by repository
};

// OK if a token service at `realm` may be sent to for a registry at `base`: TLS unless the registry
// itself has none, and no address inside of networks unless it is the registry's own.
absl::Status CheckRealm(absl::string_view base, absl::string_view realm);

}  // namespace sluice::oci
