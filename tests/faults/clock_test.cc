// The system's clock is set, forward and back: objects are looked at in their intervals all the
// same, and nobody spins.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/base/steady_clock.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/faults/strain.h"

namespace sluice::faults {
namespace {

using e2e::Cluster;

constexpr absl::Duration kInterval = absl::Seconds(1);
// From a commit, or a change in the cluster, to what the interval makes of it.
constexpr absl::Duration kLimit = absl::Seconds(12);

TEST_CASE("intervals are kept when the clock is set forward and back", "[faults]") {
  e2e::TempDir dir;
  const std::string ahead = dir / "ahead";
  e2e::ClusterOptions options;
  options.environment = {{"LD_PRELOAD", SLUICE_MOVED_CLOCK}, {"SLUICE_MOVED_CLOCK", ahead}};
  auto started = Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  Cluster& cluster = **started;
  e2e::GitRepository git = e2e::GitRepository::Create(cluster.git_root() + "/repo").value();
  const auto commit = [&](const std::string& mark) {
    git.Write("app/config.yaml", e2e::ConfigMapYaml(cluster.ns(), "config", "mark", mark));
    REQUIRE(git.Commit(mark).ok());
  };
  const auto await = [&](Strain& strain, const std::string& mark) {
    const absl::Time begun = SteadyClock().Now();
    const bool there = strain.Eventually(kLimit, [&] {
      const auto config = cluster.Get("v1", "ConfigMap", "config");
      return config.has_value() && (*config)["data"]["mark"].str() == mark;
    });
    if (!there) UNSCOPED_INFO(cluster.Describe());
    CHECK(there);
    return SteadyClock().Now() - begun;
  };
  const auto cpu = [&] {
    double seconds = 0;
    for (const std::string& name : options.controllers) {
      seconds += cluster.process(name).usage().cpu_seconds;
    }
    return seconds;
  };
  commit("start");
  const std::string interval = absl::FormatDuration(kInterval);
  for (Value object : {e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", interval),
                       e2e::KustomizationManifest("app", "repo", "./app", interval)}) {
    const absl::Status applied = cluster.Apply(std::move(object));
    INFO(applied);
    REQUIRE(applied.ok());
  }
  Strain start(cluster, options.controllers);
  await(start, "start");
  Strain strain(cluster, options.controllers);

  for (const int seconds : {3600, -3600, 365 * 86400}) {
    CAPTURE(seconds);
    e2e::WriteFile(ahead + ".new", absl::StrCat(seconds));
    std::filesystem::rename(ahead + ".new", ahead);
    const double used = cpu();
    const std::string mark = absl::StrCat("ahead-", seconds);
    commit(mark);
    const absl::Duration news = await(strain, mark);
    // What somebody changes in the cluster is put right by the Kustomization's own interval.
    REQUIRE(cluster.Edit("v1", "ConfigMap", "config", {{"data", {{"mark", "drift"}}}}).ok());
    const absl::Duration drift = await(strain, mark);
    CHECK(cpu() - used < 0.5 * absl::ToDoubleSeconds(news + drift) + 1);
    WARN("clock " << seconds << " s ahead: a commit is applied after " << news
                  << ", drift put right after " << drift << " (limit " << kLimit << "), "
                  << cpu() - used << " s of processor time");
  }
  WARN(strain.Check());
}

}  // namespace
}  // namespace sluice::faults
