// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/fault_proxy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/steady_clock.h"
#include "common/http/body.h"

namespace sluice::faults {
namespace {

using Body = Harm::Body;

constexpr absl::Duration kDripPause = absl::Milliseconds(200);
constexpr absl::Duration kSettled = absl::Seconds(1);
constexpr absl::Duration kForEver = absl::Hours(1);

std::unique_ptr<http::Transport> Client(const http::TlsOptions& tls) {
  http::ClientOptions options;
  options.tls = tls;
  options.idle_timeout = kForEver;
  return http::CreateClient(std::move(options)).value();
}

// What belongs to one connection only.
bool IsHopByHop(absl::string_view name) {
  for (const char* field : {"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive"}) {
    if (absl::EqualsIgnoreCase(name, field)) return true;
  }
  return false;
}

}  // namespace

bool IsWatch(const Seen& seen) { return absl::StrContains(seen.query, "watch=true"); }

Fault Instead(hostile::Behaviour behaviour) {
  return [behaviour = std::move(behaviour)](const Seen&) { return Harm{.instead = behaviour}; };
}
Fault Mangle(Body body) {
  return [body](const Seen&) { return Harm{.body = body}; };
}
Fault Delay(absl::Duration delay) {
  return [delay](const Seen&) { return Harm{.delay = delay}; };
}

hostile::Behaviour Reset() {
  return [](const Seen&, Answer& answer) { answer.Reset(); };
}

FaultProxy::FaultProxy(Upstream upstream)
    : upstream_(std::move(upstream)), transport_(Client(upstream_.tls)) {
  server_.On("", [this](const Seen& seen, Answer& answer) { Handle(seen, answer); });
}

FaultProxy::~FaultProxy() {
  Begin(Instead(Reset()));
  CutStreams();
  absl::MutexLock lock(&mutex_);
  for (const auto& streams : stalled_) streams->cut.request_stop();
}

void FaultProxy::Begin(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = std::move(fault);
}

void FaultProxy::CutStreams() {
  absl::MutexLock lock(&mutex_);
  std::exchange(streams_, std::make_shared<Streams>())->cut.request_stop();
}

void FaultProxy::StallStreams() {
  absl::MutexLock lock(&mutex_);
  stalled_.push_back(std::exchange(streams_, std::make_shared<Streams>()));
  stalled_.back()->stalled = true;
}

int FaultProxy::settled_watches() const {
  absl::MutexLock lock(&mutex_);
  const auto young = watches_.upper_bound(SteadyClock().Now() - kSettled);
  return static_cast<int>(std::distance(watches_.begin(), young));
}

void FaultProxy::Handle(const Seen& seen, Answer& answer) {
  ++requests_;
  Fault fault;
  std::shared_ptr<const Streams> streams;
  {
    absl::MutexLock lock(&mutex_);
    fault = fault_;
    streams = streams_;
  }
  const Harm harm = fault != nullptr ? fault(seen) : Harm();
  if (harm.instead != nullptr) return harm.instead(seen, answer);
  if (harm.delay > absl::ZeroDuration() && !answer.Wait(harm.delay)) return;
  if (!IsWatch(seen)) return PassOn(*streams, seen, harm.body, answer);
  const absl::Time now = SteadyClock().Now();
  {
    absl::MutexLock lock(&mutex_);
    watches_.insert(now);
  }
  PassOn(*streams, seen, harm.body, answer);
  absl::MutexLock lock(&mutex_);
  watches_.erase(watches_.find(now));
}

void FaultProxy::PassOn(const Streams& streams, const Seen& seen, Body body, Answer& answer) {
  http::Request request;
  request.method = seen.method;
  request.url = absl::StrCat(upstream_.url, seen.path, seen.query.empty() ? "" : "?", seen.query);
  for (const auto& [name, value] : seen.headers.fields()) {
    if (!IsHopByHop(name)) request.headers.Add(name, value);
  }
  if (!upstream_.authorization.empty()) {
    request.headers.Set("Authorization", upstream_.authorization);
  }
  request.body = seen.body;

  const Context ctx = Context::Background().WithStopToken(streams.cut.get_token());
  const absl::Status gone = absl::CancelledError("the client is gone");
  bool chunked = false;
  uint64_t left = 0;  // of what may be sent, with kCut
  const auto on_head = [&](const http::Response& head) {
    http::Headers headers;
    for (const auto& [name, value] : head.headers.fields()) {
      if (!IsHopByHop(name)) headers.Add(name, value);
    }
    const std::string length(head.headers.Get("Content-Length"));
    chunked = head.headers.Has("Transfer-Encoding");
    if (chunked) headers.Set("Transfer-Encoding", "chunked");
    if (!length.empty()) headers.Set("Content-Length", length);
    left = std::strtoull(length.c_str(), nullptr, 10) / 2;
    return answer.SendHead(head.status, headers) ? absl::OkStatus() : gone;
  };
  const auto send = [&](absl::string_view bytes) {
    return answer.Send(chunked ? http::FormatChunk(bytes) : std::string(bytes));
  };
  const auto on_data = [&](absl::string_view bytes) {
    if (streams.stalled) return absl::OkStatus();
    switch (body) {
      case Body::kWhole:
        return send(bytes) ? absl::OkStatus() : gone;
      case Body::kCut:
        // Half of the whole, or of the first piece where nobody says how long the whole is.
        send(bytes.substr(0, chunked ? bytes.size() / 2 : std::min<uint64_t>(left, bytes.size())));
        if (chunked || left <= bytes.size()) return gone;
        left -= bytes.size();
        return absl::OkStatus();
      case Body::kDrip:
        for (size_t i = 0; i < bytes.size(); ++i) {
          if (!send(bytes.substr(i, 1)) || !answer.Wait(kDripPause)) return gone;
        }
        return absl::OkStatus();
      case Body::kHang:
        answer.Wait(kForEver);
        return gone;
    }
    return gone;
  };
  const absl::Status status = transport_->Stream(ctx, request, on_head, on_data);
  if (status.ok() && chunked && !streams.stalled) answer.Send(http::kLastChunk);
  if (streams.stalled) answer.Wait(kForEver);
}

}  // namespace sluice::faults
