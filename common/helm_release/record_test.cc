// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/record.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm_release {
namespace {

using ::sluice::testing::StatusIs;

Record Sample() {
  Record record;
  record.name = "web";
  record.ns = "apps";
  record.version = 3;
  record.info = {.first_deployed = "2026-01-02T03:04:05.6Z",
                 .last_deployed = "2026-01-03T03:04:05.678+02:00",
                 .deleted = "",
                 .description = "Upgrade complete",
                 .status = Status::kDeployed,
                 .notes = "a < b"};
  helm::Chart chart;
  chart.metadata.name = "web";
  chart.metadata.version = "1.2.3";
  chart.metadata.dependencies.push_back({.name = "db", .version = "1.x"});
  chart.templates.push_back({"templates/a.yaml", "kind: ConfigMap"});
  record.chart = ChartJson(chart, chart.metadata, {{"replicas", 1.0}});
  record.config = {{"replicas", 2.0}, {"ratio", 0.5}};
  record.manifest = "---\n# Source: web/templates/a.yaml\nkind: ConfigMap\n";
  HookRecord hook;
  hook.hook.name = "check";
  hook.hook.kind = "Pod";
  hook.hook.events = {helm::HookEvent::kTest};
  hook.hook.weight = -5;
  hook.hook.delete_policies = {"hook-succeeded"};
  record.hooks.push_back(hook);
  record.apply_method = "ssa";
  return record;
}

TEST_CASE("a record comes back from its payload as it was", "[helm_release]") {
  const Record record = Sample();
  const Record decoded = Decode(Encode(record)).value();
  CHECK(decoded.name == "web");
  CHECK(decoded.version == 3);
  CHECK(decoded.info.last_deployed == record.info.last_deployed);
  CHECK(decoded.info.status == Status::kDeployed);
  CHECK(decoded.chart_name() == "web");
  CHECK(decoded.chart_version() == "1.2.3");
  CHECK(decoded.hooks.at(0).hook.weight == -5);
  CHECK(decoded.hooks.at(0).hook.runs_at(helm::HookEvent::kTest));
  CHECK(decoded.apply_method == "ssa");
  CHECK(ObservationDigest(decoded, "").value() == ObservationDigest(record, "").value());
}

TEST_CASE("payloads that are no release are refused, uncompressed ones are not", "[helm_release]") {
  CHECK_THAT(Decode("!").status(), StatusIs(absl::StatusCode::kInvalidArgument, "base64"));
  CHECK_THAT(Decode(absl::Base64Escape("text")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "JSON"));
  CHECK_THAT(Decode(absl::Base64Escape("[]")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no JSON object"));
  CHECK(Decode(absl::Base64Escape("{\"name\": \"x\"}")).value().name == "x");
}

TEST_CASE("the observation digest is that of Flux", "[helm_release]") {
  // spec/helm.md §3.3: recorded from helm-controller.
  Record empty;
  empty.name = "foo";
  CHECK(ObservationDigest(empty, "").value() ==
        "sha256:f1498f27a16a09cd7e1ee610d924df065c03d30035638babc95dd9a8d412ce4d");

  const Record record = Sample();
  const std::string digest = ObservationDigest(record, "").value();
  Record tested = record;
  tested.hooks[0].last_run.phase = "Succeeded";
  CHECK(ObservationDigest(tested, "").value() == digest);
  CHECK(ObservationDigest(record, "sha256:1").value() != digest);
  Record edited = record;
  edited.info.description = "Rolled back";
  CHECK(ObservationDigest(edited, "").value() != digest);
  CHECK_FALSE(ObservationDigest(record, "", "md4").ok());
}

}  // namespace
}  // namespace sluice::helm_release
