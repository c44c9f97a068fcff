// An API server that fails in every way, in front of all four controllers: what they ask of it
// stays little, what they use stays bounded, and afterwards they are where they should be by
// themselves.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "common/value/json.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"
#include "tests/faults/fault_proxy.h"
#include "tests/faults/strain.h"
#include "tests/faults/suite.h"

namespace sluice::faults {
namespace {

using e2e::Cluster;
using e2e::ReadyMessage;

// Of which informers ask the API server, in all controllers: most.
constexpr size_t kManyLists = 10;
// After a fault of d, everything is right again within d and this: what failed all the time waits
// for no longer than it has failed, since waits double.
constexpr absl::Duration kSlack = absl::Seconds(10);

// --- Faults ---

bool IsWrite(const Seen& seen) { return seen.method != "GET"; }
// Informers ask for lists in pages.
bool IsList(const Seen& seen) {
  return seen.method == "GET" && absl::StrContains(seen.query, "limit=");
}

Value StatusObject(int code, const char* reason, int retry_after = 0) {
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"status", "Failure"},
          {"code", code},
          {"reason", reason},
          {"message", absl::StrCat("refused by a test with ", reason)},
          {"details", {{"retryAfterSeconds", retry_after}}}};
}

hostile::Behaviour Refuse(int code, const char* reason, int retry_after = 0) {
  http::Headers headers = {{"Content-Type", "application/json"}};
  if (retry_after > 0) headers.Set("Retry-After", absl::StrCat(retry_after));
  return hostile::Reply(code, headers, value::FormatJson(StatusObject(code, reason, retry_after)));
}

Fault RefuseWrites(hostile::Behaviour refuse) {
  return [refuse](const Seen& seen) { return IsWrite(seen) ? Harm{.instead = refuse} : Harm(); };
}

// A watch that begins where the server has forgotten what was.
hostile::Behaviour TooOld() {
  return hostile::Reply(
      200, {{"Content-Type", "application/json"}},
      value::FormatJson({{"type", "ERROR"}, {"object", StatusObject(410, "Expired")}}) + "\n");
}
Fault Compacted() {
  return [](const Seen& seen) { return IsWatch(seen) ? Harm{.instead = TooOld()} : Harm(); };
}

// Every list is what it was when it was first asked for, as from a server that lags behind, and
// watches end in lists.
class StaleLists {
 public:
  explicit StaleLists(Cluster& cluster) : cluster_(cluster) {}

  size_t known() {
    absl::MutexLock lock(&mutex_);
    return lists_.size();
  }
  Harm operator()(const Seen& seen) {
    if (IsWatch(seen)) return {.instead = TooOld()};
    if (!IsList(seen)) return {};
    absl::MutexLock lock(&mutex_);
    std::string& list = lists_[absl::StrCat(seen.path, "?", seen.query)];
    if (list.empty()) {
      kube::ApiRequest request;
      request.path = seen.path;
      const auto answer =
          cluster_.client().Do(Context::Background().WithTimeout(kSettleLimit), request);
      if (!answer.ok()) return {};
      list = value::FormatJson(*answer);
    }
    return {.instead = hostile::Reply(200, {{"Content-Type", "application/json"}}, list)};
  }

 private:
  Cluster& cluster_;
  absl::Mutex mutex_;
  std::map<std::string, std::string> lists_ ABSL_GUARDED_BY(mutex_);
};

struct Trouble {
  const char* name;
  Fault fault = nullptr;
  // What goes on while the fault lasts, called every 20 ms; nothing if empty.
  std::function<void()> meanwhile = nullptr;
  // Open watches are cut when it begins.
  bool cuts = true;
  // Something new comes once this is true.
  std::function<bool()> ready = [] { return true; };
  // Within this after the end, besides the fault's own length.
  absl::Duration slack = kSlack;
};

// At the most, for four controllers: what thirty or so watches and the objects' own work cost while
// waits are still short, and then that of waits of seconds.
int MaxRequests(absl::Duration lasted) {
  return 300 + static_cast<int>(20 * absl::ToDoubleSeconds(lasted));
}

void Endure(Suite& suite, const Trouble& trouble, absl::Duration duration) {
  INFO(trouble.name);
  Strain strain(suite.cluster(), suite.controllers());
  const int before = suite.proxy().requests();
  const absl::Time begun = RealClock().Now();
  suite.proxy().Begin(trouble.fault);
  if (trouble.cuts) suite.proxy().CutStreams();
  CHECK(strain.Eventually(kSettleLimit, trouble.ready));
  suite.Change();
  suite.Trigger();
  strain.Eventually(duration, [&] {
    if (trouble.meanwhile) trouble.meanwhile();
    return false;
  });
  const absl::Time ended = RealClock().Now();
  const int requests = suite.proxy().requests() - before;
  suite.proxy().End();
  const absl::Duration limit = ended - begun + trouble.slack;
  const bool recovered = strain.Eventually(limit, [&] { return suite.Missing().empty(); });
  const absl::Duration took = RealClock().Now() - ended;
  if (!recovered) UNSCOPED_INFO(suite.Missing() << " is missing\n" << suite.cluster().Describe());
  CHECK(recovered);
  CHECK(suite.IsSameConfig());
  CHECK(requests > 0);
  CHECK(requests <= MaxRequests(ended - begun));
  const std::string used = strain.Check();
  WARN(trouble.name << ": " << absl::Trunc(ended - begun, absl::Milliseconds(1)) << ", " << requests
                    << " requests, right again after " << absl::Trunc(took, absl::Milliseconds(1))
                    << " (limit " << limit << "); " << used);
}

