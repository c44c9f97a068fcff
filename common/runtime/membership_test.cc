// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/membership.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/kube_testing/api_server.h"
#include "common/runtime/lease.h"

namespace sluice::runtime {
namespace {

constexpr char kKind[] = "Kustomization";
constexpr int kObjects = 60;
constexpr absl::Duration kPatience = absl::Seconds(20);

kube::ObjectKey Object(int i) { return {"default", absl::StrCat("app-", i)}; }

// A connection that can be cut: what is asked then fails, and so does the watch.
class Cable : public kube::Client {
 public:
  explicit Cable(kube::Client& inner) : inner_(inner) {}

  absl::StatusOr<Value> Do(const Context& ctx, const kube::ApiRequest& request) override {
    if (cut_) return absl::UnavailableError("the cable is cut");
    return inner_.Do(ctx.WithStopToken(stop_.get_token()), request);
  }
  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest& request,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override {
    if (cut_) return absl::UnavailableError("the cable is cut");
    return inner_.WatchStream(ctx.WithStopToken(stop_.get_token()), request, on_event);
  }
  void Cut() {
    cut_ = true;
    stop_.request_stop();
  }

 private:
  kube::Client& inner_;
  std::atomic<bool> cut_ = false;
  std::stop_source stop_;
};

// Who works on what, over all replicas.
class Ledger {
 public:
  void Begin(int object) {
    if (++busy_[object] > 1) ++overlaps_;
    ++runs_[object];
  }
  void End(int object) { --busy_[object]; }
  int overlaps() const { return overlaps_; }
  int runs(int object) const { return runs_[object]; }

 private:
  std::atomic<int> busy_[kObjects] = {};
  std::atomic<int> runs_[kObjects] = {};
  std::atomic<int> overlaps_ = 0;
};

// One replica, whose only worker goes through all objects again and again.
class Replica {
 public:
  Replica(kube::Client& client, Ledger& ledger, absl::Duration work)
      : cable_(client), ledger_(ledger), work_(work), shares_(RealClock()) {
    membership_ = std::make_unique<Membership>(
        MembershipOptions{.ns = "default", .group = "test", .identity = "pod"}, cable_, shares_,
        RealClock());
    membership_->Start();
    worker_ = std::jthread([this](std::stop_token stop) { Work(stop); });
  }
  ~Replica() {
    worker_.request_stop();
    worker_.join();
    membership_.reset();
  }

  void Cut() { cable_.Cut(); }
  int owned() const { return owned_; }

 private:
  void Work(const std::stop_token& stop) {
    const Context ctx = Context::Background().WithStopToken(stop);
    while (!stop.stop_requested()) {
      int owned = 0;
      for (int i = 0; i < kObjects && !stop.stop_requested(); ++i) {
        const auto claim = shares_.Begin(ctx, kKind, Object(i));
        if (claim == nullptr) continue;
        ++owned;
        ledger_.Begin(i);
        RealClock().Sleep(claim->context(), work_).IgnoreError();
        ledger_.End(i);
      }
      owned_ = owned;
      RealClock().Sleep(ctx, absl::Milliseconds(1)).IgnoreError();
    }
  }

