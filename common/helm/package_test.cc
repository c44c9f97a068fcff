// SPDX-License-Identifier: Apache-2.0
#include "common/helm/package.h"

#include <catch2/catch.hpp>

#include "common/archive/gzip.h"
#include "common/helm/loader.h"
#include "common/helm/metadata.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

Metadata Example() {
  Metadata metadata;
  metadata.name = "web";
  metadata.version = "1.0.0+2";
  metadata.api_version = "v2";
  return metadata;
}

TEST_CASE("a packaged chart is loaded as it was", "[helm]") {
  const std::vector<ChartFile> files = {
      {"README.md", "text"},
      {"charts/inner/Chart.yaml", "apiVersion: v2\nname: inner\nversion: 0.1.0\n"},
      {"templates/a.yaml", "a: 1\n"},
      {"Chart.yaml", "replaced"},
      {"values.yaml", "size: 1\n"},
      {"values.schema.json", "{}"},
      {"Chart.lock", "dependencies: []\n"},
  };
  const auto package = Package(Example(), files, absl::FromUnixSeconds(7));
  REQUIRE_THAT(package.status(), IsOk());
  CHECK(package == Package(Example(), files, absl::FromUnixSeconds(7)));
  const auto chart = LoadArchive(*package);
  REQUIRE_THAT(chart.status(), IsOk());
  CHECK((*chart)->metadata.version == "1.0.0+2");
  CHECK((*chart)->templates.size() == 1);
  CHECK((*chart)->dependencies.size() == 1);
  CHECK((*chart)->values["size"].double_or(0) == 1);
}

// As Helm orders them, and marked as its own.
TEST_CASE("the files of a package have Helm's order", "[helm]") {
  const auto package = Package(Example(),
                               {{"charts/x", ""},
                                {"b", ""},
                                {"templates/t", ""},
                                {"values.yaml", ""},
                                {"Chart.lock", ""},
                                {"values.schema.json", ""},
                                {"a", ""}},
                               absl::UnixEpoch());
  REQUIRE(package.ok());
  CHECK(package->find("Helm") != std::string::npos);
  const std::string tar = archive::Gunzip(*package, 1 << 20).value();
  size_t last = 0;
  for (const char* name :
       {"web/Chart.yaml", "web/Chart.lock", "web/values.yaml", "web/values.schema.json",
        "web/templates/t", "web/a", "web/b", "web/charts/x"}) {
    CAPTURE(name);
    const size_t place = tar.find(name);
    REQUIRE(place != std::string::npos);
    CHECK(place >= last);
    last = place;
  }
}

TEST_CASE("Chart.yaml is written as Helm writes it", "[helm]") {
  Metadata metadata;
  constexpr char kText[] =
      "annotations:\n  b: \"2\"\napiVersion: v2\nappVersion: \"1.10\"\ndependencies:\n- alias: z\n"
      "  condition: x.enabled\n  import-values:\n  - data\n  name: x\n  repository: https://h\n"
      "  tags:\n  - t\n  version: 1.x\ndeprecated: true\nkubeVersion: '>=1.20'\nmaintainers:\n"
      "- email: e\n  name: nn\nname: web\nsources:\n- s\ntype: library\nversion: 1.0.0\n";
  REQUIRE_THAT(ReadMetadata(kText, Dialect::kHelm4, metadata), IsOk());
  CHECK(FormatMetadata(metadata) == kText);
  metadata.api_version = "v1";
  CHECK(FormatMetadata(metadata).find("dependencies") == std::string::npos);
}

TEST_CASE("a name that is no folder's is refused", "[helm]") {
  for (const char* name : {"", ".", "..", "a/b"}) {
    CAPTURE(name);
    Metadata metadata = Example();
    metadata.name = name;
    CHECK_THAT(Package(metadata, {}, absl::UnixEpoch()).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "is invalid"));
  }
}

}  // namespace
}  // namespace sluice::helm
