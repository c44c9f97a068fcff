// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/controller.h"

#include <catch2/catch.hpp>
#include <new>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/metrics/metrics.h"
#include "common/testing/fake_clock.h"

namespace sluice::runtime {
namespace {

using Catch::Matchers::Contains;

constexpr absl::Duration kPatience = absl::Seconds(20);

kube::ObjectKey Key(const std::string& name) { return {"default", name}; }

// Calls for keys whose names begin with "slow" last until they are let go.
class FakeReconciler : public Reconciler {
 public:
  absl::StatusOr<Action> Reconcile(const Context& ctx, const kube::ObjectKey& key) override {
    const auto wake = ctx.OnCancel([this] {
      absl::MutexLock lock(&mutex_);
      all_go_ = true;
    });
    absl::MutexLock lock(&mutex_);
    started_.insert(key.name);
    ++running_;
    most_ = std::max(most_, running_);
    const auto may_go = [&] {
      return all_go_ || !absl::StartsWith(key.name, "slow") || let_go_.contains(key.name);
    };
    mutex_.Await(absl::Condition(&may_go));
    --running_;
    ended_.insert(key.name);
    return Action::AwaitChange();
  }

  bool Started(const std::string& name, absl::Duration patience = kPatience) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] { return started_.contains(name); };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), patience);
  }
  bool Ended(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    const auto there = [&] { return ended_.contains(name); };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), kPatience);
  }
  void LetGo(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    let_go_.insert(name);
  }
  int most() {
    absl::MutexLock lock(&mutex_);
    return most_;
  }

 private:
  absl::Mutex mutex_;
  std::set<std::string> started_, ended_, let_go_;
  bool all_go_ = false;
  int running_ = 0;
  int most_ = 0;
};

TEST_CASE("a call that dawdles does not hold others up", "[runtime]") {
  testing::FakeClock clock;
  metrics::Registry registry;
  ControllerMetrics metrics(registry);
  FakeReconciler reconciler;
  Controller controller({.kind = "Test", .workers = 1, .max_slow = 2}, reconciler, metrics, clock);
  controller.Start(Context::Background());

  controller.Wake(Key("slow-1"));
  REQUIRE(reconciler.Started("slow-1"));
  controller.Wake(Key("quick-1"));
  CHECK_FALSE(reconciler.Started("quick-1", absl::Milliseconds(50)));
  clock.Advance(absl::Seconds(2));
  CHECK(reconciler.Ended("quick-1"));

  // Two may be set aside; the third holds the place of a worker.
  controller.Wake(Key("slow-2"));
  REQUIRE(reconciler.Started("slow-2"));
  clock.Advance(absl::Seconds(2));
  controller.Wake(Key("slow-3"));
  REQUIRE(reconciler.Started("slow-3"));
  clock.Advance(absl::Seconds(2));
  controller.Wake(Key("quick-2"));
  CHECK_FALSE(reconciler.Started("quick-2", absl::Milliseconds(50)));
  // Until there is room.
  reconciler.LetGo("slow-1");
  CHECK(reconciler.Ended("quick-2"));
  CHECK(reconciler.most() == 3);

  // What was added for slow calls goes with them.
  reconciler.LetGo("slow-2");
  reconciler.LetGo("slow-3");
  REQUIRE(reconciler.Ended("slow-2"));
  REQUIRE(reconciler.Ended("slow-3"));
  for (const char* name : {"slow-4", "slow-5", "slow-6"}) controller.Wake(Key(name));
  REQUIRE(reconciler.Started("slow-4"));
  CHECK_FALSE(reconciler.Started("slow-5", absl::Milliseconds(50)));
}

