// SPDX-License-Identifier: Apache-2.0
#include "tests/conditions/replay.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "tests/conditions/comparison.h"
#include "tests/e2e/process.h"

namespace sluice::conditions {
namespace {

// A state that is only passed through does not outlast this.
constexpr absl::Duration kSettled = absl::Milliseconds(1500);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(250);

Context Call() { return Context::Background().WithTimeout(absl::Seconds(20)); }

struct World {
  std::map<std::string, std::vector<Value>> objects;  // by namespace
  std::map<std::string, std::vector<Value>> events;
};

// A kind that cannot be listed leaves its objects out, which shows as a difference.
World Look(kube::Client& client) {
  static const kube::Resource kEvents = {"", "v1", "events", "Event", true};
  World world;
  for (const kube::Resource& kind : api::AllKinds()) {
    auto list = client.List(Call(), kind, "");
    if (!list.ok()) continue;
    for (Value& object : list->items) {
      auto& objects = world.objects[std::string(kube::Namespace(object))];
      objects.push_back(std::move(object));
    }
  }
  if (auto list = client.List(Call(), kEvents, ""); list.ok()) {
    for (Value& event : list->items) {
      auto& events = world.events[std::string(event["involvedObject"]["namespace"].str())];
      events.push_back(std::move(event));
    }
  }
  return world;
}

// What is wrong with how the API server took the objects; the rest is applied all the same.
std::vector<std::string> Apply(e2e::Cluster& cluster, const Scenario& scenario) {
  std::vector<std::string> wrong;
  if (const absl::Status made = cluster.Apply(
          {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", scenario.ns}}}});
      !made.ok()) {
    return {absl::StrCat("namespace not made: ", made.message())};
  }
  bool refused = false;
  for (const Value& object : scenario.objects) {
    const absl::Status applied = cluster.Apply(object);
    if (applied.ok()) continue;
    refused = true;
    if (!scenario.refused()) {
      wrong.push_back(absl::StrCat("refused: ", kube::Subject(object), ": ", applied.message()));
    }
  }
  if (scenario.refused() && !refused) wrong.push_back("nothing was refused");
  return wrong;
}

}  // namespace

std::vector<Result> Replay(e2e::Cluster& cluster, const std::vector<Scenario>& scenarios,
                           const std::string& git_url, absl::Duration limit) {
  const absl::Time start = RealClock().Now();
  std::vector<Result> results(scenarios.size());
  std::vector<std::vector<std::string>> refusals;
  for (const Scenario& scenario : scenarios) refusals.push_back(Apply(cluster, scenario));
  std::vector<std::optional<absl::Time>> first_equal(scenarios.size());
  e2e::Eventually(limit - (RealClock().Now() - start), [&] {
    const World world = Look(cluster.client());
    const absl::Time now = RealClock().Now();
    bool all = true;
    for (size_t i = 0; i < scenarios.size(); ++i) {
      Result& result = results[i];
      if (result.equal) continue;
      const Scenario& scenario = scenarios[i];
      const auto in = [&](const std::map<std::string, std::vector<Value>>& by_namespace) {
        const auto it = by_namespace.find(scenario.ns);
        return it == by_namespace.end() ? std::vector<Value>() : it->second;
      };
      const Value observed =
          ObservedForm(in(world.objects), in(world.events), {scenario.ns, git_url});
      result.differences = Differences(scenario.recorded, observed);
      result.differences.insert(result.differences.begin(), refusals[i].begin(), refusals[i].end());
      result.message_differences = MessageDifferences(scenario.recorded, observed);
      if (result.differences.empty()) {
        if (!first_equal[i].has_value()) first_equal[i] = now;
        result.equal = now - *first_equal[i] >= kSettled;
        result.took = *first_equal[i] - start;
      }
      all = all && result.equal;
    }
    if (!all) RealClock().Sleep(Context::Background(), kBetweenLooks).IgnoreError();
    return all;
  });
  return results;
}

}  // namespace sluice::conditions
