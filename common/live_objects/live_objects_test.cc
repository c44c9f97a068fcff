// SPDX-License-Identifier: Apache-2.0
#include "common/live_objects/live_objects.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/kube_testing/api_server.h"

namespace sluice::live_objects {
namespace {

const kube::Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap", true};
const kube::Resource kUnserved{"example.com", "v1", "widgets", "Widget", true};

std::string ConfigMap(const std::string& name, const std::string& data,
                      const std::string& labels = "owner: app, owner-ns: team") {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
         ", namespace: default, labels: {" + labels + "}}, data: {k: " + data + "}}";
}

struct Fixture : kube_testing::ApiServer {
  absl::Mutex mutex;
  std::vector<std::string> told;  // "owner object current|gone"
  LiveObjects live{ctx(),
                   client(),
                   {.name_label = "owner", .namespace_label = "owner-ns"},
                   [this](const LiveChange& change) {
                     absl::MutexLock lock(&mutex);
                     told.push_back(change.owner.ToString() + " " + change.key.name +
                                    (change.facts.has_value() ? " is there" : " is gone"));
                   },
                   RealClock()};

  ssa::LiveView::Sight Find(const std::string& name) {
    return live.Find(kConfigMaps, {"default", name});
  }
  // Waits, for as long as the fixture's context lasts, until `condition` holds.
  template <typename Condition>
  bool Eventually(Condition condition) {
    while (!condition()) {
      if (!RealClock().Sleep(ctx(), absl::Milliseconds(2)).ok()) return false;
    }
    return true;
  }
  std::vector<std::string> Told() {
    absl::MutexLock lock(&mutex);
    return std::exchange(told, {});
  }
};

TEST_CASE("what a watch shows is known, what it cannot show is not there", "[live_objects]") {
  Fixture cluster;
  cluster.Write(ConfigMap("a", "one"), "test");
  cluster.Write(ConfigMap("foreign", "one", "app: x"), "test");
  REQUIRE(cluster.Eventually([&] { return cluster.Find("a").known; }));
  const auto first = cluster.Find("a").facts;
  REQUIRE(first.has_value());
  CHECK(first->readiness == ssa::Readiness::kCurrent);
  CHECK_FALSE(cluster.Find("foreign").facts.has_value());
  CHECK_FALSE(cluster.Find("missing").facts.has_value());
  CHECK(cluster.Told() == std::vector<std::string>{"team/app a is there"});

  cluster.Write(ConfigMap("a", "two"), "test");
  REQUIRE(cluster.Eventually([&] { return cluster.Find("a").facts->content != first->content; }));
  CHECK(cluster.Find("a").facts->resource_version > first->resource_version);
  CHECK(cluster.Told() == std::vector<std::string>{"team/app a is there"});

  REQUIRE(cluster.client().Delete(cluster.ctx(), kConfigMaps, {"default", "a"}).ok());
  REQUIRE(cluster.Eventually([&] { return !cluster.Find("a").facts.has_value(); }));
  REQUIRE(cluster.Eventually([&] {
    absl::MutexLock lock(&cluster.mutex);
    return !cluster.told.empty();
  }));
  CHECK(cluster.Told() == std::vector<std::string>{"team/app a is gone"});
}

TEST_CASE("a kind costs one list and one watch, however often it is asked for", "[live_objects]") {
  Fixture cluster;
  REQUIRE(cluster.Eventually([&] { return cluster.Find("a").known; }));
  for (int i = 0; i < 100; ++i) cluster.Find("a");
  int lists = 0;
  for (const std::string& request : cluster.client().Take()) {
    if (request == "GET /api/v1/configmaps") ++lists;
  }
  CHECK(lists <= 2);
}

TEST_CASE("after Stop() nothing is known", "[live_objects]") {
  Fixture cluster;
  cluster.Write(ConfigMap("a", "one"), "test");
  REQUIRE(cluster.Eventually([&] { return cluster.Find("a").known; }));
  cluster.live.Stop();
  CHECK_FALSE(cluster.Find("a").known);
}

TEST_CASE("more kinds than allowed are not watched", "[live_objects]") {
  kube_testing::ApiServer server;
  LiveObjects live(
      server.ctx(), server.client(),
      {.name_label = "owner", .namespace_label = "owner-ns", .max_kinds = 0},
      [](const LiveChange&) {}, RealClock());
  CHECK_FALSE(live.Find(kConfigMaps, {"default", "a"}).known);
  CHECK_FALSE(live.Find(kUnserved, {"default", "a"}).known);
  CHECK(server.client().Take().empty());
}

}  // namespace
}  // namespace sluice::live_objects
