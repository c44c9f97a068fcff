// Guard: who a call is from, and which objects it may see and change. Every call of every service
// passes it first.
//
//   ASSIGN_OR_RETURN(const Session session, guard.Enter(ctx, scope.caller()));
//   RETURN_IF_ERROR(guard.Require(ctx, session, "get", resource, key));
//
// What is forbidden is answered as if it were absent, so that nobody learns what there is.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/access/reviewer.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/kube/gvk.h"
#include "common/kube/object_key.h"
#include "common/rpc/caller.h"

namespace sluice::controller_rpc {

// Bounds of what one caller may ask for.
struct CallLimits {
  double calls_per_second = 100;  // from one host, on the average
  double burst = 500;
  int streams = 1000;  // watches, subscriptions and waits of one user at a time
};

// A caller that was let in.
struct Session {
  bool trusted = false;  // plain text: nobody is asked who they are, everything is allowed
  access::User user;
  absl::Time expires = absl::InfiniteFuture();  // the session's, with the token's
  Secret token;                                 // to look again; empty with a client certificate
};

// NOT_FOUND in the words for what is absent and what is forbidden.
absl::Status NotFound(absl::string_view kind, const kube::ObjectKey& key);

// Thread-safe.
class Guard {
 public:
  // Without `reviewer` everybody is trusted. Both must outlive it.
  Guard(access::Reviewer* reviewer, Clock& clock, CallLimits limits = {})
      : reviewer_(reviewer), clock_(clock), limits_(limits) {}

  // kUnauthenticated without a valid token or verified client certificate, the token first;
  // kResourceExhausted for too many calls from one host.
  absl::StatusOr<Session> Enter(const Context& ctx, const rpc::Caller& caller);
  // Looks at the session's token again.
  absl::Status Renew(const Context& ctx, Session& session);

  absl::StatusOr<bool> Allowed(const Context& ctx, const Session& session, absl::string_view verb,
                               const kube::Resource& resource, const kube::ObjectKey& key);
  // OK if allowed. Otherwise NotFound(), or kPermissionDenied for who may at least get the object.
  absl::Status Require(const Context& ctx, const Session& session, absl::string_view verb,
                       const kube::Resource& resource, const kube::ObjectKey& key);

  // One more stream of the session's user, until the permit goes; kResourceExhausted if there are
  // too many. The guard must outlive it.
  using Permit = std::shared_ptr<void>;
  absl::StatusOr<Permit> OpenStream(const Session& session);

 private:
  struct Bucket {
    double tokens;
    absl::Time filled;
  };

  absl::Status Count(const std::string& host);

  access::Reviewer* const reviewer_;
  Clock& clock_;
  const CallLimits limits_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> streams_ ABSL_GUARDED_BY(mutex_);
};

// Which objects of a list or stream its caller may see: those of a kind in all namespaces, or in
// one. Remembers every answer. Not thread-safe.
class Scope {
 public:
  // `guard` must outlive it; `verb` is "list" or "watch".
  Scope(Guard& guard, Session session, std::string verb)
      : guard_(guard), session_(std::move(session)), verb_(std::move(verb)) {}

  const Session& session() const { return session_; }
  // Without asking anybody: nullopt if it is not known yet.
  std::optional<bool> Known(absl::string_view kind, absl::string_view ns) const;
  absl::StatusOr<bool> Includes(const Context& ctx, const std::string& kind, const std::string& ns);
  // Asks again who the caller is and about everything that is known; whether an answer has changed.
  absl::StatusOr<bool> Refresh(const Context& ctx);

 private:
  Guard& guard_;
  Session session_;
  const std::string verb_;
  std::map<std::pair<std::string, std::string>, bool> known_;  // by kind and namespace, "" is all
};

}  // namespace sluice::controller_rpc
