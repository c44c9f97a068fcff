// Who makes a request, and how the server finds out: bearer tokens, client certificates,
// impersonation headers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/http/message.h"
#include "common/http/server.h"

namespace sluice::devapi {

struct UserInfo {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool InGroup(absl::string_view group) const;
};

// The groups that see no authorization at all.
inline constexpr char kMastersGroup[] = "system:masters";
inline constexpr char kAnonymousUser[] = "system:anonymous";

// A user of the control plane itself, for what the server does on its own account.
UserInfo ControllerUser(absl::string_view controller);
UserInfo ServiceAccountUser(absl::string_view ns, absl::string_view name, absl::string_view uid);

// The service account tokens and static tokens that the server takes. Thread-safe.
class Tokens {
 public:
  // `key` signs what Issue() hands out.
  explicit Tokens(std::string key);

  // Accepts `token` for `user` until the process ends.
  void AddStatic(const Secret& token, UserInfo user);

  struct Claims {
    std::string ns;
    std::string service_account;
    std::string uid;
    std::vector<std::string> audiences;
    absl::Time issued_at;
    absl::Time expires_at;
    std::string bound_kind;  // "Pod", "Secret" or ""
    std::string bound_name;
    std::string bound_uid;
  };
  // A JSON Web Token (HS256) for a service account.
  std::string Issue(const Claims& claims) const;

  // The user of a static token, or the claims' user of one of ours that is valid at `now`.
  // kUnauthenticated otherwise, with a reason fit for TokenReview.
  absl::StatusOr<UserInfo> Authenticate(absl::string_view token, absl::Time now,
                                        Claims* claims = nullptr) const;

 private:
  const std::string key_;
  mutable absl::Mutex mutex_;
  std::map<std::string, UserInfo> fixed_ ABSL_GUARDED_BY(mutex_);  // by the token's digest
};

struct Authentication {
  UserInfo user;
  // Set when impersonation headers named somebody else: who really sent the request.
  bool impersonating = false;
  UserInfo original;
};

// The user of a request: bearer token, else client certificate, else anonymous; then the user that
// Impersonate-User/-Group/-Uid/-Extra- name (whether that is allowed is authorization's business).
// The API error of an unknown token, or of impersonation headers without a user.
absl::StatusOr<Authentication> Authenticate(const Tokens& tokens, const http::Headers& headers,
                                            const http::PeerIdentity& peer, absl::Time now);

}  // namespace sluice::devapi
