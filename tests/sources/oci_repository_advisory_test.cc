// Registries that serve what they should not: what security advisories about others tell of.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/oci_repository/artifact_tag.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using Access = oci_testing::RegistryOptions::Access;

// GHSA-jjrm-hr5f-673x, CVE-2026-50162, CVE-2026-50163: nothing in a layer leaves the directory.
TEST_CASE("paths of a layer stay in it", "[oci_repository][advisory]") {
  using Type = archive::TarEntry::Type;
  struct Row {
    archive::TarEntry entry;
    const char* refusal;  // nullptr: left out
  };
  const Row rows[] = {
      {{.name = "../out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "/out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "a/../../out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "a\\..\\out", .mode = 0644, .size = 1}, "tar contained invalid name error"},
      {{.name = "link", .type = Type::kSymlink, .link_target = "/etc"}, nullptr},
      // Not known as such, as in Flux: an empty file, below which nothing can be.
      {{.name = "link", .type = Type::kHardLink, .link_target = "/etc/passwd"},
       "failed to extract layer contents from artifact: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.entry.name);
    oci_testing::Registry registry;
    AddManifest(registry, "latest",
                {{kFluxLayer, TarGz({{row.entry, row.entry.size > 0 ? "x" : ""},
                                     {{.name = "link/passwd", .mode = 0644, .size = 1}, "y"}})}});
    OciRepositories repositories;
    repositories.Add(UrlOf(registry));
    if (row.refusal == nullptr) {
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      CHECK(repositories.Files().size() == 1);  // link is a directory of ours
      continue;
    }
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StrContains(repositories.Condition("FetchFailed"), row.refusal));
  }
}

// CVE-2025-32386, CVE-2024-29893: what a registry serves is bounded.
TEST_CASE("a layer is what its manifest says or nothing", "[oci_repository][advisory]") {
  const std::string layer = TarGz({{"a", "1"}});
  struct Row {
    oci_testing::Fault fault;
  };
  const Row rows[] = {
      {oci_testing::Replace("/blobs/", "something else of another length")},
      {oci_testing::Replace("/blobs/", std::string(layer.size(), 'x'))},
      {oci_testing::BreakOff("/blobs/", 10, 100)},
  };
  for (const Row& row : rows) {
    oci_testing::Registry registry;
    AddManifest(registry, "latest", {{kFluxLayer, layer}});
    registry.SetFault(row.fault);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), ", timeout: 3s");
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"),
                           "FetchFailed=True OCIArtifactLayerOperationFailed: failed to extract "
                           "layer contents from artifact: "));
    CHECK(repositories.Live()["status"]["artifact"].is_null());
  }
}

// CVE-2024-29893: a registry that does not come to an end.
TEST_CASE("an endless answer ends with the timeout", "[oci_repository][advisory]") {
  struct Row {
    oci_testing::Fault fault;
    const char* more;
  };
  const Row rows[] = {
      {oci_testing::EndlessTags(), ", ref: {semver: '*'}"},
      {oci_testing::Trickle("/tags/list"), ", ref: {semver: '*'}"},
      {oci_testing::Trickle("/manifests/"), ""},
      {oci_testing::Trickle("/blobs/"), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    oci_testing::Registry registry;
    AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
    registry.SetFault(row.fault);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), absl::StrCat(", timeout: 1s", row.more));
    const absl::Time begun = absl::Now();
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::Now() - begun < absl::Seconds(20));
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"), "FetchFailed=True"));
    registry.SetFault({});
  }
}

// The same, with a million tags that are well formed.
TEST_CASE("very many tags are chosen from", "[oci_repository][advisory]") {
  std::vector<std::string> tags;
  for (int i = 0; i < 1'000'000; ++i) tags.push_back(absl::StrCat("1.", i % 1000, ".", i / 1000));
  const auto newest = source_controller::NewestTag(tags, {"", "1.x", "", ""}, /*helm_tags=*/false);
  REQUIRE_THAT(newest.status(), IsOk());
  CHECK(*newest == "1.999.999");
}

// CVE-2026-50151, CVE-2026-48978, CVE-2026-33540: credentials stay with the registry.
TEST_CASE("a token service inside of the network gets no credentials",
          "[oci_repository][advisory]") {
  NotingServer inside(
      [](const http::ServerRequest&) { return http::ServerResponse{.body = R"({"token":"t"})"}; });
  oci_testing::RegistryOptions options;
  options.access = Access::kBearer;
  options.username = "user";
  options.password = "pass";
  options.realm = absl::StrReplaceAll(inside.url(), {{"127.0.0.1", "127.0.0.2"}});
  oci_testing::Registry registry(options);
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Apply(
      SecretManifest("s", {{".dockerconfigjson", DockerConfig(registry.host(), "user", "pass")}}));
  repositories.Add(UrlOf(registry), ", timeout: 3s, secretRef: {name: s}");
  CHECK_FALSE(repositories.Run().ok());
  CHECK(inside.Take().empty());
}

}  // namespace
}  // namespace sluice::sources
