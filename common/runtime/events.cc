// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/events.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <stop_token>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
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
// notification-controller's.
constexpr size_t kMaxPosted = 39000;
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

// A bounded queue and the thread that empties it.
class EventRecorder::Outbox {
 public:
  using Send = std::function<absl::Status(const Context& ctx, const Event& event)>;

  Outbox(absl::string_view failure, Send send)
      : failure_(failure), send_(std::move(send)), thread_([this] { Run(); }) {}
  // Call Close() before; what is left at `deadline` is given up.
  ~Outbox() { stop_.request_stop(); }

  void Add(std::shared_ptr<const Event> event) {
    absl::MutexLock lock(&mutex_);
    if (queue_.size() >= kMaxQueued) {
      queue_.pop_front();
      ++dropped_;
    }
    queue_.push_back(std::move(event));
  }

  void Close(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    mutex_.AwaitWithDeadline(absl::Condition(&ended_), deadline);
  }

 private:
  void Run() {
    const Context ctx = Context::Background().WithStopToken(stop_.get_token());
    while (const std::shared_ptr<const Event> event = Next(ctx)) {
      const absl::Status status = send_(ctx, *event);
      if (!status.ok() && !ctx.cancelled()) {
        log::Error(ctx, status, failure_, {{"reason", event->reason}});
      }
    }
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }

  // Null at the end.
  std::shared_ptr<const Event> Next(const Context& ctx) {
    std::shared_ptr<const Event> event;
    int64_t dropped = 0;
    {
      absl::MutexLock lock(&mutex_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !queue_.empty() || closing_;
      };
      mutex_.Await(absl::Condition(&something));
      if (queue_.empty() || ctx.cancelled()) return nullptr;
      event = std::move(queue_.front());
      queue_.pop_front();
      std::swap(dropped, dropped_);
    }
    if (dropped > 0) {
      log::Error(ctx, absl::ResourceExhaustedError("event queue full"), "events dropped",
                 {{"count", dropped}});
    }
    return event;
  }

  const absl::string_view failure_;
  const Send send_;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<const Event>> queue_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::stop_source stop_;
  std::jthread thread_;
};

EventRecorder::EventRecorder(EventRecorderOptions options, kube::Client& client,
                             http::Transport* transport, Clock& clock)
    : options_(std::move(options)),
      client_(client),
      transport_(transport),
      clock_(clock),
      write_(std::make_unique<Outbox>("unable to write event",
                                      [this](const Context& ctx, const Event& event) {
                                        return WriteKubernetesEvent(ctx, event);
                                      })) {
  if (options_.events_address.empty() || transport_ == nullptr) return;
  post_ = std::make_unique<Outbox>(
      "unable to send event",
      [this](const Context& ctx, const Event& event) { return Post(ctx, event); });
}

EventRecorder::~EventRecorder() {
  const absl::Time deadline = absl::Now() + kDrain;
  for (Outbox* outbox : {write_.get(), post_.get()}) {
    if (outbox != nullptr) outbox->Close(deadline);
  }
}

void EventRecorder::Record(const Value& object, Severity severity, absl::string_view reason,
                           absl::string_view message, Metadata metadata) {
  const Value& meta = object["metadata"];
  for (const value::Member& annotation : meta["annotations"].members()) {
    if (absl::StartsWith(annotation.key, api::kEventAnnotationPrefix)) {
      metadata.emplace(annotation.key, std::string(annotation.value.str()));
    }
  }
  const auto event = std::make_shared<const Event>(Event{
      Value{{"apiVersion", object["apiVersion"]},
            {"kind", object["kind"]},
            {"name", meta["name"]},
            {"namespace", meta["namespace"]},
            {"uid", meta["uid"]},
            {"resourceVersion", meta["resourceVersion"]}},
      severity, std::string(reason), std::string(message), std::move(metadata), clock_.Now()});
  write_->Add(event);
  // The receiver refuses events that do not say what they are about.
  const bool complete = !object["kind"].str().empty() && !meta["name"].str().empty() &&
                        !meta["namespace"].str().empty();
  if (post_ != nullptr && severity != Severity::kTrace && complete) post_->Add(event);
}

bool EventRecorder::Admit(const std::string& uid, absl::Time now) {
  if (allowances_.size() >= kMaxKnown) allowances_.clear();
  const auto [it, fresh] = allowances_.try_emplace(uid);
  Allowance& allowance = it->second;
  if (!fresh) {
    allowance.left =
        std::min(kBurst, allowance.left + absl::FDivDuration(now - allowance.when, kRefill));
  }
  allowance.when = now;
  if (allowance.left < 1) return false;
  allowance.left -= 1;
  return true;
}

absl::Status EventRecorder::WriteKubernetesEvent(const Context& ctx, const Event& event) {
  if (!Admit(std::string(event.involved["uid"].str()), event.time)) return absl::OkStatus();
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
  known_[key] = {name, 1};
  return absl::OkStatus();
}

absl::Status EventRecorder::Post(const Context& ctx, const Event& event) {
  Value metadata = Value::EmptyObject();
  for (const auto& [k, v] : event.metadata) metadata.Set(k, v);
  const Value body = {{"involvedObject", event.involved},
                      {"severity", event.severity == Severity::kError ? "error" : "info"},
                      {"timestamp", EventTime(event.time)},
                      {"message", absl::string_view(event.message).substr(0, kMaxPosted)},
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