TEST_CASE("without room for slow calls there are as many as workers", "[runtime]") {
  testing::FakeClock clock;
  metrics::Registry registry;
  ControllerMetrics metrics(registry);
  FakeReconciler reconciler;
  Controller controller({.kind = "Test", .workers = 2}, reconciler, metrics, clock);
  controller.Start(Context::Background());
  for (const char* name : {"slow-1", "slow-2", "slow-3"}) controller.Wake(Key(name));
  REQUIRE(reconciler.Started("slow-1"));
  REQUIRE(reconciler.Started("slow-2"));
  clock.Advance(absl::Hours(1));
  CHECK_FALSE(reconciler.Started("slow-3", absl::Milliseconds(50)));
}

TEST_CASE("the metrics say what waits, what runs and for how long", "[runtime]") {
  testing::FakeClock clock;
  metrics::Registry registry;
  ControllerMetrics metrics(registry);
  FakeReconciler reconciler;
  {
    Controller controller({.kind = "HelmChart", .workers = 1}, reconciler, metrics, clock);
    CHECK_THAT(registry.Text(), Contains("controller_runtime_reconcile_total{"
                                         "controller=\"helmchart\",result=\"success\"} 0\n"));
    for (const char* name : {"slow-1", "slow-2"}) controller.Wake(Key(name));
    controller.queue().AddAfter(Key("later"), absl::Hours(2));
    controller.Start(Context::Background());
    REQUIRE(reconciler.Started("slow-1"));
    clock.Advance(absl::Seconds(90));
    const std::string text = registry.Text();
    for (const char* line :
         {"controller_runtime_max_concurrent_reconciles{controller=\"helmchart\"} 1\n",
          "controller_runtime_active_workers{controller=\"helmchart\"} 1\n",
          "workqueue_depth{controller=\"helmchart\",name=\"helmchart\"} 1\n",
          "workqueue_adds_total{controller=\"helmchart\",name=\"helmchart\"} 1\n",
          "workqueue_unfinished_work_seconds{controller=\"helmchart\",name=\"helmchart\"} 90\n"}) {
      CHECK_THAT(text, Contains(line));
    }
    reconciler.LetGo("slow-1");
    REQUIRE(reconciler.Started("slow-2"));
    CHECK_THAT(registry.Text(),
               Contains("workqueue_queue_duration_seconds_sum{controller=\"helmchart\",name="
                        "\"helmchart\"} 90\n") &&
                   Contains("gotk_reconcile_duration_seconds_count{kind=\"HelmChart\",name="
                            "\"slow-1\",namespace=\"default\"} 1\n"));
    reconciler.LetGo("slow-2");
  }
  // Not asked any more.
  CHECK_THAT(registry.Text(), Contains("workqueue_retries_total"));
}

// Throws in its first two calls.
class ThrowingReconciler : public Reconciler {
 public:
  absl::StatusOr<Action> Reconcile(const Context&, const kube::ObjectKey&) override {
    if (++calls_ < 3) throw std::bad_alloc();
    done_.Notify();
    return Action::AwaitChange();
  }
  bool Done() { return done_.WaitForNotificationWithTimeout(kPatience); }

 private:
  int calls_ = 0;
  absl::Notification done_;
};

TEST_CASE("an exception is its object's error, which is told and tried again", "[runtime]") {
  testing::FakeClock clock;
  metrics::Registry registry;
  ControllerMetrics metrics(registry);
  ThrowingReconciler reconciler;
  std::vector<std::string> told;
  ControllerOptions options = {.kind = "Bucket", .workers = 1};
  options.backoff.min = absl::ZeroDuration();
  options.on_exception = [&](const kube::ObjectKey& key, absl::string_view message) {
    told.push_back(absl::StrCat(key.name, ": ", message));
  };
  Controller controller(std::move(options), reconciler, metrics, clock);
  controller.Start(Context::Background());
  controller.Wake(Key("large"));
  REQUIRE(reconciler.Done());
  CHECK(told == std::vector<std::string>(2, "large: recovered from exception: std::bad_alloc"));
  CHECK_THAT(registry.Text(),
             Contains("controller_runtime_reconcile_panics_total{controller=\"bucket\"} 2\n"));
}

}  // namespace
}  // namespace sluice::runtime
