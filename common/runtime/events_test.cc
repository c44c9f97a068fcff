// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/events.h"

#include <catch2/catch.hpp>

#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/value/json.h"

namespace sluice::runtime {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

// What is posted, and the answers to it, in order; 202 when there are none left.
class Receiver : public http::Transport {
 public:
  std::vector<int> answers;  // 0: no connection

  absl::StatusOr<http::Response> Send(const Context&, const http::Request& request) override {
    absl::MutexLock lock(&mutex_);
    posted_.push_back(request);
    const int status = answers.empty() ? 202 : answers.front();
    if (!answers.empty()) answers.erase(answers.begin());
    if (status == 0) return absl::UnavailableError("connection refused");
    http::Response response;
    response.status = status;
    return response;
  }
  absl::Status Stream(const Context&, const http::Request&, http::OnHead, http::OnData) override {
    return absl::UnimplementedError("events are not streamed");
  }

  size_t count() {
    absl::MutexLock lock(&mutex_);
    return posted_.size();
  }
  // Moves `clock` until there are `count` posts.
  bool Await(size_t count, testing::FakeClock& clock) {
    const absl::Time end = absl::Now() + kPatience;
    while (this->count() < count && absl::Now() < end) clock.Advance(absl::Milliseconds(100));
    return this->count() == count;
  }
  http::Request At(size_t index) {
    absl::MutexLock lock(&mutex_);
    return posted_.at(index);
  }

 private:
  absl::Mutex mutex_;
  std::vector<http::Request> posted_;
};

Value Object(const char* name, const char* ns = "default") {
  return {{"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
          {"kind", "Kustomization"},
          {"metadata",
           {{"name", name},
            {"namespace", ns},
            {"uid", name},
            {"resourceVersion", "7"},
            {"annotations", {{"event.toolkit.fluxcd.io/team", "a"}, {"other", "b"}}}}}};
}

EventRecorderOptions Options() {
  return {"kustomize-controller", "pod-1", "http://notification-controller/"};
}

TEST_CASE("events are posted in the format of notification-controller", "[runtime]") {
  testing::FakeClock clock;
  Receiver receiver;
  kube_testing::ApiServer api;
  {
    EventRecorder events(Options(), api.client(), &receiver, clock);
    events.Record(Object("apps"), Severity::kTrace, "ArtifactUpToDate", "not posted");
    events.Record(Object("apps", ""), Severity::kInfo, "Progressing", "not posted: no namespace");
    events.Record(Object("apps"), Severity::kError, "BuildFailed", std::string(40000, 'x'),
                  {{"kustomize.toolkit.fluxcd.io/revision", "main@sha1:1"}});
  }
  REQUIRE(receiver.count() == 1);
  const http::Request request = receiver.At(0);
  CHECK(request.method == "POST");
  CHECK(request.url == "http://notification-controller/");
  CHECK(request.headers.Get("Content-Type") == "application/json");
  CHECK_FALSE(request.headers.Has("Authorization"));
  CHECK(value::ParseJson(request.body).value() ==
        Value{{"involvedObject",
               {{"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
                {"kind", "Kustomization"},
                {"name", "apps"},
                {"namespace", "default"},
                {"uid", "apps"},
                {"resourceVersion", "7"}}},
              {"severity", "error"},
              {"timestamp", "2026-01-01T00:00:00Z"},
              {"message", std::string(39000, 'x')},
              {"reason", "BuildFailed"},
              {"metadata",
               {{"event.toolkit.fluxcd.io/team", "a"},
                {"kustomize.toolkit.fluxcd.io/revision", "main@sha1:1"}}},
              {"reportingController", "kustomize-controller"},
              {"reportingInstance", "pod-1"}});
}

TEST_CASE("a post is tried again while the receiver is away, in order", "[runtime]") {
  struct Row {
    const char* name;
    std::vector<int> answers;
    size_t posts;  // with the one of a second event
  };
  const Row rows[] = {
      {"taken", {202}, 2},
      {"seen a moment ago", {429}, 2},
      {"refused", {400}, 2},
      {"away for a moment", {0, 503, 202}, 4},
      {"away for long: given up", {0, 0, 0, 0, 0}, 6},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    testing::FakeClock clock;
    Receiver receiver;
    receiver.answers = row.answers;
    kube_testing::ApiServer api;
    EventRecorder events(Options(), api.client(), &receiver, clock);
    events.Record(Object("apps"), Severity::kInfo, "First", "one");
    events.Record(Object("apps"), Severity::kInfo, "Second", "two");
    REQUIRE(receiver.Await(row.posts, clock));
    CHECK(value::ParseJson(receiver.At(row.posts - 1).body).value()["reason"].str() == "Second");
  }
}

TEST_CASE("Kubernetes Events do not wait for the receiver, and are held down", "[runtime]") {
  testing::FakeClock clock;
  Receiver receiver;
  receiver.answers = {0, 0, 0};  // nobody moves the clock: it stays at the first post
  kube_testing::ApiServer api;
  const kube::Resource resource = {"", "v1", "events", "Event", true};
  {
    EventRecorder events(Options(), api.client(), &receiver, clock);
    for (int i = 0; i < 40; ++i) {
      clock.Advance(absl::Nanoseconds(1));  // events are named after it
      events.Record(Object("noisy"), Severity::kInfo, "Progressing", absl::StrCat("step ", i));
    }
    for (int i = 0; i < 3; ++i) {
      events.Record(Object("calm"), Severity::kError, "BuildFailed", "again");
    }
  }
  const auto list = api.client().List(api.ctx(), resource, "default");
  REQUIRE(list.ok());
  size_t noisy = 0;
  int64_t calm = 0;
  for (const Value& event : list->items) {
    if (event["involvedObject"]["name"].str() == "noisy") ++noisy;
    if (event["involvedObject"]["name"].str() == "calm") calm = event["count"].int_or(0);
  }
  CHECK(noisy == 25);
  CHECK(calm == 3);
}

}  // namespace
}  // namespace sluice::runtime
