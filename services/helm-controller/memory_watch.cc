// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/memory_watch.h"

#include <fstream>
#include <stop_token>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace sluice::helm_controller {
namespace {

constexpr const char* kMaxPaths[] = {"/sys/fs/cgroup/memory.max",
                                     "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
constexpr const char* kCurrentPaths[] = {"/sys/fs/cgroup/memory.current",
                                         "/sys/fs/cgroup/memory/memory.usage_in_bytes"};

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word)) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return word;
}

absl::StatusOr<std::string> Readable(std::string path, const char* const (&defaults)[2]) {
  if (path.empty()) path = Read(defaults[0]).ok() ? defaults[0] : defaults[1];
  RETURN_IF_ERROR(Read(path).status());
  return path;
}

}  // namespace

absl::StatusOr<std::jthread> WatchMemory(const Context& ctx, MemoryWatchOptions options,
                                         std::function<void()> on_exceeded, Clock& clock) {
  if (options.threshold < 1 || options.threshold > 100) {
    return absl::InvalidArgumentError("--oom-watch-memory-threshold is a percentage");
  }
  if (options.interval <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--oom-watch-interval must be above zero");
  }
  ASSIGN_OR_RETURN(const std::string max_path, Readable(options.max_path, kMaxPaths));
  ASSIGN_OR_RETURN(const std::string current_path, Readable(options.current_path, kCurrentPaths));
  ASSIGN_OR_RETURN(const std::string text, Read(max_path));
  double max = 0;  // "max": there is none
  if (!absl::SimpleAtod(text, &max)) return std::jthread();
  const double bound = max * options.threshold / 100;
  return std::jthread([=, &clock, on_exceeded = std::move(on_exceeded)](std::stop_token stop) {
    const Context watching = ctx.WithStopToken(std::move(stop));
    while (clock.Sleep(watching, options.interval).ok()) {
      const auto current = Read(current_path);
      double used = 0;
      if (!current.ok() || !absl::SimpleAtod(*current, &used) || used < bound) continue;
      log::Error(watching, absl::ResourceExhaustedError("memory limit is near"),
                 "shutting down before the kernel does it", {{"used", used}, {"limit", max}});
      on_exceeded();
      return;
    }
  });
}

}  // namespace sluice::helm_controller
