// What the four controllers cost while nothing happens, and how soon they are ready.
//
//   build/release/bin/idle_cost [--idle 30s]
//
// Starts an API server with our kinds and no objects, then each controller by itself: the time from
// its start until /readyz is 200, its memory and the processor time that it takes while idle. Or of
// Flux's own controllers, in the folder `--flux-bin`.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/http/client.h"
#include "tests/bench/figures.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::bench {
namespace {

using e2e::Cluster;
using e2e::ClusterOptions;
using e2e::Process;

constexpr absl::Duration kReadyLimit = absl::Seconds(20);

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

absl::Status Measure(absl::Duration idle, const std::string& flux_bin, Figures& figures) {
  ClusterOptions options;
  options.controllers = {};
  options.flux_bin = flux_bin;
  options.later = {"source-controller", "kustomize-controller", "helm-controller"};
  // Two programs in Flux.
  if (flux_bin.empty()) options.later.push_back("image-controller");
  std::vector<std::string> health;
  for (const std::string& name : options.later) {
    health.push_back(absl::StrCat("127.0.0.1:", e2e::ReservePort()));
    options.flags[name] = {"--health-addr", health.back()};
  }
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start(options));
  ASSIGN_OR_RETURN(const auto transport, http::CreateClient({}));
  for (size_t i = 0; i < options.later.size(); ++i) {
    ASSIGN_OR_RETURN(const absl::Duration ready,
                     StartUntilReady(*cluster, options.later[i], health[i], *transport));
    figures.Add(options.later[i] + ": start until ready", absl::ToDoubleMilliseconds(ready), "ms");
  }
  // What a start has left to do is not idling.
  RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), absl::Seconds(5)));
  double cpu_before = 0;
  for (const std::string& name : options.later) {
    cpu_before += cluster->process(name).usage().cpu_seconds;
  }
  RETURN_IF_ERROR(RealClock().Sleep(Context::Background(), idle));
  Process::Usage together;
  for (const std::string& name : options.later) {
    const Process::Usage usage = cluster->process(name).usage();
    figures.Add(name + ": resident memory, idle", usage.resident_mib, "MiB");
    together.resident_mib += usage.resident_mib;
    together.proportional_mib += usage.proportional_mib;
    together.cpu_seconds += usage.cpu_seconds;
  }
  figures.Add("controllers together: resident memory, idle", together.resident_mib, "MiB");
  figures.Add("controllers together: the same, shared pages once", together.proportional_mib,
              "MiB");
  figures.Add("controllers together: processor, idle",
              1000 * (together.cpu_seconds - cpu_before) / absl::ToDoubleSeconds(idle),
              "millicores");
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  absl::Duration idle = absl::Seconds(30);
  std::string flux_bin;
  sluice::Command command("idle_cost", "Measures what the controllers cost while nothing happens.");
  command.Duration("--idle", idle, "how long to look");
  command.Text("--flux-bin", flux_bin, "measure Flux's own, which are in this folder");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(idle, flux_bin, figures);
  });
}
