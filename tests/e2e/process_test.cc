// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/process.h"

#include <signal.h>

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("a process is started with its environment and ended by a signal", "[e2e]") {
  const TempDir dir;
  auto process = Process::Start({"/bin/sh", "-c", "echo $WORD > $FILE; exec sleep 60"}, dir / "log",
                                {{"WORD", "hello"}, {"FILE", dir / "file"}});
  REQUIRE(process.ok());
  CHECK(AwaitFile(dir / "file", **process, absl::Seconds(10)).value_or("") == "hello");
  CHECK((*process)->running());
  CHECK((*process)->End(SIGTERM, absl::Seconds(10)).value_or(0) == 128 + SIGTERM);
  CHECK_FALSE((*process)->running());
}

TEST_CASE("a process that ends too early is reported with what it said", "[e2e]") {
  const TempDir dir;
  auto process = Process::Start({"/bin/sh", "-c", "echo no such luck; exit 3"}, dir / "log");
  REQUIRE(process.ok());
  CHECK_THAT(AwaitFile(dir / "file", **process, absl::Seconds(10)).status(),
             StatusIs(absl::StatusCode::kUnavailable, "no such luck"));
  CHECK_THAT(Run({"/bin/sh", "-c", "echo oh; exit 3"}).status(),
             StatusIs(absl::StatusCode::kUnknown, "exit code 3\noh"));
  CHECK_THAT(Process::Start({dir / "absent"}, dir / "log").status(),
             StatusIs(absl::StatusCode::kNotFound, "build it first"));
}

}  // namespace
}  // namespace sluice::e2e
