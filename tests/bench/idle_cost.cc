// What the four controllers cost while nothing happens, and how soon they are ready.
//
//   build/release/bin/idle_cost [--idle 30s]
//
// Starts an API server with our kinds and no objects, then each controller by itself, and prints
// for each the time from its start until /readyz is 200, its memory and the processor time that it
// takes while idle. Exits 1 above the goals: 20 MiB each and 60 together, 10 millicores together,
// 200 ms.

// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/http/client.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

constexpr double kEachMib = 20;
constexpr double kAllMib = 60;
constexpr double kMillicores = 10;
constexpr absl::Duration kReady = absl::Milliseconds(200);
constexpr absl::Duration kReadyLimit = absl::Seconds(20);

struct Cost {
  std::string name;
  absl::Duration ready;
  Process::Usage before;
  Process::Usage after;
};

absl::StatusOr<absl::Duration> StartUntilReady(Cluster& cluster, const std::string& name,
                                               const std::string& health,
                                               http::Transport& transport) {
  http::Request request;
  request.url = absl::StrCat("http://", health, "/readyz");
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(cluster.Restart(name));
  while (absl::Now() - start < kReadyLimit) {
    const auto answer =
        transport.Send(Context::Background().WithTimeout(absl::Seconds(1)), request);
    if (answer.ok() && answer->status == 200) return absl::Now() - start;
    RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), absl::Milliseconds(2)));
  }
  return absl::DeadlineExceededError(
      absl::StrCat(name, " is not ready: ", cluster.process(name).Output()));
}

absl::StatusOr<bool> Run(absl::Duration idle) {
  ClusterOptions options;
  options.controllers = {};
  options.later = {"source-controller", "kustomize-controller", "helm-controller",
                   "image-controller"};
  std::vector<std::string> health;
  for (const std::string& name : options.later) {
    health.push_back(absl::StrCat("127.0.0.1:", FreePort()));
    options.flags[name] = {"--health-addr", health.back()};
  }
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(options));
  ASSIGN_OR_RETURN(const auto transport, http::CreateClient({}));
  std::vector<Cost> costs;
  for (size_t i = 0; i < options.later.size(); ++i) {
    ASSIGN_OR_RETURN(const absl::Duration ready,
                     StartUntilReady(*cluster, options.later[i], health[i], *transport));
    costs.push_back({options.later[i], ready, {}, {}});
  }
  // What a start has left to do is not idling.
  RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), absl::Seconds(5)));
  for (Cost& cost : costs) cost.before = cluster->process(cost.name).usage();
  RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), idle));
  for (Cost& cost : costs) cost.after = cluster->process(cost.name).usage();

  std::cout << "                      ready  resident  proportional  millicores\n";
  double all_mib = 0;
  double all_proportional = 0;
  double all_millicores = 0;
  bool good = true;
  for (const Cost& cost : costs) {
    const double millicores =
        1000 * (cost.after.cpu_seconds - cost.before.cpu_seconds) / absl::ToDoubleSeconds(idle);
    std::cout << absl::StrFormat("%-20s %4.0f ms  %5.1f MiB     %5.1f MiB  %10.1f\n", cost.name,
                                 absl::ToDoubleMilliseconds(cost.ready), cost.after.resident_mib,
                                 cost.after.proportional_mib, millicores);
    all_mib += cost.after.resident_mib;
    all_proportional += cost.after.proportional_mib;
    all_millicores += millicores;
    good = good && cost.after.resident_mib <= kEachMib && cost.ready <= kReady;
  }
  std::cout << absl::StrFormat("%-20s          %5.1f MiB     %5.1f MiB  %10.1f\n", "together",
                               all_mib, all_proportional, all_millicores);
  return good && all_mib <= kAllMib && all_millicores <= kMillicores;
}

int Main(int argc, const char* const* argv) {
  absl::Duration idle = absl::Seconds(30);
  Command command("idle_cost", "Measures what the controllers cost while nothing happens.");
  command.Duration("--idle", idle, "how long to look");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto good = Run(idle);
  if (!good.ok()) {
    std::cerr << good.status() << "\n";
    return 1;
  }
  return *good ? 0 : 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
