// What follows a release that failed: it stalls, is rolled back, removed or tried again
// (spec/helm.md §6.1).

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using ::sluice::testing::IsOk;
using Lines = std::vector<std::string>;

TEST_CASE("a failed install stalls, or is remediated", "[helm_release]") {
  struct Row {
    const char* fields;
    Lines history;
    Lines stored;
    const char* stalled;
  };
  const Row rows[] = {
      {"values: {bad: true}",
       {"v1 failed (install)"},
       {"v1 failed"},
       "True RetriesExceeded: Failed to install after 1 attempt(s)"},
      {"values: {bad: true}, install: {remediation: {retries: 2}}",
       {"v1 failed (install)"},
       {"v1 failed"},
       "True RetriesExceeded: Failed to install after 3 attempt(s)"},
      {"values: {bad: true}, install: {remediation: {remediateLastFailure: true}}, uninstall: "
       "{keepHistory: true}",
       {"v1 uninstalled (uninstall-remediation)"},
       {"v1 uninstalled"},
       "True RetriesExceeded: Failed to install after 1 attempt(s)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    Installed world(row.fields);
    CHECK(world.History() == row.history);
    CHECK(world.Stored() == row.stored);
    CHECK(world.Condition("Stalled") == row.stalled);
    CHECK_THAT(world.Condition("Ready"), StartsWith("False "));
    CHECK(world.Release()["status"]["observedGeneration"].int_or(0) == 1);

    world.ApplyRelease("values: {bad: false}");
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK_THAT(world.Condition("Ready"), StartsWith("True "));
    CHECK(world.Condition("Stalled") == "");
  }
}

TEST_CASE("with RetryOnFailure a failure is tried again after the interval", "[helm_release]") {
  const std::string strategy =
      "install: {strategy: {name: RetryOnFailure, retryInterval: 1m}}, upgrade: {strategy: {name: "
      "RetryOnFailure, retryInterval: 2m}}";
  Installed world("values: {bad: true}, " + strategy);
  CHECK(world.History() == Lines{"v1 failed (install)"});
  CHECK_THAT(world.Condition("Reconciling"),
             StartsWith("True ProgressingWithRetry: retrying after 1m0s"));
  const auto action = world.Reconcile();
  CHECK(action.value().delay() == absl::Minutes(2));
  CHECK(world.History() == Lines{"v2 failed (upgrade)", "v1 failed (install)"});
}

TEST_CASE("a failed upgrade stalls, is rolled back, or reinstalled", "[helm_release]") {
  struct Row {
    const char* fields;
    Lines history;
    const char* ready;
  };
  const Row rows[] = {
      {"upgrade: {}",
       {"v2 failed (upgrade)", "v1 deployed (install)"},
       "False UpgradeFailed: Helm upgrade failed"},
      {"upgrade: {remediation: {remediateLastFailure: true}}",
       {"v3 deployed (rollback)", "v2 failed (upgrade)", "v1 superseded (rollback)"},
       "False RollbackSucceeded: Helm rollback to previous release default/r.v1 with chart "
       "web@1.0.0 succeeded"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    Installed world(row.fields);
    world.ApplyRelease(absl::StrCat(row.fields, ", values: {bad: true, value: two}"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.History() == row.history);
    CHECK_THAT(world.Condition("Ready"), StartsWith(row.ready));
    CHECK_THAT(world.Condition("Stalled"), Contains("Failed to upgrade after 1 attempt(s)"));
    world.ApplyRelease("values: {value: three}");
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.Value() == "three");
    CHECK_THAT(world.Condition("Ready"), StartsWith("True UpgradeSucceeded"));
  }
}

TEST_CASE("upgrades are tried again as often as the spec says", "[helm_release]") {
  const std::string policy = "upgrade: {remediation: {retries: 1}}";
  Installed world(policy);
  world.ApplyRelease(policy + ", values: {bad: true, value: two}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  // Upgrade, rollback, upgrade, rollback.
  CHECK(world.Stored().front() == "v5 deployed");
  CHECK_THAT(world.Condition("Stalled"), Contains("Failed to upgrade after 2 attempt(s)"));
  CHECK(world.Release()["status"]["upgradeFailures"].int_or(0) == 2);
  CHECK(world.Value() == "one");
}

TEST_CASE("a release without anything to roll back to says so", "[helm_release]") {
  Installed world("values: {bad: true}");
  world.ApplyRelease("values: {bad: true, value: two}, upgrade: {remediation: {retries: 1}}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK_THAT(world.Condition("Stalled"), StartsWith("True MissingRollbackTarget: "));
}

TEST_CASE("an uninstall as remediation of an upgrade is followed by an install", "[helm_release]") {
  const std::string policy =
      "upgrade: {remediation: {strategy: uninstall, remediateLastFailure: true}}";
  Installed world(policy);
  world.ApplyRelease(policy + ", values: {bad: true}");
  REQUIRE(world.ReconcileOnce().value().rate_limited());
  CHECK(world.Stored().empty());
  world.ApplyRelease(policy + ", values: {value: again}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Value() == "again");
  CHECK(world.History() == Lines{"v1 deployed (install)"});
}

TEST_CASE("a rendering that fails is tried again and stores nothing", "[helm_release]") {
  World world;
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.ApplyRelease("values: {badTemplate: true}");
  CHECK_FALSE(world.Reconcile().ok());
  CHECK(world.Stored().empty());
  CHECK_THAT(world.Condition("Ready"), Contains("badTemplate is set"));
  CHECK(world.Condition("Stalled") == "");
  const Value release = world.Release();
  CHECK(release["status"]["failures"].int_or(0) == 1);
  CHECK(release["status"]["installFailures"].is_null());
}

}  // namespace
}  // namespace sluice::releases
