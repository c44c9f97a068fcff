// From an artifact in a registry to the applied object.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/archive/pack.h"
#include "common/fs/memory_tree.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kLayer[] = "application/vnd.cncf.flux.content.v1.tar+gzip";

// An archive with the ConfigMap "config" in apps/.
std::string Archive(const std::string& ns, const std::string& value) {
  const auto tree = fs::MemoryTree::FromFiles(
      {{"apps/config.yaml", ConfigMapYaml(ns, "config", "value", value)}});
  REQUIRE_THAT(tree.status(), IsOk());
  std::string archive;
  REQUIRE_THAT(archive::Pack(*tree,
                             [&archive](absl::string_view bytes) {
                               archive.append(bytes.data(), bytes.size());
                               return absl::OkStatus();
                             }),
               IsOk());
  return archive;
}

TEST_CASE("an artifact of a registry is applied, and a newer one in its place", "[e2e]") {
  oci_testing::Registry registry;
  auto started = Cluster::Start({});
  INFO(started.status());
  REQUIRE(started.ok());
  Cluster& cluster = **started;
  const std::string first =
      registry.AddArtifact("org/app", "1.0.0", kLayer, Archive(cluster.ns(), "one"));
  const Value source = {{"apiVersion", kSourceApi},
                        {"kind", "OCIRepository"},
                        {"metadata", {{"name", "app"}}},
                        {"spec",
                         {{"interval", "1m"},
                          {"url", absl::StrCat("oci://", registry.host(), "/org/app")},
                          {"ref", {{"semver", "1.x"}}}}}};
  REQUIRE_THAT(cluster.Apply(source), IsOk());
  Value app = KustomizationManifest("app", "app", "./apps", "1m");
  app.Ensure("spec").Ensure("sourceRef").Set("kind", "OCIRepository");
  REQUIRE_THAT(cluster.Apply(app), IsOk());
  const auto applied = [&](const std::string& revision, const std::string& value) {
    const bool done = Eventually(kLimit, [&] {
      const auto live = cluster.Get(kKustomizeApi, "Kustomization", "app");
      const auto config = cluster.Get("v1", "ConfigMap", "config");
      return ReadyMessage(live, "True").has_value() && config.has_value() &&
             (*live)["status"]["lastAppliedRevision"].str() == revision &&
             (*config)["data"]["value"].str() == value;
    });
    CAPTURE(revision, value);
    if (!done) UNSCOPED_INFO(cluster.Describe());
    REQUIRE(done);
  };
  applied(absl::StrCat("1.0.0@", first), "one");

  const std::string second =
      registry.AddArtifact("org/app", "1.1.0", kLayer, Archive(cluster.ns(), "two"));
  REQUIRE_THAT(cluster.Trigger(kSourceApi, "OCIRepository", "app"), IsOk());
  applied(absl::StrCat("1.1.0@", second), "two");

  // What nobody signed takes nobody's place.
  registry.AddArtifact("org/app", "1.2.0", kLayer, Archive(cluster.ns(), "three"));
  REQUIRE_THAT(
      cluster.Edit(
          kSourceApi, "OCIRepository", "app",
          {{"spec", {{"verify", {{"provider", "notation"}, {"secretRef", {{"name", "none"}}}}}}}}),
      IsOk());
  const bool refused = Eventually(kLimit, [&] {
    const auto message = ReadyMessage(cluster.Get(kSourceApi, "OCIRepository", "app"), "False");
    return message.has_value() &&
           absl::StartsWith(*message, "failed to verify the signature using provider 'notation': ");
  });
  if (!refused) UNSCOPED_INFO(cluster.Describe());
  CHECK(refused);
  const auto live = cluster.Get(kSourceApi, "OCIRepository", "app");
  CHECK((*live)["status"]["artifact"]["revision"].str() == absl::StrCat("1.1.0@", second));
  applied(absl::StrCat("1.1.0@", second), "two");

  // A controller that starts anew, its storage lost with it or not, serves the same artifact.
  cluster.Kill("source-controller");
  REQUIRE_THAT(cluster.Edit(kSourceApi, "OCIRepository", "app", {{"spec", {{"verify", nullptr}}}}),
               IsOk());
  REQUIRE_THAT(cluster.Restart("source-controller"), IsOk());
  const bool newest = Eventually(kLimit, [&] {
    const auto config = cluster.Get("v1", "ConfigMap", "config");
    return config.has_value() && (*config)["data"]["value"].str() == "three";
  });
  if (!newest) UNSCOPED_INFO(cluster.Describe());
  CHECK(newest);
  CHECK(cluster.Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
