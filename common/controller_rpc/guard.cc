// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/guard.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"

namespace sluice::controller_rpc {
namespace {

constexpr size_t kMaxHosts = 10'000;

}  // namespace

absl::Status NotFound(absl::string_view kind, const kube::ObjectKey& key) {
  return absl::NotFoundError(absl::StrCat(kind, " ", key.ToString(), " not found"));
}

absl::Status Guard::Count(const std::string& host) {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&mutex_);
  if (buckets_.size() >= kMaxHosts) buckets_.clear();
  Bucket& bucket = buckets_.try_emplace(host, Bucket{limits_.burst, now}).first->second;
  bucket.tokens =
      std::min(limits_.burst, bucket.tokens + absl::ToDoubleSeconds(now - bucket.filled) *
                                                  limits_.calls_per_second);
  bucket.filled = now;
  if (bucket.tokens < 1) return absl::ResourceExhaustedError("too many calls; ask again later");
  bucket.tokens -= 1;
  return absl::OkStatus();
}

absl::StatusOr<Session> Guard::Enter(const Context& ctx, const rpc::Caller& caller) {
  RETURN_IF_ERROR(Count(caller.host()));
  Session session;
  if (reviewer_ == nullptr) {
    session.trusted = true;
    return session;
  }
  if (caller.bearer_token.empty() && !caller.common_name.empty()) {
    // What Kubernetes makes of a client certificate.
    session.user.name = caller.common_name;
    session.user.groups = caller.organizations;
    session.user.groups.push_back("system:authenticated");
    return session;
  }
  session.token = caller.bearer_token;
  RETURN_IF_ERROR(Renew(ctx, session));
  return session;
}

absl::Status Guard::Renew(const Context& ctx, Session& session) {
  if (session.trusted || (session.token.empty() && !session.user.name.empty())) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(access::Identity identity, reviewer_->Authenticate(ctx, session.token));
  session.user = std::move(identity.user);
  session.expires = identity.expires;
  return absl::OkStatus();
}

absl::StatusOr<bool> Guard::Allowed(const Context& ctx, const Session& session,
                                    absl::string_view verb, const kube::Resource& resource,
                                    const kube::ObjectKey& key) {
  if (session.trusted) return true;
  return reviewer_->Allowed(ctx, session.user, {std::string(verb), resource, key.ns, key.name});
}

absl::Status Guard::Require(const Context& ctx, const Session& session, absl::string_view verb,
                            const kube::Resource& resource, const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const bool allowed, Allowed(ctx, session, verb, resource, key));
  if (allowed) return absl::OkStatus();
  if (verb == "get") return NotFound(resource.kind, key);
  RETURN_IF_ERROR(Require(ctx, session, "get", resource, key));
  return absl::PermissionDeniedError(
      absl::StrCat("you may not ", verb, " ", resource.kind, " ", key.ToString()));
}

absl::StatusOr<Guard::Permit> Guard::OpenStream(const Session& session) {
  const std::string& user = session.user.name;
  const absl::MutexLock lock(&mutex_);
  int& open = streams_[user];
  if (open >= limits_.streams) {
    return absl::ResourceExhaustedError("too many streams; end one first");
  }
  ++open;
  return Permit(nullptr, [this, user](void*) {
    const absl::MutexLock end(&mutex_);
    if (--streams_[user] == 0) streams_.erase(user);
  });
}

std::optional<bool> Scope::Known(absl::string_view kind, absl::string_view ns) const {
  if (session_.trusted) return true;
  const auto everywhere = known_.find({std::string(kind), ""});
  if (everywhere == known_.end()) return std::nullopt;
  if (everywhere->second) return true;
  const auto here = known_.find({std::string(kind), std::string(ns)});
  return here == known_.end() ? std::nullopt : std::optional<bool>(here->second);
}

absl::StatusOr<bool> Scope::Includes(const Context& ctx, const std::string& kind,
                                     const std::string& ns) {
  for (const std::string& where : {std::string(), ns}) {
    if (const std::optional<bool> known = Known(kind, ns); known.has_value()) return *known;
    ASSIGN_OR_RETURN(const bool allowed, guard_.Allowed(ctx, session_, verb_, api::KindOrDie(kind),
                                                        kube::ObjectKey{where, ""}));
    known_[{kind, where}] = allowed;
  }
  return *Known(kind, ns);
}

absl::StatusOr<bool> Scope::Refresh(const Context& ctx) {
  RETURN_IF_ERROR(guard_.Renew(ctx, session_));
  bool changed = false;
  for (auto& [where, allowed] : known_) {
    ASSIGN_OR_RETURN(const bool now,
                     guard_.Allowed(ctx, session_, verb_, api::KindOrDie(where.first),
                                    kube::ObjectKey{where.second, ""}));
    changed = changed || now != allowed;
    allowed = now;
  }
  return changed;
}

}  // namespace sluice::controller_rpc
