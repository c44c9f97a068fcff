// OCIRepositories against a registry in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/registry_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using Access = oci_testing::RegistryOptions::Access;

constexpr char kIndexType[] = "application/vnd.oci.image.index.v1+json";
constexpr char kChartType[] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

TEST_CASE("the first layer of an OCI artifact becomes the artifact", "[oci_repository]") {
  for (const std::string version : {"v1", "v1beta2"}) {
    CAPTURE(version);
    oci_testing::Registry registry;
    const std::string digest = AddManifest(
        registry, "latest",
        {{kFluxLayer,
          TarGz({{"app/a.yaml", "a: 1\n"}, {"b.yaml", "b: 1\n"}, {"picture.jpg", "x"}})}},
        {{"org.opencontainers.image.source", "https://git.example.com/app"},
         {"org.opencontainers.image.revision", "main@sha1:1234"}});
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), "", version);
    REQUIRE_THAT(repositories.Run().status(), IsOk());

    const Value object = repositories.Live();
    const std::string revision = absl::StrCat("latest@", digest);
    const std::string stored =
        absl::StrCat("True Succeeded: stored artifact for digest '", revision, "'");
    CHECK(repositories.Condition("Ready") == "Ready=" + stored);
    CHECK(repositories.Condition("ArtifactInStorage") == "ArtifactInStorage=" + stored);
    CHECK(object["status"]["conditions"].size() == 2);
    CHECK(object["status"]["observedGeneration"].int_or(0) == 1);
    CHECK(repositories.Revision() == revision);
    CHECK(object["status"]["artifact"]["path"].str() ==
          absl::StrCat("ocirepository/default/o/", digest, ".tar.gz"));
    CHECK(object["status"]["artifact"]["metadata"]["org.opencontainers.image.revision"].str() ==
          "main@sha1:1234");
    CHECK(object["status"]["url"].str() == "http://source/ocirepository/default/o/latest.tar.gz");
    const std::map<std::string, std::string> expected = {{"app/a.yaml", "a: 1\n"},
                                                         {"b.yaml", "b: 1\n"}};
    CHECK(repositories.Files() == expected);
    CHECK(HasEvent(repositories,
                   absl::StrCat("Normal NewArtifact stored artifact with revision '", revision,
                                "' from '", UrlOf(registry),
                                "', origin source 'https://git.example.com/app', origin revision "
                                "'main@sha1:1234'")));
  }
}

TEST_CASE("an artifact that is stored is not pulled again", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "v1", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry), ", ref: {tag: v1}");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value artifact = repositories.Live()["status"]["artifact"];
  const int blobs = registry.CountOf("/blobs/");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(registry.CountOf("/blobs/") == blobs);
  CHECK(repositories.Live()["status"]["artifact"] == artifact);
  CHECK(HasEvent(repositories,
                 absl::StrCat("Normal ArtifactUpToDate artifact up-to-date with remote revision: '",
                              artifact["revision"].str(), "'")));

  // What makes it another one: the tag's content, ignore rules, the selector.
  const std::string digest = AddManifest(registry, "v1", {{kFluxLayer, TarGz({{"a", "2"}})}});
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Revision() == absl::StrCat("v1@", digest));
  CHECK(repositories.Files()["a"] == "2");
  for (const char* more :
       {", ignore: 'a'", ", ignore: ''", "", ", layerSelector: {operation: extract}",
        ", layerSelector: {operation: copy}", ", layerSelector: {}"}) {
    CAPTURE(more);
    const int before = registry.CountOf("/blobs/");
    repositories.Add(UrlOf(registry), absl::StrCat(", ref: {tag: v1}", more));
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(registry.CountOf("/blobs/") == before + 1);
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(registry.CountOf("/blobs/") == before + 1);
    CHECK(repositories.Revision() == absl::StrCat("v1@", digest));
  }
}

