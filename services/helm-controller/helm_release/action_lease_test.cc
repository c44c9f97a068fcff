// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/action_lease.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm_controller {
namespace {

using ::sluice::testing::StatusIs;

std::string LeaseOf(const std::string& instance, int renewal = 0) {
  return absl::StrCat(
      "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: helm-controller-actions-",
      instance, ", namespace: default}\nspec: {holderIdentity: ", instance,
      ", leaseTransitions: ", renewal, "}\n");
}

TEST_CASE("another process is at work as long as its lease changes", "[unit]") {
  kube_testing::ApiServer api;
  testing::FakeClock clock;
  ActionLease lease(api.client(), "default", "we", clock);
  const auto remaining = [&](const std::string& instance) {
    return lease.Remaining(api.ctx(), instance).value();
  };
  CHECK(remaining("unheard-of") == absl::ZeroDuration());
  CHECK(remaining("we") == absl::ZeroDuration());

  api.Write(LeaseOf("other"), "other");
  CHECK(remaining("other") == absl::Seconds(2));
  clock.Advance(absl::Seconds(1));
  CHECK(remaining("other") == absl::Seconds(1));
  api.Write(LeaseOf("other", 1), "other");
  CHECK(remaining("other") == absl::Seconds(2));
  clock.Advance(absl::Seconds(2));
  CHECK(remaining("other") == absl::ZeroDuration());
  CHECK(api.Live(LeaseOf("other")).is_null());
}

TEST_CASE("a lease is renewed while it is held, and goes with its process", "[unit]") {
  kube_testing::ApiServer api;
  testing::FakeClock clock;
  const auto renewed = [&] {
    return std::string(api.Live(LeaseOf("we"))["spec"]["renewTime"].str());
  };
  {
    ActionLease lease(api.client(), "default", "we", clock);
    CHECK(renewed() == "");
    const ActionLease::Held held = lease.Hold(api.ctx()).value();
    const std::string first = renewed();
    CHECK(first != "");
    while (renewed() == first && api.ctx().Check().ok()) clock.Advance(absl::Milliseconds(100));
    CHECK(renewed() > first);
    CHECK(api.Live(LeaseOf("we"))["spec"]["holderIdentity"].str() == "we");
  }
  CHECK(renewed() == "");
}

TEST_CASE("without a word to the others no action begins", "[unit]") {
  kube_testing::ApiServer api;
  testing::FakeClock clock;
  ActionLease lease(api.client(), "no-such-namespace", "we", clock);
  CHECK_THAT(lease.Hold(api.ctx()).status(),
             StatusIs(absl::StatusCode::kNotFound, "cannot tell others that an action begins"));
}

}  // namespace
}  // namespace sluice::helm_controller
