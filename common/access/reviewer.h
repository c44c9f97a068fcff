// Reviewer: who a bearer token stands for and what somebody may do, as the Kubernetes API answers
// it (TokenReview, SubjectAccessReview).
//
//   ASSIGN_OR_RETURN(const Identity who, reviewer.Authenticate(ctx, token));
//   ASSIGN_OR_RETURN(const bool may, reviewer.Allowed(ctx, who.user, {"get", resource, ns, name}));
//
// Answers are kept for ten seconds, good and bad ones, so that a busy client costs the API server
// next to nothing; what was taken away works for that much longer at most.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/kube/client.h"
#include "common/kube/gvk.h"

namespace sluice::access {

struct User {
  std::string name;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

struct Identity {
  User user;
  // When the token says that it ends; InfiniteFuture() for one that does not say.
  absl::Time expires = absl::InfiniteFuture();
};

struct Question {
  std::string verb;  // "get", "list", "watch", "patch"
  kube::Resource resource;
  std::string ns;    // empty: in all namespaces
  std::string name;  // empty: any
};

// Thread-safe. `client` and `clock` must outlive it.
class Reviewer {
 public:
  static constexpr absl::Duration kKept = absl::Seconds(10);
  static constexpr size_t kMaxKept = 10'000;  // of each kind of answer

  Reviewer(kube::Client& client, Clock& clock) : client_(client), clock_(clock) {}

  // kUnauthenticated for no token, one that the API server does not take, and one that has ended;
  // kUnavailable if it cannot be asked.
  absl::StatusOr<Identity> Authenticate(const Context& ctx, const Secret& token);

  // kUnavailable if the API server cannot be asked, never "yes".
  absl::StatusOr<bool> Allowed(const Context& ctx, const User& user, const Question& question);

 private:
  template <typename T>
  struct Kept {
    absl::StatusOr<T> answer;
    absl::Time until;
  };
  template <typename T>
  using Answers = absl::flat_hash_map<std::string, Kept<T>>;

  // Looks `key` up in `answers`, else calls `ask` without the lock and keeps what it says. Errors
  // other than kUnauthenticated are not kept.
  template <typename T, typename Ask>
  absl::StatusOr<T> Remembered(Answers<T> Reviewer::*answers, const std::string& key,
                               const Ask& ask);

  kube::Client& client_;
  Clock& clock_;
  absl::Mutex mutex_;
  Answers<Identity> identities_ ABSL_GUARDED_BY(mutex_);  // by the token's digest
  Answers<bool> decisions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::access
