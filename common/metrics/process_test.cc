// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/clock.h"

namespace sluice::metrics {
namespace {

TEST_CASE("the process sees its own memory, age and descriptors", "[metrics]") {
  const ProcessUsage before = ReadProcessUsage().value();
  CHECK(before.resident_bytes > (1 << 20));
  CHECK(before.virtual_bytes >= before.resident_bytes);
  CHECK(before.threads >= 1);
  const double now = absl::ToDoubleSeconds(RealClock().Now() - absl::UnixEpoch());
  CHECK(before.start_unix_seconds <= now + 1);
  CHECK(before.start_unix_seconds > now - 3600);
  const int fd = open("/dev/null", O_RDONLY);
  const ProcessUsage after = ReadProcessUsage().value();
  close(fd);
  CHECK(after.open_fds == before.open_fds + 1);
  CHECK(after.cpu_seconds >= before.cpu_seconds);
}

TEST_CASE("process metrics are read anew for each scrape", "[metrics]") {
  Registry registry;
  AddProcessMetrics(registry);
  for (int scrape = 0; scrape < 2; ++scrape) {
    const std::string text = registry.Text();
    for (const char* name : {"process_resident_memory_bytes ", "process_virtual_memory_bytes ",
                             "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ",
                             "process_start_time_seconds ", "process_threads ", "process_open_fds ",
                             "process_max_fds "}) {
      CHECK_THAT(text, Catch::Matchers::Contains(name));
    }
  }
}

}  // namespace
}  // namespace sluice::metrics
