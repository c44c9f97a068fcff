// What becomes of a HelmRelease in one reconciliation after another (spec/helm.md §6.1).

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

TEST_CASE("a release is installed, and again nothing is done", "[helm_release]") {
  Installed world;
  CHECK(world.History() == Lines{"v1 deployed (install)"});
  CHECK(world.Stored() == Lines{"v1 deployed"});
  CHECK(world.Value() == "one");
  CHECK(world.Condition("Ready") ==
        "True InstallSucceeded: Helm install succeeded for release default/r.v1 with chart "
        "web@1.0.0");
  const sluice::Value config = world.Get("v1", "ConfigMap", "r-config");
  CHECK(kube::Label(config, "app.kubernetes.io/managed-by") == "Helm");
  CHECK(kube::Annotation(config, "meta.helm.sh/release-name") == "r");
  CHECK(kube::Label(config, "helm.toolkit.fluxcd.io/name") == "r");
  const sluice::Value release = world.Release();
  CHECK(release["status"]["inventory"]["entries"].at(0)["id"].str() ==
        "default_r-config__ConfigMap");

  const std::string version(kube::ResourceVersion(release));
  const auto action = world.Reconcile();
  CHECK(action.value().delay() == absl::Minutes(10));
  CHECK(world.Stored() == Lines{"v1 deployed"});
  CHECK(kube::ResourceVersion(world.Release()) == version);
}

TEST_CASE("a change of chart, values or rendering is an upgrade", "[helm_release]") {
  Installed world;
  world.ApplyRelease("values: {value: two}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Value() == "two");
  CHECK(world.History() == Lines{"v2 deployed (upgrade)", "v1 superseded (install)"});

  world.PublishChart("web", "1.1.0", TroublesomeChart());
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Value("revision") == "3");
  CHECK(world.Stored() == Lines{"v3 deployed", "v2 superseded", "v1 superseded"});

  world.ApplyRelease("values: {value: two}, commonMetadata: {labels: {team: web}}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(kube::Label(world.Get("v1", "ConfigMap", "r-config"), "team") == "web");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().front() == "v4 deployed");
}

TEST_CASE("the storage keeps as many revisions as it is told to", "[helm_release]") {
  Installed world("maxHistory: 2");
  for (const char* value : {"two", "three", "four"}) {
    world.ApplyRelease(absl::StrCat("maxHistory: 2, values: {value: ", value, "}"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
  }
  CHECK(world.Stored() == Lines{"v4 deployed", "v3 superseded"});
}

TEST_CASE("a release that somebody left pending is unlocked and upgraded", "[helm_release]") {
  Installed world;
  testing::FakeClock long_ago;
  helm_release::Storage storage(world.client(), "default", long_ago);
  helm_release::Record record = storage.Get(world.ctx(), "r", 1).value();
  record.intent = {};  // as `helm` writes
  record.version = 2;
  record.info.status = helm_release::Status::kPendingUpgrade;
  REQUIRE_THAT(storage.Create(world.ctx(), record), IsOk());
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored() == Lines{"v3 deployed", "v2 failed", "v1 superseded"});
  CHECK(world.History() == Lines{"v3 deployed (upgrade)"});
  CHECK(world.Events().contains("Normal PendingRelease"));
}

TEST_CASE("a pending release of somebody who is at work is left alone", "[helm_release]") {
  Installed world;
  const auto leave_pending = [&](const std::string& instance) {
    helm_release::Storage storage(world.client(), "default", RealClock(), instance);
    helm_release::Record record = storage.Get(world.ctx(), "r", 1).value();
    if (instance.empty()) record.intent = {};
    record.version = 2;
    record.info.status = helm_release::Status::kPendingUpgrade;
    REQUIRE_THAT(storage.Create(world.ctx(), record), IsOk());
  };
  SECTION("another controller") {
    std::optional<helm_controller::ActionLease> lease(std::in_place, world.client(), "default",
                                                      "other", RealClock());
    auto held = lease->Hold(world.ctx()).value();
    leave_pending("other");
    const auto action = world.Reconcile();
    CHECK(action.value().delay() <= absl::Seconds(5));
    CHECK(world.Stored() == Lines{"v2 pending-upgrade", "v1 deployed"});
    CHECK_THAT(world.Condition("Reconciling"),
               Contains("Waiting for somebody else to finish: release with status "
                        "'pending-upgrade'"));
    held.reset();
    lease.reset();
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.Stored().front() == "v3 deployed");
  }
  SECTION("helm, a moment ago") {
    leave_pending("");
    const auto action = world.Reconcile();
    CHECK(action.value().delay() <= absl::Seconds(5));
    CHECK(world.Stored() == Lines{"v2 pending-upgrade", "v1 deployed"});
  }
}

TEST_CASE("what others do to a release is undone by an upgrade", "[helm_release]") {
  Installed world;
  helm_release::Storage storage(world.client(), "default", RealClock());
  SECTION("a change of the record") {
    helm_release::Record record = storage.Get(world.ctx(), "r", 1).value();
    record.info.description = "Upgraded by hand";
    record.intent = {};
    REQUIRE_THAT(storage.Update(world.ctx(), record), IsOk());
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.History() == Lines{"v2 deployed (upgrade)"});
  }
  SECTION("its deletion") {
    REQUIRE_THAT(storage.Delete(world.ctx(), "r", 1), IsOk());
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.History() == Lines{"v1 deployed (install)"});
  }
}