void EndureAll(absl::Duration duration, absl::Duration latency) {
  Suite suite({"source-controller", "kustomize-controller", "helm-controller", "image-controller"});
  const auto stale = std::make_shared<StaleLists>(suite.cluster());
  const Trouble troubles[] = {
      {"429 with Retry-After", Instead(Refuse(429, "TooManyRequests", 1))},
      {"409 to every write", RefuseWrites(Refuse(409, "Conflict"))},
      {"500 to everything", Instead(Refuse(500, "InternalError"))},
      {"503 without a reason", Instead(hostile::Reply(503, {}, "upstream connect error\n"))},
      {"connections reset", Instead(Reset())},
      {"connections reset while they start", Instead(Reset()),
       [&, restarted = false]() mutable {
         if (std::exchange(restarted, true)) return;
         for (const std::string& name : suite.controllers()) {
           suite.cluster().Kill(name);
           REQUIRE(suite.cluster().Restart(name).ok());
         }
       }},
      {"bodies cut off", Mangle(Harm::Body::kCut)},
      {"watches dropped", nullptr, [&] { suite.proxy().CutStreams(); }},
      {"versions compacted", Compacted()},
      {.name = "stale lists",
       .fault = [stale](const Seen& seen) { return (*stale)(seen); },
       .ready = [stale] { return stale->known() >= kManyLists; }},
      {.name = "latency", .fault = Delay(latency), .slack = kSlack + 3 * latency},
  };
  for (const Trouble& trouble : troubles) Endure(suite, trouble, duration);
}

TEST_CASE("the controllers outlast every fault of the API server", "[faults]") {
  // Long enough for a second try, and over before the third.
  EndureAll(absl::Milliseconds(400), absl::Seconds(1));
}

TEST_CASE("the same for a minute each, with 10 s of latency", "[.long]") {
  EndureAll(absl::Minutes(1), absl::Seconds(10));
}

TEST_CASE("watches whose other end is gone without a word are made anew", "[.long]") {
  Suite suite({"source-controller", "kustomize-controller"});
  // Two minutes without a word are too many (kube/http_client).
  suite.proxy().StallStreams();
  Endure(suite, {.name = "watches stalled", .cuts = false, .slack = absl::Minutes(2) + kSlack},
         absl::Seconds(2));
}

// --- Definitions that go ---

Value WidgetDefinition(const std::string& group) {
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", absl::StrCat("widgets.", group)}}},
          {"spec",
           {{"group", group},
            {"scope", "Namespaced"},
            {"names", {{"plural", "widgets"}, {"singular", "widget"}, {"kind", "Widget"}}},
            {"versions", Value::Array{{{"name", "v1"},
                                       {"served", true},
                                       {"storage", true},
                                       {"schema",
                                        {{"openAPIV3Schema",
                                          {{"type", "object"},
                                           {"x-kubernetes-preserve-unknown-fields", true}}}}}}}}}}};
}

TEST_CASE("a definition that goes in the middle of an apply, and comes back", "[faults]") {
  std::atomic<bool> gone = false;
  Suite suite({"source-controller", "kustomize-controller"});
  Cluster& cluster = suite.cluster();
  const std::string group = cluster.ns() + ".example.org";
  const std::string api = group + "/v1";
  const auto write = [&](int round) {
    for (int i = 0; i < 5; ++i) {
      suite.git().Write(absl::StrCat("app/widget", i, ".yaml"),
                        absl::StrCat("apiVersion: ", api, "\nkind: Widget\nmetadata: {name: w", i,
                                     ", namespace: ", cluster.ns(), "}\nround: r", round, "\n"));
    }
    suite.Change();
  };
  const auto all_at = [&](int round) {
    for (int i = 0; i < 5; ++i) {
      const auto widget = cluster.Get(api, "Widget", absl::StrCat("w", i));
      if (!widget.has_value() || (*widget)["round"].str() != absl::StrCat("r", round)) return false;
    }
    return suite.Missing().empty();
  };
  suite.Apply(WidgetDefinition(group));
  write(1);
  suite.Trigger();
  REQUIRE(e2e::Eventually(kSettleLimit, [&] { return all_at(1); }));

  // Gone as soon as the first of the objects is written for real.
  Strain strain(cluster, suite.controllers());
  const int before = suite.proxy().requests();
  suite.proxy().Begin([&gone, &cluster, group](const Seen& seen) {
    if (seen.method == "PATCH" && absl::StrContains(seen.path, "/widgets/") &&
        !absl::StrContains(seen.query, "dryRun") && !gone.exchange(true)) {
      cluster.client()
          .Delete(Context::Background().WithTimeout(kSettleLimit),
                  {"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                   "CustomResourceDefinition", false},
                  {"", "widgets." + group})
          .IgnoreError();
    }
    return Harm();
  });
  write(2);
  suite.Trigger();
  REQUIRE(strain.Eventually(kSettleLimit, [&] {
    return gone && ReadyMessage(cluster.Get(e2e::kKustomizeApi, "Kustomization", "app"), "False")
                       .has_value();
  }));
  const std::string message =
      *ReadyMessage(cluster.Get(e2e::kKustomizeApi, "Kustomization", "app"), "False");
  INFO(message);
  CHECK(absl::StrContains(message, "Widget"));
  strain.For(absl::Seconds(1));
  const int requests = suite.proxy().requests() - before;
  const absl::Time back = RealClock().Now();
  suite.Apply(WidgetDefinition(group));
  const bool recovered = strain.Eventually(kSlack, [&] { return all_at(2); });
  if (!recovered) UNSCOPED_INFO(suite.Missing() << "\n" << cluster.Describe());
  CHECK(recovered);
  CHECK(suite.IsSameConfig());
  WARN("definition gone: " << requests << " requests, right again " << RealClock().Now() - back
                           << " after it was back (limit " << kSlack << "); " << strain.Check());
}

}  // namespace
}  // namespace sluice::faults
