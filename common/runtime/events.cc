// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/events.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/value/json.h"

namespace sluice::runtime {
namespace {

constexpr absl::Duration kRequestTimeout = absl::Seconds(5);
constexpr absl::Duration kDrain = absl::Seconds(2);
// How many different events are remembered for counting repeats.
constexpr size_t kMaxKnown = 4096;
// The Event schema's bound on a message.
constexpr size_t kMaxMessage = 1024;
constexpr int kPostAttempts = 5;

const kube::Resource& EventResource() {
  static const auto* const kEvents = new kube::Resource{"", "v1", "events", "Event", true};
  return *kEvents;
}

std::string EventTime(absl::Time time) { return FormatRfc3339(time); }

}  // namespace

struct EventRecorder::Event {
  Value involved;  // ObjectReference
  Severity severity;
  std::string reason;
  std::string message;
  Metadata metadata;
  absl::Time time;
};

EventRecorder::EventRecorder(EventRecorderOptions options, kube::Client& client,
                             http::Transport* transport, Clock& clock)
    : options_(std::move(options)),
      client_(client),
      transport_(transport),
      clock_(clock),
      thread_([this] { Run(Context::Background().WithStopToken(stop_.get_token())); }) {}

EventRecorder::~EventRecorder() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.SignalAll();
    const absl::Time deadline = absl::Now() + kDrain;
    while (!queue_.empty() && absl::Now() < deadline) {
      changed_.WaitWithTimeout(&mutex_, absl::Milliseconds(50));
    }
  }
  stop_.request_stop();
}

void EventRecorder::Record(const Value& object, Severity severity, absl::string_view reason,
                           absl::string_view message, Metadata metadata) {
  const Value& meta = object["metadata"];
  for (const value::Member& annotation : meta["annotations"].members()) {
    if (absl::StartsWith(annotation.key, api::kEventAnnotationPrefix)) {
      metadata.emplace(annotation.key, std::string(annotation.value.str()));
    }
  }
  Event event = {Value{{"apiVersion", object["apiVersion"]},
                       {"kind", object["kind"]},
                       {"name", meta["name"]},
                       {"namespace", meta["namespace"]},
                       {"uid", meta["uid"]},
                       {"resourceVersion", meta["resourceVersion"]}},
                 severity,
                 std::string(reason),
                 std::string(message),
                 std::move(metadata),
                 clock_.Now()};
  absl::MutexLock lock(&mutex_);
  if (queue_.size() >= kMaxQueued) {
    queue_.pop_front();
    ++dropped_;
  }
  queue_.push_back(std::move(event));
  changed_.Signal();
}

void EventRecorder::Run(const Context& ctx) {
  while (!ctx.cancelled()) {
    Event event;
    int64_t dropped = 0;
    {
      absl::MutexLock lock(&mutex_);
      while (queue_.empty()) {
        if (closing_) return;
        changed_.Wait(&mutex_);
      }
      event = queue_.front();
      std::swap(dropped, dropped_);
    }
    if (dropped > 0) {
      log::Error(ctx, absl::ResourceExhaustedError("event queue full"), "events dropped",
                 {{"count", dropped}});
    }
    Send(ctx, event);
    absl::MutexLock lock(&mutex_);
    // A full queue may have dropped the event while it was being sent.
    if (!queue_.empty()) queue_.pop_front();
    changed_.SignalAll();
  }
}

void EventRecorder::Send(const Context& ctx, const Event& event) {
  if (const absl::Status status = WriteKubernetesEvent(ctx, event);
      !status.ok() && !ctx.cancelled()) {
    log::Error(ctx, status, "unable to write event", {{"reason", event.reason}});
  }
  if (event.severity == Severity::kTrace || options_.events_address.empty() ||
      transport_ == nullptr) {
    return;
  }
  if (const absl::Status status = Post(ctx, event); !status.ok() && !ctx.cancelled()) {
    log::Error(ctx, status, "unable to send event", {{"reason", event.reason}});
  }
}

absl::Status EventRecorder::WriteKubernetesEvent(const Context& ctx, const Event& event) {
  const Context request = ctx.WithTimeout(kRequestTimeout);
  const std::string ns(event.involved["namespace"].string_or("default"));
  const std::string key = absl::StrCat(event.involved["uid"].str(), "\n", event.reason, "\n",
                                       static_cast<int>(event.severity), "\n", event.message);
  if (const auto it = known_.find(key); it != known_.end()) {
    const Value patch = {{"count", it->second.count + 1}, {"lastTimestamp", EventTime(event.time)}};
    const auto patched = client_.Patch(request, EventResource(), {ns, it->second.name},
                                       kube::PatchType::kMerge, patch);
    if (patched.ok()) {
      ++it->second.count;
      return absl::OkStatus();
    }
    known_.erase(it);
    if (!absl::IsNotFound(patched.status())) return patched.status();
  }
  const std::string name =
      absl::StrFormat("%s.%x", event.involved["name"].str(), absl::ToUnixNanos(event.time));
  Value metadata = {{"name", name}, {"namespace", ns}};
  if (!event.metadata.empty()) {
    Value& annotations = metadata.Ensure("annotations");
    for (const auto& [k, v] : event.metadata) annotations.Set(k, v);
  }
  const Value object = {{"apiVersion", "v1"},
                        {"kind", "Event"},
                        {"metadata", metadata},
                        {"involvedObject", event.involved},
                        {"type", event.severity == Severity::kError ? "Warning" : "Normal"},
                        {"reason", event.reason},
                        {"message", absl::string_view(event.message).substr(0, kMaxMessage)},
                        {"source", {{"component", options_.controller}}},
                        {"reportingComponent", options_.controller},
                        {"reportingInstance", options_.instance},
                        {"firstTimestamp", EventTime(event.time)},
                        {"lastTimestamp", EventTime(event.time)},
                        {"count", 1}};
  RETURN_IF_ERROR(client_.Create(request, EventResource(), object).status());
  if (known_.size() >= kMaxKnown) known_.erase(known_.begin());
  known_[key] = {name, 1, event.time};
  return absl::OkStatus();
}

absl::Status EventRecorder::Post(const Context& ctx, const Event& event) {
  Value metadata = Value::EmptyObject();
  for (const auto& [k, v] : event.metadata) metadata.Set(k, v);
  const Value body = {{"involvedObject", event.involved},
                      {"severity", event.severity == Severity::kError ? "error" : "info"},
                      {"timestamp", EventTime(event.time)},
                      {"message", event.message},
                      {"reason", event.reason},
                      {"metadata", metadata},
                      {"reportingController", options_.controller},
                      {"reportingInstance", options_.instance}};
  http::Request request;
  request.method = "POST";
  request.url = options_.events_address;
  request.headers.Add("Content-Type", "application/json");
  request.body = value::FormatJson(body);
  absl::Status last;
  absl::Duration wait = absl::Seconds(1);
  for (int attempt = 0; attempt < kPostAttempts; ++attempt) {
    if (attempt > 0) {
      RETURN_IF_ERROR(clock_.Sleep(ctx, wait));
      wait = std::min(wait * 2, absl::Seconds(30));
    }
    const auto response = transport_->Send(ctx.WithTimeout(kRequestTimeout), request);
    if (!response.ok()) {
      last = response.status();
      continue;
    }
    // 429: the receiver has seen the same event a moment ago.
    if (response->status < 400 || response->status == 429) return absl::OkStatus();
    last = absl::UnavailableError(
        absl::StrCat(options_.events_address, " answered with HTTP status ", response->status));
    if (response->status < 500) return last;
  }
  return last;
}

}  // namespace sluice::runtime