TEST_CASE("tests run once for a revision, and their failure counts", "[helm_release]") {
  Installed world("test: {enable: true}");
  CHECK(world.Condition("TestSuccess") ==
        "True TestSucceeded: Helm test succeeded for release default/r.v1 with chart web@1.0.0: 1 "
        "test hook completed successfully");
  CHECK(world.Release()["status"]["history"].at(0)["testHooks"]["good-test"]["phase"].str() ==
        "Succeeded");

  struct Row {
    const char* fields;
    Lines history;
    const char* ready;
  };
  const Row rows[] = {
      {"test: {enable: true}",
       {"v2 deployed (upgrade)", "v1 superseded (install)"},
       "False TestFailed"},
      {"test: {enable: true, ignoreFailures: true}",
       {"v2 deployed (upgrade)", "v1 superseded (install)"},
       "True UpgradeSucceeded"},
      {"test: {enable: true}, upgrade: {remediation: {remediateLastFailure: true}}",
       {"v3 deployed (rollback)", "v2 superseded (rollback)", "v1 superseded (install)"},
       "False RollbackSucceeded"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    Installed tested("test: {enable: true}");
    tested.ApplyRelease(absl::StrCat(row.fields, ", values: {badTest: true}"));
    REQUIRE_THAT(tested.Reconcile().status(), IsOk());
    CHECK(tested.History() == row.history);
    CHECK_THAT(tested.Condition("Ready"), StartsWith(row.ready));
  }
}

TEST_CASE("force upgrades once, reset forgets failures", "[helm_release]") {
  Installed world;
  world.Annotate("reconcile.fluxcd.io/requestedAt", "1");
  world.Annotate("reconcile.fluxcd.io/forceAt", "1");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().front() == "v2 deployed");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().front() == "v2 deployed");
  CHECK(world.Release()["status"]["lastHandledForceAt"].str() == "1");
  // A stale request never fires.
  world.Annotate("reconcile.fluxcd.io/requestedAt", "2");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().front() == "v2 deployed");

  world.ApplyRelease("values: {bad: true}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  REQUIRE_THAT(world.Condition("Stalled"), Contains("RetriesExceeded"));
  world.Annotate("reconcile.fluxcd.io/requestedAt", "3");
  world.Annotate("reconcile.fluxcd.io/resetAt", "3");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().front() == "v4 failed");
}

TEST_CASE("another name is another release", "[helm_release]") {
  Installed world;
  world.ApplyRelease("releaseName: other");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Stored().empty());
  CHECK(world.Get("v1", "ConfigMap", "r-config").is_null());
  CHECK_FALSE(world.Get("v1", "ConfigMap", "other-config").is_null());
}

TEST_CASE("deleting a HelmRelease uninstalls, unless it is suspended", "[helm_release]") {
  for (const bool suspended : {false, true}) {
    CAPTURE(suspended);
    Installed world;
    if (suspended) world.ApplyRelease("suspend: true");
    REQUIRE_THAT(
        world.client().Delete(world.ctx(), api::KindOrDie("HelmRelease"), {"default", "r"}),
        IsOk());
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.Release().is_null());
    CHECK(world.Get("v1", "ConfigMap", "r-config").is_null() == !suspended);
    CHECK(world.Stored().empty() == !suspended);
  }
}

TEST_CASE("objects that left the chart go, those to keep stay", "[helm_release]") {
  Installed world;
  auto files = TroublesomeChart();
  files.push_back({"templates/extra.yaml",
                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n---\napiVersion: "
                   "v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: "
                   "{helm.sh/resource-policy: keep}}\n"});
  world.PublishChart("web", "1.1.0", files);
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  REQUIRE_FALSE(world.Get("v1", "ConfigMap", "extra").is_null());
  world.PublishChart("web", "1.2.0", TroublesomeChart());
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(world.Get("v1", "ConfigMap", "extra").is_null());
  CHECK_FALSE(world.Get("v1", "ConfigMap", "kept").is_null());
}

TEST_CASE("a HelmRelease without the source of its chart says what to add", "[helm_release]") {
  World world;
  world.Apply(
      "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: r, namespace: "
      "default}, spec: {interval: 1m, chart: {spec: {chart: web}}}}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK_THAT(world.Condition("Stalled"),
             StartsWith("True InvalidChartReference: spec.chart.spec.sourceRef is missing"));
  CHECK_THAT(world.Condition("Ready"), Contains("add sourceRef"));
}

TEST_CASE("drift is told of, or put right", "[helm_release]") {
  for (const char* mode : {"warn", "enabled"}) {
    CAPTURE(mode);
    const std::string detection =
        absl::StrCat("driftDetection: {mode: ", mode, ", ignore: [{paths: [/data/ignored]}]}");
    Installed world(detection);
    CHECK_THAT(world.Condition("Drifted"), StartsWith("False NoDriftDetected"));
    world.Apply(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: r-config, namespace: default}, data: "
        "{value: by-hand, ignored: x}}");
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    if (absl::string_view(mode) == "warn") {
      CHECK_THAT(world.Condition("Drifted"),
                 Contains("ConfigMap/default/r-config changed (0 additions, 1 changes, 0 "
                          "removals)\n  replace /data/value: \"one\""));
      CHECK(world.Value() == "by-hand");
    } else {
      CHECK(world.Value() == "one");
      CHECK(world.Value("ignored") == "x");
      CHECK_THAT(world.Condition("Drifted"), StartsWith("False"));
      CHECK(world.Events().contains("Normal DriftCorrected"));
    }
    CHECK_THAT(world.Condition("Ready"), StartsWith("True InstallSucceeded"));
    CHECK(world.Stored() == Lines{"v1 deployed"});
  }
}

}  // namespace
}  // namespace sluice::releases