  Cable cable_;
  Ledger& ledger_;
  const absl::Duration work_;
  sharding::Shares shares_;
  std::unique_ptr<Membership> membership_;
  std::atomic<int> owned_ = 0;
  std::jthread worker_;
};

// Until every object was begun once more; how long that took.
absl::Duration WaitForARound(const Ledger& ledger) {
  const absl::Time start = absl::Now();
  std::vector<int> before;
  for (int i = 0; i < kObjects; ++i) before.push_back(ledger.runs(i));
  for (int i = 0; i < kObjects; ++i) {
    while (ledger.runs(i) == before[i]) {
      if (absl::Now() - start > kPatience) FAIL("nobody works on " << Object(i).name);
      RealClock().Sleep(Context::Background(), absl::Milliseconds(1)).IgnoreError();
    }
  }
  return absl::Now() - start;
}

void WaitFor(const std::function<bool()>& condition) {
  const absl::Time start = absl::Now();
  while (!condition()) {
    if (absl::Now() - start > kPatience) FAIL("waited in vain");
    RealClock().Sleep(Context::Background(), absl::Milliseconds(1)).IgnoreError();
  }
}

TEST_CASE("replicas divide the objects, and take over from one that is cut off", "[membership]") {
  kube_testing::ApiServer server;
  Ledger ledger;
  const auto work = absl::Milliseconds(1);
  Replica first(server.client(), ledger, work);
  WaitFor([&] { return first.owned() == kObjects; });
  auto second = std::make_unique<Replica>(server.client(), ledger, work);
  Replica third(server.client(), ledger, work);
  WaitFor([&] {
    return first.owned() > 0 && second->owned() > 0 && third.owned() > 0 &&
           first.owned() + second->owned() + third.owned() == kObjects;
  });

  second->Cut();
  const absl::Time cut = absl::Now();
  WaitFor([&] { return first.owned() + third.owned() == kObjects; });
  const absl::Duration took = absl::Now() - cut;
  WARN("taken over after " << absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))));
  CHECK(took > absl::Milliseconds(500));  // the lease was waited for
  CHECK(took < absl::Seconds(3));         // a second on a machine that is not busy
  CHECK(second->owned() == 0);
  CHECK(ledger.overlaps() == 0);
}

TEST_CASE("one that leaves hands its objects over at once", "[membership]") {
  kube_testing::ApiServer server;
  Ledger ledger;
  auto first = std::make_unique<Replica>(server.client(), ledger, absl::Milliseconds(1));
  Replica second(server.client(), ledger, absl::Milliseconds(1));
  WaitFor([&] { return first->owned() > 0 && first->owned() + second.owned() == kObjects; });
  first.reset();
  const absl::Time left = absl::Now();
  WaitFor([&] { return second.owned() == kObjects; });
  CHECK(absl::Now() - left < absl::Milliseconds(700));  // less than a lease
  CHECK(ledger.overlaps() == 0);
  const auto leases = server.client().List(server.ctx(), LeaseResource(), "default");
  REQUIRE(leases.ok());
  CHECK(leases->items.size() == 1);
}

TEST_CASE("work that takes long is cancelled when its object goes to another", "[membership]") {
  kube_testing::ApiServer server;
  Ledger ledger;
  Replica first(server.client(), ledger, absl::Hours(1));
  WaitFor([&] { return ledger.runs(0) > 0; });
  // The first holds one object. If that is to be the second's, it is after the hand-over.
  Replica second(server.client(), ledger, absl::Milliseconds(1));
  Replica third(server.client(), ledger, absl::Milliseconds(1));
  WaitFor([&] { return second.owned() > 0 && third.owned() > 0; });
  CHECK(ledger.overlaps() == 0);
}

TEST_CASE("no object is worked on by two, whoever comes, goes or is cut off", "[membership]") {
  const unsigned seed = 20261123;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  kube_testing::ApiServer server;
  Ledger ledger;
  std::list<std::unique_ptr<Replica>> replicas;
  const auto any = [&] {
    return std::next(replicas.begin(), static_cast<int>(random() % replicas.size()));
  };
  for (int step = 0; step < 24; ++step) {
    const bool grows = replicas.size() < 2 || (replicas.size() < 5 && random() % 2 == 0);
    if (grows) {
      replicas.push_back(std::make_unique<Replica>(server.client(), ledger,
                                                   absl::Microseconds(100 * (1 + random() % 20))));
    } else if (random() % 2 == 0) {
      replicas.erase(any());
    } else {
      const auto cut = any();
      (*cut)->Cut();
      WaitForARound(ledger);  // by the others
      replicas.erase(cut);
    }
    if (random() % 3 != 0) WaitForARound(ledger);
    REQUIRE(ledger.overlaps() == 0);
  }
}

}  // namespace
}  // namespace sluice::runtime