TEST_CASE("ignore rules are those of Git artifacts, and do not touch copies", "[oci_repository]") {
  oci_testing::Registry registry;
  const std::string layer = TarGz({{".sourceignore", "secret/\n"},
                                   {"a.txt", "a"},
                                   {"a.jpg", "a"},
                                   {"secret/x", "x"},
                                   {"secret/y", "y"}});
  AddManifest(registry, "latest", {{kFluxLayer, layer}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry), ", ignore: '!secret/y'");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Files().size() == 4);
  CHECK_FALSE(repositories.Files().contains("secret/x"));
  CHECK(repositories.Live()["status"]["observedIgnore"].str() == "!secret/y");
  repositories.Add(UrlOf(registry), ", ignore: 'a.txt', layerSelector: {operation: copy}");
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Stored() == layer);
  const Value status = repositories.Live()["status"];
  CHECK(status["artifact"]["digest"].str() == "sha256:" + crypto::Sha256Hex(layer));
  CHECK(status["observedLayerSelector"]["operation"].str() == "copy");
}

TEST_CASE("a layer is chosen by its type", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest",
              {{"text/plain", "text"}, {kFluxLayer, TarGz({{"a", "1"}})}, {kFluxLayer, "none"}});
  AddManifest(registry, "empty", {});
  struct Row {
    const char* more;
    const char* refusal;
  };
  const Row rows[] = {
      {", layerSelector: {mediaType: application/vnd.cncf.flux.content.v1.tar+gzip}", nullptr},
      {", layerSelector: {operation: copy}", nullptr},
      {", layerSelector: {mediaType: application/other}",
       "failed to find layer with media type 'application/other' in artifact"},
      {"", "failed to extract layer contents from artifact: requires gzip-compressed body"},
      {", ref: {tag: empty}", "no layers found in artifact"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), row.more);
    if (row.refusal == nullptr) {
      REQUIRE_THAT(repositories.Run().status(), IsOk());
      continue;
    }
    CHECK_FALSE(repositories.Run().ok());
    CHECK(absl::StartsWith(
        repositories.Condition("FetchFailed"),
        absl::StrCat("FetchFailed=True OCIArtifactLayerOperationFailed: ", row.refusal)));
    CHECK(absl::StartsWith(repositories.Condition("Ready"),
                           "Ready=False OCIArtifactLayerOperationFailed"));
    CHECK(repositories.Live()["status"]["observedGeneration"].int_or(0) == -1);
  }
}

TEST_CASE("an artifact is named by digest, range or tag", "[oci_repository]") {
  oci_testing::Registry registry;
  std::map<std::string, std::string> digests;
  for (const char* tag : {"6.1.4", "6.1.5", "6.1.6-rc.1", "latest", "6.2.1_ref.1234567"}) {
    digests[tag] = AddManifest(registry, tag, {{kChartType, TarGz({{"tag", tag}})}});
  }
  const std::string by_digest =
      absl::StrCat(", ref: {tag: none, semver: none, digest: '", digests["6.1.4"], "'}");
  struct Row {
    std::string more;
    std::string revision;
  };
  const auto revision = [&](const std::string& tag) {
    return absl::StrCat(tag, "@", digests[tag]);
  };
  const Row rows[] = {
      {"", revision("latest")},
      {", ref: {tag: 6.1.4}", revision("6.1.4")},
      {", ref: {tag: latest, semver: 6.1.x}", revision("6.1.5")},
      {", ref: {semver: '>= 6.1.x-0', semverFilter: '.*-rc.*'}", revision("6.1.6-rc.1")},
      {by_digest, digests["6.1.4"]},
      {", ref: {semver: '*'}, layerSelector: {mediaType: "
       "application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}",
       revision("6.2.1_ref.1234567")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    OciRepositories repositories;
    repositories.Add(UrlOf(registry), row.more);
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    CHECK(repositories.Revision() == row.revision);
  }
}

TEST_CASE("references that lead nowhere are told as in Flux", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "1.0.0", {{kFluxLayer, TarGz({{"a", "1"}})}});
  struct Row {
    std::string url;
    std::string more;
    const char* condition;
    bool stalled;
  };
  const std::string url = UrlOf(registry);
  const Row rows[] = {
      {url, ", ref: {tag: none}",
       "OCIArtifactPullFailed: failed to determine artifact digest: GET ", false},
      {url, ", ref: {digest: invalid}",
       "OCIArtifactPullFailed: failed to determine artifact digest: ", false},
      {url, absl::StrCat(", ref: {digest: 'sha256:", std::string(64, '0'), "'}"),
       "OCIArtifactPullFailed: failed to pull artifact from '", false},
      {url, ", ref: {semver: '>2'}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url, ", ref: {semver: '*', semverFilter: '['}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url + "/none", ", ref: {semver: '*'}",
       "ReadOperationFailed: failed to determine the artifact tag for '", false},
      {url + ":v1", "", "URLInvalid: URL validation failed for '", true},
      {"oci://", "", "URLInvalid: URL validation failed for '", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url, row.more);
    OciRepositories repositories;
    repositories.Add(row.url, row.more);
    CHECK(repositories.Run().ok() == row.stalled);
    CHECK(absl::StartsWith(repositories.Condition("FetchFailed"),
                           absl::StrCat("FetchFailed=True ", row.condition)));
    CHECK(repositories.Condition("Stalled").empty() != row.stalled);
  }
}

