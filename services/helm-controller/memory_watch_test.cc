// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/memory_watch.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>

#include "common/disk/temp_dir.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm_controller {
namespace {

using ::sluice::testing::StatusIs;

class Group {
 public:
  explicit Group(const char* max) { Write("max", max); }
  MemoryWatchOptions options() const {
    return {.threshold = 90, .max_path = Path("max"), .current_path = Path("current")};
  }
  void Use(const char* bytes) { Write("current", bytes); }

 private:
  std::string Path(const char* name) const { return dir_.path() + "/" + name; }
  void Write(const char* name, const char* text) { std::ofstream(Path(name)) << text << "\n"; }
  disk::TempDir dir_ = disk::TempDir::Create("memory-watch-").value();
};

TEST_CASE("the controller ends when the memory runs out, not before", "[helm-controller]") {
  testing::FakeClock clock;
  Group group("1000");
  group.Use("899");
  std::atomic<int> exceeded = 0;
  auto watch = WatchMemory(
      Context::Background(), group.options(), [&] { ++exceeded; }, clock);
  REQUIRE(watch.ok());
  for (int i = 0; i < 5; ++i) clock.Advance(absl::Seconds(1));
  CHECK(exceeded == 0);
  group.Use("901");
  while (exceeded == 0) clock.Advance(absl::Seconds(1));
  watch->join();
  CHECK(exceeded == 1);
}

TEST_CASE("without a limit there is nothing to watch", "[helm-controller]") {
  testing::FakeClock clock;
  Group group("max");
  group.Use("901");
  const auto watch = WatchMemory(
      Context::Background(), group.options(), [] {}, clock);
  REQUIRE(watch.ok());
  CHECK_FALSE(watch->joinable());
}

TEST_CASE("what cannot be watched is said", "[helm-controller]") {
  testing::FakeClock clock;
  Group group("1000");
  group.Use("1");
  MemoryWatchOptions options = group.options();
  options.threshold = 101;
  CHECK_THAT(WatchMemory(
                 Context::Background(), options, [] {}, clock)
                 .status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "--oom-watch-memory-threshold"));
  options = group.options();
  options.current_path = "/nowhere";
  CHECK_THAT(WatchMemory(
                 Context::Background(), options, [] {}, clock)
                 .status(),
             StatusIs(absl::StatusCode::kNotFound, "cannot read /nowhere"));
}

}  // namespace
}  // namespace sluice::helm_controller
