// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/source.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::helm_controller {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("charts from registries get their digest into their version", "[source]") {
  struct Row {
    const char* chart;
    const char* revision;
    const char* version;
    const char* digest;
  };
  const Row rows[] = {
      {"1.2.3", "1.2.3", "1.2.3", ""},  // of a HelmChart
      {"1.2.3", "1.2.3@sha256:0123456789abcdef", "1.2.3+0123456789ab", "sha256:0123456789abcdef"},
      {"v1.2.3", "1.2.3@sha256:0123456789abcdef", "1.2.3+0123456789ab", "sha256:0123456789abcdef"},
      {"1.2.3+build", "1.2.3_build@sha256:0123456789abcdef", "1.2.3+0123456789ab",
       "sha256:0123456789abcdef"},
      {"1.2.3", "sha256:0123456789abcdef", "1.2.3+0123456789ab", "sha256:0123456789abcdef"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.chart, row.revision);
    const ChartVersion found = VersionFor(row.chart, row.revision, /*track_digest=*/true).value();
    CHECK(found.version == row.version);
    CHECK(found.oci_digest == row.digest);
  }
  CHECK(VersionFor("1.2.3", "1.2.3@sha256:01", false).value().version == "1.2.3");
  CHECK_THAT(VersionFor("1.2.3", "2.0.0@sha256:01", true).status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "artifact revision 2.0.0@sha256:01 does not match chart version 1.2.3"));
}

TEST_CASE("a source that is not ready says why", "[source]") {
  Value source = {{"kind", "HelmChart"},
                  {"metadata", {{"name", "a"}, {"namespace", "ns"}, {"generation", 2}}},
                  {"status", {{"observedGeneration", 1}}}};
  CHECK_THAT(ReadyArtifact(source).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "HelmChart 'ns/a' is not ready: latest generation of object has not been "
                      "reconciled"));
  source.Ensure("status").Set("observedGeneration", 2);
  CHECK_THAT(ReadyArtifact(source).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "does not have an artifact"));
  source.Ensure("status").Set("artifact", {{"revision", "1.0.0"}});
  CHECK(ReadyArtifact(source).value().revision == "1.0.0");
}

}  // namespace
}  // namespace sluice::helm_controller
