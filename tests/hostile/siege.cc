// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/siege.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"

namespace sluice::hostile {
namespace {

constexpr absl::Duration kRoundLimit = absl::Seconds(60);
constexpr int kRoundsBefore = 3;
constexpr double kDiskAtRestMib = 16;

double FolderMib(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  const auto options = std::filesystem::directory_options::skip_permission_denied;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, options, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone) && !it->is_symlink(gone)) {
      const auto size = it->file_size(gone);
      if (!gone) bytes += size;
    }
  }
  return static_cast<double>(bytes) / (1 << 20);
}

}  // namespace

Siege::Siege(std::vector<std::string> flags,
             std::vector<std::pair<std::string, std::string>> environment) {
  e2e::ClusterOptions options;
  options.controllers = {"source-controller"};
  options.flags["source-controller"] = std::move(flags);
  options.environment = std::move(environment);
  options.environment.emplace_back("TMPDIR", temporary_.path());
  auto started = e2e::Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  cluster_ = *std::move(started);
  auto repository = e2e::GitRepository::Create(cluster_->git_root() + "/neighbour");
  REQUIRE(repository.ok());
  neighbour_ = std::make_unique<e2e::GitRepository>(*std::move(repository));
  REQUIRE(neighbour_->Commit("first").ok());
  Apply(e2e::GitRepositoryManifest("neighbour", cluster_->git_url() + "/neighbour"));
}

void Siege::Apply(Value object) {
  const absl::Status applied = cluster_->Apply(std::move(object));
  INFO(applied);
  REQUIRE(applied.ok());
}

void Siege::AddSecret(const std::string& name,
                      const std::vector<std::pair<std::string, std::string>>& data) {
  Value text = Value::EmptyObject();
  for (const auto& [key, value] : data) text.Set(key, value);
  Apply({{"apiVersion", "v1"},
         {"kind", "Secret"},
         {"metadata", {{"name", name}}},
         {"stringData", std::move(text)}});
}

absl::Duration Siege::NeighbourRound() {
  neighbour_->Write("file", absl::StrCat(++commits_));
  const auto commit = neighbour_->Commit("next");
  REQUIRE(commit.ok());
  const absl::Time begun = RealClock().Now();
  REQUIRE(cluster_->Trigger(e2e::kSourceApi, "GitRepository", "neighbour").ok());
  const bool there = e2e::Eventually(kRoundLimit, [&] {
    const auto object = cluster_->Get(e2e::kSourceApi, "GitRepository", "neighbour");
    return object.has_value() &&
           absl::EndsWith((*object)["status"]["artifact"]["revision"].str(), *commit);
  });
  if (!there) UNSCOPED_INFO(cluster_->Describe());
  REQUIRE(there);
  return RealClock().Now() - begun;
}

Outcome Siege::Look(const Hostile& hostile) {
  Outcome outcome;
  const auto object = cluster_->Get(e2e::kSourceApi, hostile.kind, hostile.name);
  if (!object.has_value()) return outcome;
  for (const Value& condition : (*object)["status"]["conditions"].items()) {
    if (condition["type"].str() != "Ready") continue;
    outcome.reason = std::string(condition["reason"].str());
    outcome.message = std::string(condition["message"].str());
    outcome.as_expected =
        condition["status"].str() == hostile.status &&
        (hostile.reason.empty() || outcome.reason == hostile.reason) &&
        (absl::StrContains(outcome.message, hostile.text) ||
         (hostile.endless && absl::StrContains(outcome.message, "context deadline exceeded")));
  }
  return outcome;
}

Toll Siege::Run(const std::vector<Hostile>& all, absl::Duration limit) {
  Toll toll;
  for (int i = 0; i < kRoundsBefore; ++i) {
    toll.worst_before = std::max(toll.worst_before, NeighbourRound());
  }
  for (const Hostile& hostile : all) {
    Apply({{"apiVersion", e2e::kSourceApi},
           {"kind", hostile.kind},
           {"metadata", {{"name", hostile.name}}},
           {"spec", hostile.spec}});
  }
  std::vector<const Hostile*> left;
  for (const Hostile& hostile : all) left.push_back(&hostile);
  const absl::Time end = RealClock().Now() + limit;
  do {
    toll.worst_during = std::max(toll.worst_during, NeighbourRound());
    ++toll.rounds_during;
    toll.peak_disk_mib = std::max(toll.peak_disk_mib, DiskMib());
    std::erase_if(left, [&](const Hostile* hostile) { return Look(*hostile).as_expected; });
  } while (!left.empty() && RealClock().Now() < end);
  for (const Hostile& hostile : all) {
    const Outcome outcome = Look(hostile);
    INFO(hostile.kind << "/" << hostile.name << " is " << outcome.reason << ": "
                      << outcome.message);
    const bool came = std::find(left.begin(), left.end(), &hostile) == left.end();
    CHECK(came);
  }
  toll.peak_mib = cluster_->process("source-controller").usage().peak_mib;
  // Those that failed are tried again and again; what they leave shows when they are gone.
  for (const Hostile& hostile : all) {
    if (hostile.status == "False") {
      cluster_->Delete(e2e::kSourceApi, hostile.kind, hostile.name).IgnoreError();
    }
  }
  (void)e2e::Eventually(kRoundLimit, [&] { return (toll.disk_mib = DiskMib()) < kDiskAtRestMib; });
  CHECK(cluster_->Casualties() == "");
  WARN("neighbour: " << toll.worst_before << " before, " << toll.worst_during << " during ("
                     << toll.rounds_during << " rounds); memory " << toll.peak_mib << " MiB; disk "
                     << toll.peak_disk_mib << " MiB at most, " << toll.disk_mib
                     << " MiB in the end");
  return toll;
}

void Siege::CheckUntold(const std::vector<std::string>& secrets) {
  std::string told = cluster_->Describe();
  absl::StrAppend(&told, cluster_->process("source-controller").Output());
  for (const std::string& secret : secrets) {
    CAPTURE(secret);
    CHECK_FALSE(absl::StrContains(told, secret));
  }
}

double Siege::DiskMib() const {
  return FolderMib(cluster_->storage()) + FolderMib(temporary_.path());
}

}  // namespace sluice::hostile
