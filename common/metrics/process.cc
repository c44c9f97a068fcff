// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::metrics {
namespace {

absl::StatusOr<std::string> ReadLine(const char* path, absl::string_view prefix) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, prefix)) return line;
  }
  return absl::UnavailableError(absl::StrCat("read ", path));
}

uint64_t Number(const std::vector<absl::string_view>& fields, size_t index) {
  uint64_t number = 0;
  return index < fields.size() && absl::SimpleAtoi(fields[index], &number) ? number : 0;
}

uint64_t CountOpenFds() {
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc/self/fd"));
  if (directory == nullptr) return 0;
  uint64_t count = 0;
  while (const dirent* entry = readdir(directory.get())) count += entry->d_name[0] != '.';
  return count - 1;  // the directory's own
}

}  // namespace

absl::StatusOr<ProcessUsage> ReadProcessUsage() {
  ASSIGN_OR_RETURN(const std::string stat, ReadLine("/proc/self/stat", ""));
  ASSIGN_OR_RETURN(const std::string boot, ReadLine("/proc/stat", "btime "));
  // proc(5): the name in brackets may hold blanks and brackets; field 3 follows the last one.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return absl::UnavailableError("malformed /proc/self/stat");
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(stat).substr(name_end + 1), ' ', absl::SkipEmpty());
  const std::vector<absl::string_view> boot_fields = absl::StrSplit(boot, ' ');
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto field = [&](size_t number) { return Number(fields, number - 3); };
  ProcessUsage usage;
  usage.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
  usage.threads = field(20);
  usage.start_unix_seconds =
      static_cast<double>(Number(boot_fields, 1)) + static_cast<double>(field(22)) / ticks;
  usage.virtual_bytes = field(23);
  usage.resident_bytes = field(24) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  usage.open_fds = CountOpenFds();
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    usage.max_fds = limit.rlim_cur;
  }
  return usage;
}

void AddProcessMetrics(Registry& registry) {
  Gauge& resident = registry.AddGauge(
      {.name = "process_resident_memory_bytes", .help = "Resident memory size in bytes."});
  Gauge& virtual_size = registry.AddGauge(
      {.name = "process_virtual_memory_bytes", .help = "Virtual memory size in bytes."});
  Counter& cpu = registry.AddCounter(
      {.name = "process_cpu_seconds_total", .help = "Total user and system CPU time in seconds."});
  Gauge& start = registry.AddGauge({.name = "process_start_time_seconds",
                                    .help = "Start time since the Unix epoch in seconds."});
  Gauge& threads = registry.AddGauge({.name = "process_threads", .help = "Number of threads."});
  Gauge& open_fds =
      registry.AddGauge({.name = "process_open_fds", .help = "Number of open file descriptors."});
  Gauge& max_fds = registry.AddGauge(
      {.name = "process_max_fds", .help = "Maximum number of open file descriptors."});
  // The CPU time already counted; the lock is the state's own, since two scrapes may overlap.
  struct Counted {
    absl::Mutex mutex;
    double seconds = 0;
  };
  registry.OnCollect([&, counted = std::make_shared<Counted>()] {
    const absl::StatusOr<ProcessUsage> usage = ReadProcessUsage();
    if (!usage.ok()) return;
    resident.Set({}, static_cast<double>(usage->resident_bytes));
    virtual_size.Set({}, static_cast<double>(usage->virtual_bytes));
    start.Set({}, usage->start_unix_seconds);
    threads.Set({}, static_cast<double>(usage->threads));
    open_fds.Set({}, static_cast<double>(usage->open_fds));
    max_fds.Set({}, static_cast<double>(usage->max_fds));
    const absl::MutexLock lock(&counted->mutex);
    cpu.Add({}, std::max(0.0, usage->cpu_seconds - counted->seconds));
    counted->seconds = std::max(counted->seconds, usage->cpu_seconds);
  });
}

}  // namespace sluice::metrics