TEST_CASE("an artifact that cannot be reached any more stays", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value artifact = repositories.Live()["status"]["artifact"];
  AddManifest(registry, "latest", {{kFluxLayer, "no archive"}});
  CHECK_FALSE(repositories.Run().ok());
  CHECK(repositories.Live()["status"]["artifact"] == artifact);
  CHECK(absl::StartsWith(repositories.Condition("ArtifactOutdated"),
                         "ArtifactOutdated=True NewRevision: new revision 'latest@sha256:"));
  CHECK(absl::EndsWith(repositories.Condition("ArtifactOutdated"),
                       absl::StrCat("' for '", registry.host(), "/org/app:latest'")));
  CHECK(absl::StartsWith(repositories.Condition("Ready"), "Ready=False"));
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Condition("FetchFailed").empty());
  CHECK(repositories.Condition("ArtifactOutdated").empty());
}

TEST_CASE("an index leads to the manifest for linux/amd64", "[oci_repository]") {
  oci_testing::Registry registry;
  const std::string other = AddManifest(registry, "arm", {{kFluxLayer, TarGz({{"a", "arm"}})}});
  const std::string ours = AddManifest(registry, "amd", {{kFluxLayer, TarGz({{"a", "amd"}})}});
  const auto entry = [](const std::string& digest, const char* architecture) {
    return Value({{"mediaType", kManifestType},
                  {"digest", digest},
                  {"size", 1},
                  {"platform", {{"os", "linux"}, {"architecture", architecture}}}});
  };
  const std::string digest = registry.AddManifest(
      "org/app", "latest", kIndexType,
      value::FormatJson(Value(
          {{"schemaVersion", 2},
           {"mediaType", kIndexType},
           {"manifests", Value(Value::Array{entry(other, "arm64"), entry(ours, "amd64")})}})));
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Files()["a"] == "amd");
  CHECK(repositories.Revision() == absl::StrCat("latest@", digest));
}

TEST_CASE("a suspended OCIRepository is left alone, a deleted one cleaned up", "[oci_repository]") {
  oci_testing::Registry registry;
  AddManifest(registry, "latest", {{kFluxLayer, TarGz({{"a", "1"}})}});
  OciRepositories repositories;
  repositories.Add(UrlOf(registry));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const auto artifact = api::Artifact::Decode(repositories.Live()["status"]["artifact"]);
  repositories.Add(UrlOf(registry), ", suspend: true");
  const size_t asked = registry.requests().size();
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(registry.requests().size() == asked);
  CHECK(repositories.storage().Verify(repositories.api().ctx(), *artifact).ok());
  REQUIRE(repositories.api()
              .client()
              .Delete(repositories.api().ctx(), api::KindOrDie("OCIRepository"), {"default", "o"})
              .ok());
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(absl::IsNotFound(repositories.storage().Verify(repositories.api().ctx(), *artifact)));
  CHECK(repositories.Live().is_null());
}

}  // namespace
}  // namespace sluice::sources
