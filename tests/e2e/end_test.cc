// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("a controller that is asked to end while it still reads its flags ends in order",
          "[e2e]") {
  const TempDir dir;
  for (const char* controller :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    CAPTURE(controller);
    // The help does not fit into the pipe: whoever prints it stays in the middle of that.
    const std::string pipe = dir / controller;
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const int end = open(pipe.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
    REQUIRE(end >= 0);
    const absl::Cleanup closed = [end] { close(end); };
    REQUIRE(fcntl(end, F_SETPIPE_SZ, 4096) == 4096);
    auto process = Process::Start({Program(controller), "--help"}, pipe);
    REQUIRE_THAT(process.status(), IsOk());
    pollfd printed = {end, POLLIN, 0};
    REQUIRE(poll(&printed, 1, 20'000) == 1);
    (*process)->Signal(SIGTERM);
    size_t size = 0;
    REQUIRE(Eventually(absl::Seconds(20), [&] {
      char buffer[4096];
      for (ssize_t n; (n = read(end, buffer, sizeof(buffer))) > 0;) size += static_cast<size_t>(n);
      return !(*process)->running();
    }));
    CHECK(size > 4096);
    CHECK((*process)->End(SIGTERM, absl::Seconds(20)).value_or(-1) == 0);
  }
}

}  // namespace
}  // namespace sluice::e2e
