// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/metrics.h"

#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace sluice::metrics {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("counters, gauges and histograms appear in Prometheus' text format", "[metrics]") {
  Registry registry;
  Counter& requests = registry.AddCounter(
      {.name = "requests_total", .help = "Requests served.", .labels = {"method", "code"}});
  requests.Add({"GET", "200"});
  requests.Add({"GET", "200"}, 2);
  requests.Add({"PUT", "500"}, 0);
  Gauge& depth = registry.AddGauge({.name = "depth", .help = "Queue depth."});
  depth.Set({}, 5);
  depth.Add({}, -2);
  Histogram& duration = registry.AddHistogram(
      {.name = "duration_seconds", .help = "Time.", .labels = {"kind"}}, {0.1, 1});
  duration.Observe({"a\"b\\c\n"}, 0.5);
  duration.Observe({"a\"b\\c\n"}, 5);

  const std::string text = registry.Text();
  CHECK_THAT(text, Contains("# HELP requests_total Requests served.\n"
                            "# TYPE requests_total counter\n"));
  CHECK_THAT(text, Contains("requests_total{code=\"200\",method=\"GET\"} 3\n"));
  CHECK_THAT(text, Contains("requests_total{code=\"500\",method=\"PUT\"} 0\n"));
  CHECK_THAT(text, Contains("# TYPE depth gauge\ndepth 3\n"));
  CHECK_THAT(text, Contains("duration_seconds_count{kind=\"a\\\"b\\\\c\\n\"} 2\n"));
  CHECK_THAT(text, Contains("duration_seconds_sum{kind=\"a\\\"b\\\\c\\n\"} 5.5\n"));
  CHECK_THAT(text, Contains("le=\"0.1\"} 0\n"));
  CHECK_THAT(text, Contains("le=\"1\"} 1\n"));
  CHECK_THAT(text, Contains("le=\"+Inf\"} 2\n"));
}

TEST_CASE("the series of an object go when the object goes", "[metrics]") {
  Registry registry;
  Gauge& ready =
      registry.AddGauge({.name = "ready", .help = "h", .labels = {"kind", "name", "status"}});
  ready.Set({"A", "one", "True"}, 1);
  ready.Set({"A", "one", "False"}, 0);
  ready.Set({"B", "one", "True"}, 1);
  ready.Set({"A", "two", "True"}, 1);
  ready.Remove({"A", "two", "True"});
  ready.Remove({"A", "never", "True"});
  ready.RemoveWhere({{"kind", "A"}, {"name", "one"}});
  ready.RemoveWhere({{"nolabel", "x"}});
  const std::string text = registry.Text();
  CHECK_THAT(text, !Contains("kind=\"A\""));
  CHECK_THAT(text, Contains("ready{kind=\"B\",name=\"one\",status=\"True\"} 1\n"));
  ready.Set({"A", "two", "True"}, 7);
  CHECK_THAT(registry.Text(), Contains("name=\"two\",status=\"True\"} 7\n"));
}

TEST_CASE("a metric has as many series as it may and counts what it drops", "[metrics]") {
  Registry registry;
  Counter& seen =
      registry.AddCounter({.name = "seen_total", .help = "h", .labels = {"who"}, .max_series = 2});
  for (const char* who : {"a", "b", "c", "d", "a"}) seen.Add({who});
  const std::string text = registry.Text();
  CHECK_THAT(text, Contains("seen_total{who=\"a\"} 2\n"));
  CHECK_THAT(text, !Contains("who=\"c\""));
  CHECK_THAT(text, Contains("metrics_dropped_updates_total{metric=\"seen_total\"} 2\n"));
  seen.Remove({"a"});
  seen.Add({"c"});
  CHECK_THAT(registry.Text(), Contains("seen_total{who=\"c\"} 1\n"));
}

TEST_CASE("label values that run together stay apart", "[metrics]") {
  Registry registry;
  Counter& pairs = registry.AddCounter({.name = "pairs_total", .help = "h", .labels = {"a", "b"}});
  pairs.Add({"1:x", ""});
  pairs.Add({"", "1:x"});
  CHECK_THAT(registry.Text(), Contains("pairs_total{a=\"1:x\",b=\"\"} 1\n"));
  CHECK_THAT(registry.Text(), Contains("pairs_total{a=\"\",b=\"1:x\"} 1\n"));
}

TEST_CASE("series can be used, removed and read from several threads", "[metrics]") {
  Registry registry;
  Counter& total = registry.AddCounter({.name = "n_total", .help = "h", .labels = {"who"}});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 500; ++n) {
          total.Add({"all"});
          total.Add({std::to_string(i)});
          if (n % 7 == 0) total.RemoveWhere({{"who", std::to_string((i + 1) % 4)}});
          if (n % 50 == 0) (void)registry.Text();
        }
      });
    }
  }
  CHECK_THAT(registry.Text(), Contains("n_total{who=\"all\"} 2000\n"));
}

TEST_CASE("buckets grow by their factor", "[metrics]") {
  CHECK(ExponentialBuckets(1, 2, 4) == std::vector<double>{1, 2, 4, 8});
  CHECK(ExponentialBuckets(1, 2, 0).empty());
}

}  // namespace
}  // namespace sluice::metrics
