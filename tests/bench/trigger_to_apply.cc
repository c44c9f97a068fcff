// How long it takes from the reconcile annotation on a GitRepository until the changed object is in
// the cluster, with a Git server on this machine and a repository of 1,000 files.
//
//   build/release/bin/trigger_to_apply [--rounds 30] [--folders 50] [--files 20]

// SPDX-License-Identifier: Apache-2.0
#include <string>
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
#include "tests/bench/fleet.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"

namespace sluice::bench {
namespace {

using e2e::Cluster;
using e2e::ConfigMapYaml;
using e2e::GitRepository;

struct Options {
  int rounds = 30;
  int folders = 50;
  int files = 20;  // in each folder
  std::string flux_bin;
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
    RETURN_IF_ERROR(cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo"));
  }
  RETURN_IF_ERROR(seen);
  return arrived - triggered;
}

absl::Status Prepare(Cluster& cluster, GitRepository& git, const Options& options) {
  for (int folder = 0; folder < options.folders; ++folder) {
    for (int file = 0; file < options.files; ++file) {
      git.Write(FileOf(folder, file),
                ConfigMapYaml(cluster.ns(), NameOf(folder, file), "value", "first"));
    }
  }
  RETURN_IF_ERROR(git.Commit("First").status());
  RETURN_IF_ERROR(cluster.Apply(
      e2e::GitRepositoryManifest("repo", absl::StrCat(cluster.git_url(), "/repo"), "10m")));
  RETURN_IF_ERROR(cluster.Apply(e2e::KustomizationManifest("app", "repo", "./apps", "10m")));
  return AwaitReady(cluster, e2e::kKustomizeApi, "Kustomization", "app");
}

absl::Status Measure(const Options& options, Figures& figures) {
  ASSIGN_OR_RETURN(const auto cluster, Cluster::Start({.flux_bin = options.flux_bin}));
  ASSIGN_OR_RETURN(GitRepository git,
                   GitRepository::Create(absl::StrCat(cluster->git_root(), "/repo")));
  RETURN_IF_ERROR(Prepare(*cluster, git, options));
  std::vector<double> took;
  for (int round = 0; round < options.rounds; ++round) {
    ASSIGN_OR_RETURN(const absl::Duration duration, Round(*cluster, git, options, round));
    took.push_back(absl::ToDoubleMilliseconds(duration));
  }
  for (const int percent : {50, 95, 99}) {
    figures.Add(
        absl::StrCat("push to applied, ", options.folders * options.files, " files: p", percent),
        Percentile(took, percent), "ms");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  sluice::bench::Options options;
  sluice::Command command("trigger_to_apply", "Measures from the annotation to the object.");
  command.Int("--rounds", options.rounds, "how many commits are measured");
  command.Int("--folders", options.folders, "of the repository");
  command.Int("--files", options.files, "in each folder");
  command.Text("--flux-bin", options.flux_bin, "measure Flux's own, which are in this folder");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(options, figures);
  });
}
