// SPDX-License-Identifier: Apache-2.0
#include "common/trace/tracer.h"

#include <catch2/catch.hpp>
#include <map>

#include "common/testing/fake_clock.h"
#include "common/value/json.h"

namespace sluice::trace {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

// A collector that answers when it is let go.
class Collector : public http::Transport {
 public:
  absl::StatusOr<http::Response> Send(const Context&, const http::Request& request) override {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
    mutex_.Await(absl::Condition(&open_));
    http::Response response;
    response.status = 200;
    return response;
  }
  absl::Status Stream(const Context&, const http::Request&, http::OnHead, http::OnData) override {
    return absl::UnimplementedError("spans are not streamed");
  }
  void set_open(bool open) {
    absl::MutexLock lock(&mutex_);
    open_ = open;
  }
  // Whether `count` posts begin.
  bool Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] { return requests_.size() >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience);
  }
  std::vector<http::Request> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  // All spans that came, by name.
  std::map<std::string, Value> Spans() {
    std::map<std::string, Value> spans;
    for (const http::Request& request : requests()) {
      const Value body = value::ParseJson(request.body).value();
      for (const Value& span : body["resourceSpans"].at(0)["scopeSpans"].at(0)["spans"].items()) {
        spans[std::string(span["name"].str())] = span;
      }
    }
    return spans;
  }

 private:
  absl::Mutex mutex_;
  bool open_ = true;
  std::vector<http::Request> requests_;
};

Revision Published(absl::Time when) {
  return {"GitRepository/flux-system/apps", "main@sha1:1", when};
}

TEST_CASE("two controllers report one trace", "[trace]") {
  testing::FakeClock clock;
  Collector collector;
  const absl::Time start = clock.Now();
  {
    Tracer source({"http://collector:4318/", "source-controller", "pod-1"}, collector, clock);
    Report report = {Published(start), "GitRepository/flux-system/apps", start, {}, true, {}};
    report.timeline.Enter("fetch", clock.Now());
    clock.Advance(absl::Seconds(2));
    report.timeline.Enter("artifact", clock.Now());
    clock.Advance(absl::Seconds(1));
    source.Add(report);
  }
  {
    Tracer consumer({"http://collector:4318", "kustomize-controller", "pod-2"}, collector, clock);
    // The same moment as the status tells it, in whole seconds.
    Report report = {Published(start + absl::Milliseconds(400)),
                     "Kustomization/flux-system/apps",
                     clock.Now(),
                     {},
                     false,
                     {}};
    report.timeline.Enter("build", clock.Now());
    report.error = absl::InvalidArgumentError("no kustomization");
    consumer.Add(report);
    report.complete = true;
    report.timeline = {};
    consumer.Add(report);
  }
  const auto spans = collector.Spans();
  REQUIRE(spans.size() == 5);
  const Value& root = spans.at("GitRepository/flux-system/apps");
  const Value& kustomization = spans.at("Kustomization/flux-system/apps");
  for (const auto& [name, span] : spans) {
    CAPTURE(name);
    CHECK(span["traceId"] == root["traceId"]);
    CHECK(span["traceId"].str().size() == 32);
    CHECK(span["spanId"].str().size() == 16);
  }
  CHECK_FALSE(root.Has("parentSpanId"));
  CHECK(spans.at("fetch")["parentSpanId"] == root["spanId"]);
  CHECK(kustomization["parentSpanId"] == root["spanId"]);
  CHECK(spans.at("build")["parentSpanId"] == kustomization["spanId"]);
  CHECK(spans.at("build")["status"] == Value{{"code", 2}, {"message", "no kustomization"}});
  CHECK(spans.at("fetch")["endTimeUnixNano"] == spans.at("artifact")["startTimeUnixNano"]);
  CHECK(root["startTimeUnixNano"].str() == "1767225600000000000");
  CHECK(root["endTimeUnixNano"].str() == "1767225603000000000");
  CHECK(collector.requests().at(0).url == "http://collector:4318/v1/traces");
}

TEST_CASE("another publication of a revision is another trace", "[trace]") {
  testing::FakeClock clock;
  Collector collector;
  {
    Tracer tracer({"http://collector:4318", "source-controller", "pod"}, collector, clock);
    for (const char* object : {"Kustomization/a/a", "Kustomization/a/b"}) {
      tracer.Add({Published(clock.Now()), object, clock.Now(), {}, true, {}});
      clock.Advance(absl::Seconds(1));
    }
  }
  const auto spans = collector.Spans();
  CHECK(spans.at("Kustomization/a/a")["traceId"] != spans.at("Kustomization/a/b")["traceId"]);
}

TEST_CASE("a collector that hangs costs spans, not time", "[trace]") {
  testing::FakeClock clock;
  Collector collector;
  collector.set_open(false);
  Tracer tracer({"http://collector:4318", "source-controller", "pod"}, collector, clock);
  const auto add = [&](size_t i) {
    tracer.Add({Published(clock.Now()), absl::StrCat("K/a/", i), clock.Now(), {}, true, {}});
  };
  add(0);
  REQUIRE(collector.Await(1));
  for (size_t i = 1; i <= Tracer::kMaxQueued + 1; ++i) add(i);
  collector.set_open(true);
  REQUIRE(collector.Await(1 + Tracer::kMaxQueued / 512));
  const auto spans = collector.Spans();
  CHECK_FALSE(spans.contains("K/a/1"));
  CHECK(spans.contains("K/a/2"));
  CHECK(spans.contains(absl::StrCat("K/a/", Tracer::kMaxQueued + 1)));
}

}  // namespace
}  // namespace sluice::trace
