// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/process_cost.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"

namespace sluice::bench {
namespace {

double Milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

absl::StatusOr<ProcessCost> RunOnce(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int out : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, out, "/dev/null", O_WRONLY, 0);
  }
  const auto start = std::chrono::steady_clock::now();
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage;
  if (error != 0 || wait4(pid, &status, 0, &usage) != pid) {
    return absl::InternalError(absl::StrCat(words[0], " cannot be run: ", std::strerror(error)));
  }
  const auto taken = std::chrono::steady_clock::now() - start;
  if (status != 0) return absl::InternalError(absl::StrCat(absl::StrJoin(words, " "), " failed"));
  return ProcessCost{
      .wall_ms = std::chrono::duration<double, std::milli>(taken).count(),
      .cpu_ms = Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime),
      .memory_mb = static_cast<double>(usage.ru_maxrss) / 1024,
  };
}

ProcessCost Median(std::vector<ProcessCost> runs) {
  const auto middle = [&runs](double ProcessCost::*field) {
    std::sort(runs.begin(), runs.end(),
              [field](const ProcessCost& a, const ProcessCost& b) { return a.*field < b.*field; });
    return runs[runs.size() / 2].*field;
  };
  ProcessCost median;
  if (runs.empty()) return median;
  median.wall_ms = middle(&ProcessCost::wall_ms);
  median.cpu_ms = middle(&ProcessCost::cpu_ms);
  middle(&ProcessCost::memory_mb);
  median.memory_mb = runs.back().memory_mb;
  return median;
}

absl::Status Compare(Figures& figures, const std::string& what, const Rounds& ours,
                     const Rounds& theirs) {
  std::vector<ProcessCost> our_costs;
  std::vector<ProcessCost> their_costs;
  for (size_t i = 0; i < std::max(ours.count, theirs.count); ++i) {
    for (auto [rounds, costs] : {std::pair(&ours, &our_costs), std::pair(&theirs, &their_costs)}) {
      if (i >= rounds->count || rounds->words.empty()) continue;
      ASSIGN_OR_RETURN(const ProcessCost cost, RunOnce(rounds->words));
      costs->push_back(cost);
    }
  }
  const ProcessCost our = Median(our_costs);
  const ProcessCost their = Median(their_costs);
  const auto add = [&](const char* aspect, double ProcessCost::*field, const char* unit) {
    figures.Add(absl::StrCat(what, aspect), our.*field, unit,
                their_costs.empty() ? std::nullopt : std::optional(their.*field));
  };
  add("", &ProcessCost::wall_ms, "ms");
  add(", CPU", &ProcessCost::cpu_ms, "ms");
  add(", memory", &ProcessCost::memory_mb, "MiB");
  return absl::OkStatus();
}

std::string Beside(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

}  // namespace sluice::bench
