// SPDX-License-Identifier: Apache-2.0
#include "common/trace/tracer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/log/log.h"
#include "common/value/json.h"

namespace sluice::trace {
namespace {

constexpr absl::Duration kRequestTimeout = absl::Seconds(5);
constexpr absl::Duration kDrain = absl::Seconds(2);
constexpr size_t kMaxPerPost = 512;
// Of OTLP's enumerations: SpanKind and StatusCode.
constexpr int kInternal = 1;
constexpr int kError = 2;
constexpr size_t kTraceIdDigits = 32;
constexpr size_t kSpanIdDigits = 16;

std::string TraceId(const Revision& revision) {
  return crypto::Sha256Hex(absl::StrCat(revision.source, "\n", revision.revision, "\n",
                                        absl::ToUnixSeconds(revision.published)))
      .substr(0, kTraceIdDigits);
}

// Of the span of `object` itself, so that others can be below it before it is there.
std::string SpanId(const std::string& trace, absl::string_view object) {
  return crypto::Sha256Hex(absl::StrCat(trace, "\n", object)).substr(0, kSpanIdDigits);
}

// 64-bit integers are strings in OTLP's JSON.
std::string Nanos(absl::Time time) { return absl::StrCat(absl::ToUnixNanos(time)); }

Value Text(absl::string_view key, absl::string_view text) {
  return {{"key", key}, {"value", {{"stringValue", text}}}};
}

Value Span(const std::string& trace, std::string id, const std::string& parent, const Stage& stage,
           Value::Array attributes) {
  Value span = {{"traceId", trace},
                {"spanId", std::move(id)},
                {"name", stage.name},
                {"kind", kInternal},
                {"startTimeUnixNano", Nanos(stage.start)},
                {"endTimeUnixNano", Nanos(stage.end)},
                {"attributes", Value(std::move(attributes))}};
  if (!parent.empty()) span.Set("parentSpanId", parent);
  return span;
}

std::string UrlOf(absl::string_view endpoint) {
  if (absl::EndsWith(endpoint, "/v1/traces")) return std::string(endpoint);
  return absl::StrCat(absl::StripSuffix(endpoint, "/"), "/v1/traces");
}

}  // namespace

void Timeline::Enter(absl::string_view stage, absl::Time now) {
  End(now);
  stages_.push_back({std::string(stage), now, now});
  open_ = true;
}

void Timeline::End(absl::Time now) {
  if (open_) stages_.back().end = now;
  open_ = false;
}

Tracer::Tracer(TracerOptions options, http::Transport& transport, Clock& clock)
    : options_(std::move(options)),
      transport_(transport),
      clock_(clock),
      thread_([this] { Run(); }) {}

Tracer::~Tracer() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    mutex_.AwaitWithTimeout(absl::Condition(&ended_), kDrain);
  }
  stop_.request_stop();
}

void Tracer::Add(const Report& report) {
  const std::string trace = TraceId(report.revision);
  const std::string own = SpanId(trace, report.object);
  const absl::Time now = clock_.Now();
  Timeline timeline = report.timeline;
  timeline.End(now);
  const Value::Array about = {Text("sluice.object", report.object),
                              Text("sluice.revision", report.revision.revision)};
  absl::MutexLock lock(&mutex_);
  for (const Stage& stage : timeline.stages()) {
    Value span = Span(trace, crypto::RandomHex(kSpanIdDigits / 2), own, stage, about);
    if (!report.error.ok() && &stage == &timeline.stages().back()) {
      span.Set("status", {{"code", kError}, {"message", report.error.message()}});
    }
    Queue(std::move(span));
  }
  if (!report.complete) return;
  const bool root = report.object == report.revision.source;
  Queue(Span(trace, own, root ? "" : SpanId(trace, report.revision.source),
             {report.object, report.start, now}, about));
}

void Tracer::Queue(Value span) {
  if (queue_.size() >= kMaxQueued) {
    queue_.pop_front();
    ++dropped_;
  }
  queue_.push_back(std::move(span));
}

void Tracer::Run() {
  const Context ctx = Context::Background().WithStopToken(stop_.get_token());
  while (true) {
    Value::Array spans;
    size_t dropped = 0;
    {
      absl::MutexLock lock(&mutex_);
      const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !queue_.empty() || closing_;
      };
      mutex_.Await(absl::Condition(&something));
      if (queue_.empty() || ctx.cancelled()) {
        ended_ = true;
        return;
      }
      while (!queue_.empty() && spans.size() < kMaxPerPost) {
        spans.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      std::swap(dropped, dropped_);
    }
    if (const absl::Status posted = Post(ctx, std::move(spans)); !posted.ok()) {
      log::Debug(ctx, "spans not posted", {{"error", posted.message()}});
    }
    if (dropped > 0) log::Info(ctx, "spans dropped", {{"count", dropped}});
  }
}

absl::Status Tracer::Post(const Context& ctx, Value::Array spans) {
  const Value resource = {
      {"attributes", Value(Value::Array{Text("service.name", options_.service),
                                        Text("service.instance.id", options_.instance)})}};
  const Value scope = {{"scope", {{"name", "sluice"}}}, {"spans", Value(std::move(spans))}};
  const Value body = {
      {"resourceSpans", Value(Value::Array{Value{{"resource", resource},
                                                 {"scopeSpans", Value(Value::Array{scope})}}})}};
  http::Request request;
  request.method = "POST";
  request.url = UrlOf(options_.endpoint);
  request.headers.Add("Content-Type", "application/json");
  request.body = value::FormatJson(body);
  ASSIGN_OR_RETURN(const http::Response response,
                   transport_.Send(ctx.WithTimeout(kRequestTimeout), request));
  if (response.status < 300) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(request.url, " answered with HTTP status ", response.status));
}

}  // namespace sluice::trace
