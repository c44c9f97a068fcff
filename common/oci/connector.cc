// SPDX-License-Identifier: Apache-2.0
#include "common/oci/connector.h"

#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/oci/registry_error.h"

namespace sluice::oci {
namespace {

// How much earlier TLS is tried than plain HTTP, where both are allowed.
constexpr absl::Duration kHeadStart = absl::Milliseconds(300);

}  // namespace

absl::StatusOr<std::shared_ptr<const Session>> Connector::SessionFor(const Context& ctx,
                                                                     const Repository& repository) {
  const std::string& registry = repository.registry;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto known = sessions_.find(registry); known != sessions_.end()) {
      return known->second;
    }
  }
  const bool may_use_http = insecure_ || repository.MayUseHttp();
  ASSIGN_OR_RETURN(Session session, may_use_http ? Race(ctx, registry)
                                                 : Ping(ctx, absl::StrCat("https://", registry)));
  auto shared = std::make_shared<const Session>(std::move(session));
  absl::MutexLock lock(&mutex_);
  sessions_[registry] = shared;
  return shared;
}

absl::StatusOr<Session> Connector::Ping(const Context& ctx, const std::string& base) {
  http::Request request;
  request.url = absl::StrCat(base, "/v2/");
  ASSIGN_OR_RETURN(const http::Response response, transport_.Send(ctx, request));
  if (response.status == 200) return Session{base, Challenge()};
  if (response.status != 401) {
    return RegistryError("GET", request.url, response.status, response.body);
  }
  const std::optional<Challenge> challenge = FindChallenge(response.headers);
  if (!challenge.has_value()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "unrecognized challenge: ", response.headers.Get("WWW-Authenticate").substr(0, 200)));
  }
  return Session{base, *challenge};
}

// Plain HTTP starts as soon as TLS has failed, or a little later: a server without TLS may wait for
// more of what it takes for a request. The first that is answered wins.
absl::StatusOr<Session> Connector::Race(const Context& ctx, const std::string& registry) {
  struct State {
    absl::Mutex mutex;
    absl::CondVar changed;
    std::optional<absl::StatusOr<Session>> secure ABSL_GUARDED_BY(mutex);
  } state;
  std::stop_source stop;
  std::jthread racer([&, secure_ctx = ctx.WithStopToken(stop.get_token())] {
    absl::StatusOr<Session> result = Ping(secure_ctx, absl::StrCat("https://", registry));
    absl::MutexLock lock(&state.mutex);
    state.secure = std::move(result);
    state.changed.SignalAll();
  });
  {
    absl::MutexLock lock(&state.mutex);
    const absl::Time head_start = clock_.Now() + kHeadStart;
    while (!state.secure.has_value() && clock_.Now() < head_start && ctx.Check().ok()) {
      clock_.WaitUntil(state.changed, state.mutex, head_start);
    }
    if (state.secure.has_value() && state.secure->ok()) return *std::move(state.secure);
  }
  absl::StatusOr<Session> plain = Ping(ctx, absl::StrCat("http://", registry));
  // Whoever answered has no TLS at this port, so nobody waits for that any longer.
  const bool answered = !absl::IsUnavailable(plain.status());
  if (answered) stop.request_stop();
  racer.join();
  absl::MutexLock lock(&state.mutex);
  if (answered && !state.secure->ok()) return plain;
  if (state.secure->ok()) return *std::move(state.secure);
  return absl::Status(plain.status().code(), absl::StrCat(state.secure->status().message(), "; ",
                                                          plain.status().message()));
}

}  // namespace sluice::oci
