// Half an hour, or half a minute, of whatever may happen to four controllers, by chance: in turns
// everything is left alone, and then all must be as the newest revisions say.
//
//   SLUICE_SOAK_SEED=7 build/release/tests/soak_test
//   SLUICE_SOAK_MINUTES=60 build/release/tests/soak_test "[.full-soak]"
//
// Controllers are killed in the first half only: memory, threads and descriptors of those that live
// through the second half must stay what they were at its beginning.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/random/distributions.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "tests/e2e/reconcile_log.h"
#include "tests/soak/fleet.h"
#include "tests/soak/invariants.h"

namespace sluice::soak {
namespace {

// What a controller that goes on working may have more of in the end.
constexpr double kMoreMib = 8;
constexpr int kMoreThreads = 8;
constexpr int kMoreDescriptors = 16;
constexpr absl::Duration kCleanUpLimit = absl::Seconds(75);  // artifacts are kept for a minute

struct Action {
  const char* name;
  int weight;
  bool fault;
  std::function<void(Fleet&, Random&)> run;
};

const std::vector<Action>& Actions() {
  static const auto* const kActions = new std::vector<Action>{
      {"commit", 12, false, [](Fleet& f, Random& r) { f.upstream().CommitChanges(r); }},
      {"broken commit", 3, false, [](Fleet& f, Random& r) { f.upstream().CommitBroken(r); }},
      {"mend", 3, false, [](Fleet& f, Random&) { f.upstream().Mend(); }},
      {"commit beside automation", 3, false,
       [](Fleet& f, Random&) { f.upstream().CommitBesideAutomation(); }},
      {"chart", 4, false, [](Fleet& f, Random&) { f.upstream().PublishChart(); }},
      // Mended by the next version, at the latest when all comes to rest.
      {"broken chart", 1, false, [](Fleet& f, Random&) { f.upstream().PublishChart(true); }},
      {"artifact", 4, false, [](Fleet& f, Random&) { f.upstream().PublishBundle(); }},
      {"image", 4, false, [](Fleet& f, Random&) { f.upstream().PublishImage(); }},
      {"suspend or resume", 4, false, [](Fleet& f, Random& r) { f.Suspend(r); }},
      {"delete", 3, false, [](Fleet& f, Random& r) { f.DeleteOne(r); }},
      {"drift", 6, false, [](Fleet& f, Random& r) { f.Drift(r); }},
      {"kill or start", 6, true, [](Fleet& f, Random& r) { f.Kill(r); }},
      {"stop or start", 4, true, [](Fleet& f, Random& r) { f.Terminate(r); }},
      {"Git server away or back", 2, true, [](Fleet& f, Random&) { f.TakeGitServer(); }},
      {"registry fails", 2, true, [](Fleet& f, Random&) { f.upstream().FailRegistry(5); }},
      {"charts fail or not", 2, true,
       [](Fleet& f, Random& r) { f.upstream().FailCharts(absl::Bernoulli(r, 0.5)); }},
      {"API server fails", 4, true, [](Fleet& f, Random& r) { f.FailApiServer(r); }},
  };
  return *kActions;
}

bool EndsControllers(const Action& action) {
  return absl::StartsWith(action.name, "kill") || absl::StartsWith(action.name, "stop");
}

const Action& Choose(Random& random) {
  int sum = 0;
  for (const Action& action : Actions()) sum += action.weight;
  int left = absl::Uniform(random, 0, sum);
  for (const Action& action : Actions()) {
    left -= action.weight;
    if (left < 0) return action;
  }
  return Actions().back();
}

using Footprint = std::map<std::string, e2e::Process::Usage>;

Footprint Measure(Fleet& fleet) {
  Footprint footprint;
  for (const std::string& name : kControllers) {
    footprint[name] = fleet.cluster().process(name).usage();
  }
  return footprint;
}

void CheckFlat(const Footprint& before, const Footprint& after) {
  for (const auto& [name, then] : before) {
    const e2e::Process::Usage& now = after.at(name);
    INFO(name);
    CHECK(now.anonymous_mib <= then.anonymous_mib + kMoreMib);
    CHECK(now.threads <= then.threads + kMoreThreads);
    CHECK(now.descriptors <= then.descriptors + kMoreDescriptors);
    std::cout << absl::StreamFormat(
        "%-24s %5.1f → %5.1f MiB, %d → %d threads, %d → %d descriptors\n", name, then.anonymous_mib,
        now.anonymous_mib, then.threads, now.threads, then.descriptors, now.descriptors);
  }
}

// Ends what disturbs, waits until all is at its newest revision, and looks whether it should be.
void Rest(Fleet& fleet, const std::map<std::string, std::string>& uids) {
  fleet.upstream().PublishChart();
  fleet.Heal();
  fleet.Converge();
  // What drifted while the last reconciliation ran is found by the next.
  std::vector<std::string> deviations;
  e2e::Eventually(absl::Seconds(30),
                  [&] { return (deviations = DeviationsFromWanted(fleet)).empty(); });
  if (!deviations.empty()) UNSCOPED_INFO(fleet.cluster().Describe());
  CHECK(absl::StrJoin(deviations, "\n") == "");
  CHECK(UidsOfImmortals(fleet) == uids);
  CHECK(fleet.cluster().Casualties() == "");
}

struct Report {
  std::map<std::string, int> actions;
  int all = 0, faults = 0, rests = 0;
};

void Disturb(Fleet& fleet, Random& random, absl::Duration length, bool ends_controllers,
             Report& report) {
  for (const absl::Time begin = absl::Now(); absl::Now() - begin < length;) {
    const Action& action = Choose(random);
    if (!ends_controllers && EndsControllers(action)) continue;
    INFO("action " << report.all << ": " << action.name);
    action.run(fleet, random);
    ++report.actions[action.name];
    ++report.all;
    if (action.fault) ++report.faults;
    const absl::Duration pause = absl::Milliseconds(absl::Bernoulli(random, 0.5) ? 50 : 500) *
                                 absl::Uniform(random, 0.0, 2.0);
    REQUIRE(RealClock().Sleep(Context::Background(), pause).ok());
  }
}

double Setting(const char* name, double otherwise) {
  const char* const text = std::getenv(name);
  if (text != nullptr) REQUIRE(absl::SimpleAtod(text, &otherwise));
  return otherwise;
}

void Soak(double minutes, absl::Duration between_rests) {
  const auto seed = static_cast<uint64_t>(Setting("SLUICE_SOAK_SEED", 20261123));
  const absl::Duration length = absl::Minutes(Setting("SLUICE_SOAK_MINUTES", minutes));
  std::cout << "SLUICE_SOAK_SEED=" << seed << std::endl;
  INFO("SLUICE_SOAK_SEED=" << seed);
  Random random(seed);
  Fleet fleet;
  fleet.Converge();
  const std::map<std::string, std::string> uids = UidsOfImmortals(fleet);
  Rest(fleet, uids);

  Report report;
  const absl::Time start = absl::Now();
  Footprint before;
  for (int calm = 0; calm < 2 || absl::Now() - start < length;) {
    const bool ends_controllers = report.rests < 2 || absl::Now() - start < length / 2;
    Disturb(fleet, random, between_rests, ends_controllers, report);
    Rest(fleet, uids);
    ++report.rests;
    if (ends_controllers) continue;
    // The first turn after the last start is warming up.
    if (++calm == 1) before = Measure(fleet);
  }
  CheckFlat(before, Measure(fleet));

  std::vector<std::string> deviations;
  e2e::Eventually(kCleanUpLimit, [&] { return (deviations = DeviationsOfStorage(fleet)).empty(); });
  CHECK(absl::StrJoin(deviations, "\n") == "");

  int reconciliations = 0;
  std::vector<std::string> overlaps;
  for (const char* controller :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    std::vector<std::string> outputs;
    for (const std::string& name : kControllers) {
      if (absl::StartsWith(name, controller)) {
        outputs.push_back(fleet.cluster().process(name).Output());
      }
    }
    const e2e::ReconcileLog log = e2e::ReadReconcileLogs(outputs);
    reconciliations += log.calls;
    overlaps.insert(overlaps.end(), log.overlaps.begin(), log.overlaps.end());
  }
  CHECK(absl::StrJoin(overlaps, "\n") == "");
  std::cout << absl::FormatDuration(absl::Now() - start) << ", " << report.all << " actions, "
            << report.faults << " of them faults, " << report.rests << " rests, " << reconciliations
            << " reconciliations\n";
  for (const auto& [name, count] : report.actions)
    std::cout << "  " << count << " " << name << "\n";
}

TEST_CASE("everything comes to be as wanted, whatever happens", "[soak]") {
  Soak(0, absl::Seconds(3));
}

TEST_CASE("the same for half an hour", "[.full-soak]") { Soak(30, absl::Seconds(45)); }

}  // namespace
}  // namespace sluice::soak
