// How long it takes from the reconcile annotation on a GitRepository until the changed object is in
// the cluster, with a Git server on this machine and a repository of 1,000 files.
//
//   build/release/bin/trigger_to_apply [--rounds 30] [--folders 50] [--files 20] [--goal 1s]
//
// Prints p50, p95 and the slowest; exits 1 if p95 is over the goal.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/flags/command.h"
#include "common/kube/client.h"
#include "common/kube/object.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

struct Options {
  int rounds = 30;
  int folders = 50;
  int files = 20;  // in each folder
  absl::Duration goal = absl::Seconds(1);
};

constexpr absl::Duration kRoundLimit = absl::Seconds(60);

std::string FileOf(int folder, int file) {
  return absl::StrFormat("apps/f%03d/config-%03d.yaml", folder, file);
}
std::string NameOf(int folder, int file) { return absl::StrFormat("c-%03d-%03d", folder, file); }

// Waits until ConfigMap `name` has `value`, by a watch that starts before the trigger does.
absl::Status AwaitValue(Cluster& cluster, const std::string& name, const std::string& value,
                        const std::string& version) {
  const kube::Resource config_maps{"", "v1", "configmaps", "ConfigMap", true};
  const Context ctx = Context::Background().WithTimeout(kRoundLimit);
  const absl::Status ended = cluster.client().Watch(
      ctx, config_maps, cluster.ns(),
      {.field_selector = absl::StrCat("metadata.name=", name), .resource_version = version},
      [&](const kube::WatchEvent& event) {
        const bool there = event.object["data"]["value"].str() == value;
        return there ? absl::AlreadyExistsError("seen") : absl::OkStatus();
      });
  if (absl::IsAlreadyExists(ended)) return absl::OkStatus();
  return ended.ok() ? absl::DeadlineExceededError("the watch ended first") : ended;
}

absl::StatusOr<absl::Duration> Round(Cluster& cluster, GitRepository& git, const Options& options,
                                     int round) {
  const int folder = round % options.folders;
  const int file = round % options.files;
  const std::string name = NameOf(folder, file);
  const std::string value = absl::StrCat("round ", round);
  git.Write(FileOf(folder, file), ConfigMapYaml(cluster.ns(), name, "value", value));
  RETURN_IF_ERROR(git.Commit("Change one file").status());
  const auto before = cluster.Get("v1", "ConfigMap", name);
  if (!before.has_value()) return absl::NotFoundError(absl::StrCat(name, " is not there"));

  absl::Status seen;
  absl::Time arrived;
  const absl::Time triggered = RealClock().Now();
  {
    const std::string version(kube::ResourceVersion(*before));
    std::jthread watcher([&] {
      seen = AwaitValue(cluster, name, value, version);
      arrived = RealClock().Now();
    });
    RETURN_IF_ERROR(cluster.Trigger(kSourceApi, "GitRepository", "repo"));
  }
  RETURN_IF_ERROR(seen);
  return arrived - triggered;
}

struct Prepared {
  std::unique_ptr<Cluster> cluster;
  GitRepository git;
};

absl::StatusOr<Prepared> Prepare(const Options& options) {
  ASSIGN_OR_RETURN(auto cluster, Cluster::Start());
  ASSIGN_OR_RETURN(GitRepository git,
                   GitRepository::Create(absl::StrCat(cluster->git_root(), "/repo")));
  for (int folder = 0; folder < options.folders; ++folder) {
    for (int file = 0; file < options.files; ++file) {
      git.Write(FileOf(folder, file),
                ConfigMapYaml(cluster->ns(), NameOf(folder, file), "value", "first"));
    }
  }
  RETURN_IF_ERROR(git.Commit("First").status());
  RETURN_IF_ERROR(cluster->Apply(
      GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"), "10m")));
  RETURN_IF_ERROR(cluster->Apply(KustomizationManifest("app", "repo", "./apps", "10m")));
  const bool ready = Eventually(absl::Minutes(3), [&] {
    return ReadyMessage(cluster->Get(kKustomizeApi, "Kustomization", "app"), "True").has_value();
  });
  if (!ready) {
    return absl::DeadlineExceededError(absl::StrCat("never ready:\n", cluster->Describe()));
  }
  return Prepared{std::move(cluster), std::move(git)};
}

absl::StatusOr<bool> Measure(const Options& options) {
  const absl::Time begun = RealClock().Now();
  ASSIGN_OR_RETURN(Prepared prepared, Prepare(options));
  std::cout << absl::StreamFormat("%d files in %d folders, first sync after %.1f s\n",
                                  options.folders * options.files, options.folders,
                                  absl::ToDoubleSeconds(RealClock().Now() - begun));
  std::vector<double> took;
  for (int round = 0; round < options.rounds; ++round) {
    ASSIGN_OR_RETURN(const absl::Duration duration,
                     Round(*prepared.cluster, prepared.git, options, round));
    took.push_back(absl::ToDoubleMilliseconds(duration));
    std::cout << absl::StreamFormat("round %2d: %7.1f ms\n", round + 1, took.back()) << std::flush;
  }
  std::sort(took.begin(), took.end());
  const auto at = [&](size_t percent) {
    return took[std::min(took.size() - 1, (took.size() * percent + 99) / 100 - 1)];
  };
  std::cout << absl::StreamFormat(
      "trigger to apply: p50 %.1f ms, p95 %.1f ms, max %.1f ms (n=%d)\n", at(50), at(95),
      took.back(), took.size());
  return at(95) <= absl::ToDoubleMilliseconds(options.goal);
}

int Main(int argc, char** argv) {
  Options options;
  Command command("trigger_to_apply", "Measures from the reconcile annotation to the object.");
  command.Int("--rounds", options.rounds, "how many commits are measured");
  command.Int("--folders", options.folders, "of the repository");
  command.Int("--files", options.files, "in each folder");
  command.Duration("--goal", options.goal, "what p95 may take");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  const auto fast = Measure(options);
  if (!fast.ok()) {
    std::cerr << fast.status().message() << "\n";
    return 1;
  }
  return *fast ? 0 : 1;
}

}  // namespace
}  // namespace sluice::e2e

int main(int argc, char** argv) { return sluice::e2e::Main(argc, argv); }
