// SPDX-License-Identifier: Apache-2.0
#include "common/base/context.h"

#include <catch2/catch.hpp>

#include "common/base/clock.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a child context ends with its parent", "[base]") {
  std::stop_source parent;
  const Context ctx = Context::Background().WithStopToken(parent.get_token());
  const Context child = ctx.WithTimeout(absl::Hours(1)).WithField("kind", "Test");
  CHECK(child.Check().ok());
  int calls = 0;
  const auto registration = child.OnCancel([&] { ++calls; });
  parent.request_stop();
  CHECK(calls == 1);
  CHECK_THAT(child.Check(), StatusIs(absl::StatusCode::kCancelled, "context canceled"));
  CHECK(child.fields().size() == 1);
}

TEST_CASE("a child's deadline cannot outlast its parent's", "[base]") {
  const Context ctx = Context::Background().WithTimeout(absl::Seconds(-1));
  CHECK_THAT(ctx.WithTimeout(absl::Hours(1)).Check(),
             StatusIs(absl::StatusCode::kDeadlineExceeded, "deadline exceeded"));
}

TEST_CASE("sleeping ends early when the context is cancelled", "[base]") {
  std::stop_source source;
  source.request_stop();
  const Context ctx = Context::Background().WithStopToken(source.get_token());
  testing::FakeClock clock;
  CHECK_THAT(clock.Sleep(ctx, absl::Hours(1)), StatusIs(absl::StatusCode::kCancelled, ""));
}

}  // namespace
}  // namespace sluice
