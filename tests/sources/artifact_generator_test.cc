// ArtifactGenerators against an API server in the process; their sources' artifacts are in the same
// storage.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "common/artifact/fetcher.h"
#include "common/fs/memory_tree.h"
#include "common/http/client.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/artifact_generator/reconciler.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {
namespace {

using source_controller::ArtifactGeneratorReconciler;

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kKind[] = "ArtifactGenerator";
constexpr char kMade[] = "ExternalArtifact";
constexpr char kFrontAndBack[] =
    "artifacts: [{name: front, originRevision: '@repo', copy: [{from: '@repo/front/**', to: "
    "'@artifact/'}]}, {name: back, copy: [{from: '@repo/back/**', to: '@artifact/'}]}]";

class Generators : public TestController {
 public:
  Generators()
      : TestController({"artifactgenerators", "externalartifacts", "gitrepositories"}),
        transport_(http::CreateClient({}).value()),
        fetcher_(*transport_, {.attempts = 1}, RealClock()),
        reconciler_(store(), with(), fetcher_) {
    Apply(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n"
        "metadata: {name: repo, namespace: default}\n"
        "spec: {interval: 1m, url: 'https://example.com/repo'}\n");
  }

  void Generator(const std::string& more, const std::string& metadata = "",
                 const std::string& name = "g") {
    Apply(absl::StrCat(
        "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\n"
        "metadata: {name: ",
        name, ", namespace: default", metadata,
        "}\nspec: {sources: [{alias: repo, kind: GitRepository, name: repo}], ", more, "}\n"));
  }

  // The source has this content from now on.
  void Source(const std::map<std::string, std::string>& files, const std::string& revision) {
    api::Artifact artifact = storage().NewArtifact({"GitRepository", {"default", "repo"}}, revision,
                                                   absl::StrCat(revision, ".tar.gz"));
    const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
    REQUIRE_THAT(
        storage().Archive(
            api().ctx(), tree, [](absl::string_view, const fs::Entry&) { return false; }, artifact),
        IsOk());
    artifact.metadata["org.opencontainers.image.revision"] = "origin-" + revision;
    SetStatus("GitRepository", "repo", {{"artifact", artifact.Encode()}});
  }

  absl::StatusOr<runtime::Action> Run(absl::string_view name = "g") {
    return Reconcile(reconciler_, kKind, name);
  }
  Value Generator() { return Live(kKind, "g"); }
  Value Artifact(absl::string_view name) { return Live(kMade, name)["status"]["artifact"]; }
  std::shared_ptr<const fs::Tree> Content(absl::string_view name) {
    return storage().Unpack(api().ctx(), *api::Artifact::Decode(Artifact(name))).value();
  }

 private:
  std::unique_ptr<http::Transport> transport_;
  artifact::Fetcher fetcher_;
  ArtifactGeneratorReconciler reconciler_;
};

TEST_CASE("a source is taken apart into artifacts, each with its own revision",
          "[artifact_generator]") {
  Generators generators;
  generators.Source({{"front/a", "1"}, {"back/b", "1"}, {"back/pic.png", "x"}}, "r1");
  generators.Generator(kFrontAndBack);
  REQUIRE_THAT(generators.Run().status(), IsOk());

  const Value generator = generators.Generator();
  CHECK(ConditionText(generator, "Ready") ==
        "Ready=True Succeeded: reconciliation succeeded, generated 2 artifact(s)");
  CHECK(generator["status"]["conditions"].size() == 1);
  CHECK(generator["metadata"]["finalizers"].at(0).str() == "source.extensions.fluxcd.io/finalizer");
  REQUIRE(generator["status"]["inventory"].size() == 2);
  CHECK(generator["status"]["inventory"].at(0)["name"].str() == "front");
  const Value front = generators.Live(kMade, "front");
  CHECK(ConditionText(front, "Ready") == "Ready=True Succeeded: Artifact is ready");
  CHECK(front["metadata"]["labels"]["source.extensions.fluxcd.io/generator"] ==
        generator["metadata"]["uid"]);
  CHECK(front["spec"]["sourceRef"]["name"].str() == "g");
  const Value artifact = front["status"]["artifact"];
  CHECK(artifact["revision"].str() == absl::StrCat("latest@", artifact["digest"].str()));
  CHECK(artifact["metadata"]["org.opencontainers.image.revision"].str() == "origin-r1");
  CHECK(absl::StartsWith(artifact["url"].str(), "http://source/externalartifact/default/front/"));
  CHECK(generators.Content("front")->Read("a").value() == "1");
  CHECK(generators.Content("back")->Read("b").value() == "1");
  // What no artifact of a Git repository has, these have not either.
  CHECK_FALSE(generators.Content("back")->Stat("pic.png").ok());
  CHECK(generators.Artifact("back")["metadata"].is_null());

  // Nothing new, nothing written.
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Generator() == generator);
  CHECK(generators.Live(kMade, "front") == front);

  // Only what is in it counts for an artifact.
  const Value back = generators.Artifact("back");
  generators.Source({{"front/a", "2"}, {"back/b", "1"}}, "r2");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Artifact("front")["revision"] != artifact["revision"]);
  CHECK(generators.Artifact("back") == back);
  const auto events = generators.Events("g");
  CAPTURE(events);
  CHECK(std::any_of(events.begin(), events.end(), [](const std::string& event) {
    return absl::StartsWith(event,
                            "Normal Ready external artifacts reconciled: default/front (sha256:") &&
           event.find('\n') == std::string::npos;
  }));
}

TEST_CASE("revision and metadata are those that the spec names", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"a", "1"}}, "main@sha1:1");
  generators.Generator(
      "commonMetadata: {labels: {team: a, source.extensions.fluxcd.io/generator: x}, annotations: "
      "{note: b}}, artifacts: [{name: all, revision: '@repo', copy: [{from: '@repo/**', to: "
      "'@artifact/'}]}]");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  const Value all = generators.Live(kMade, "all");
  CHECK(all["status"]["artifact"]["revision"].str() == "main@sha1:1");
  CHECK(all["metadata"]["labels"]["team"].str() == "a");
  CHECK(all["metadata"]["labels"]["app.kubernetes.io/managed-by"].str() == "source-watcher");
  CHECK(all["metadata"]["labels"]["source.extensions.fluxcd.io/generator"] ==
        generators.Generator()["metadata"]["uid"]);
  CHECK(all["metadata"]["annotations"]["note"].str() == "b");
}

TEST_CASE("directories are found by a pattern", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"apps/Web/a", "1"}, {"apps/db/b", "1"}}, "r1");
  generators.Generator(
      "pathPattern: '@repo/apps/{app}', artifacts: [{name: 'app-{app}', copy: [{from: "
      "'@repo/apps/{app}/**', to: '@artifact/'}]}]");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Live(kMade, "app-web")["metadata"]["labels"]["app"].str() == "web");
  CHECK(generators.Content("app-db")->Read("b").value() == "1");

  generators.Source({{"apps/Web/a", "1"}}, "r2");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Live(kMade, "app-db").is_null());

  generators.Source({{"apps/Web/a", "1"}, {"apps/web/a", "1"}}, "r3");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(absl::StartsWith(ConditionText(generators.Generator(), "Stalled"),
                         "Stalled=True BuildFailed: failed to expand path pattern: pathPattern "));
  // Another content of the source puts it right.
  generators.Source({{"apps/db/a", "1"}}, "r4");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(ConditionText(generators.Generator(), "Stalled").empty());
  CHECK(generators.Live(kMade, "app-web").is_null());
}

TEST_CASE("what the generator made goes when it is no longer wanted", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"front/a", "1"}, {"back/b", "1"}}, "r1");
  generators.Generator(kFrontAndBack);
  REQUIRE_THAT(generators.Run().status(), IsOk());
  const auto back = *api::Artifact::Decode(generators.Artifact("back"));
  const auto front = *api::Artifact::Decode(generators.Artifact("front"));

  generators.Generator(
      "artifacts: [{name: front, copy: [{from: '@repo/front/**', to: '@artifact/'}]}]");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Live(kMade, "back").is_null());
  CHECK_THAT(generators.storage().Verify(generators.api().ctx(), back),
             StatusIs(absl::StatusCode::kNotFound, ""));
  CHECK(generators.Generator()["status"]["inventory"].size() == 1);

  // One that is not in the inventory, as a crash would leave it, but has the label.
  generators.SetStatus(kKind, "g", {{"inventory", nullptr}});
  REQUIRE_THAT(generators.api().client().Delete(generators.api().ctx(), api::KindOrDie(kKind),
                                                {"default", "g"}),
               IsOk());
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Generator().is_null());
  CHECK(generators.Live(kMade, "front").is_null());
  CHECK_THAT(generators.storage().Verify(generators.api().ctx(), front),
             StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_CASE("an artifact of another generator is left alone", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"front/a", "1"}}, "r1");
  const std::string front =
      "artifacts: [{name: front, copy: [{from: '@repo/front/**', to: '@artifact/'}]}]";
  generators.Generator(front);
  REQUIRE_THAT(generators.Run().status(), IsOk());
  const Value made = generators.Live(kMade, "front");

  generators.Generator(front, "", "other");
  CHECK_THAT(
      generators.Run("other").status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, "is made by another ArtifactGenerator, 'g'"));
  CHECK(absl::StartsWith(ConditionText(generators.Live(kKind, "other"), "Ready"),
                         "Ready=False ReconciliationFailed: front reconcile failed: "));
  REQUIRE_THAT(generators.api().client().Delete(generators.api().ctx(), api::KindOrDie(kKind),
                                                {"default", "other"}),
               IsOk());
  REQUIRE_THAT(generators.Run("other").status(), IsOk());
  CHECK(generators.Live(kMade, "front") == made);
}

TEST_CASE("drift is put right", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"front/a", "1"}, {"back/b", "1"}}, "r1");
  generators.Generator(kFrontAndBack);
  REQUIRE_THAT(generators.Run().status(), IsOk());
  const Value front = generators.Artifact("front");

  SECTION("an ExternalArtifact was deleted") {
    REQUIRE_THAT(generators.api().client().Delete(generators.api().ctx(), api::KindOrDie(kMade),
                                                  {"default", "front"}),
                 IsOk());
  }
  SECTION("its status was emptied") {
    generators.SetStatus(kMade, "front", {{"artifact", nullptr}});
  }
  SECTION("the file is gone") {
    REQUIRE_THAT(generators.storage()
                     .RemoveAll(generators.api().ctx(), {kMade, {"default", "front"}})
                     .status(),
                 IsOk());
  }
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(generators.Artifact("front")["digest"] == front["digest"]);
  CHECK(generators.Content("front")->Read("a").value() == "1");
}

TEST_CASE("sources that are not there are waited for", "[artifact_generator]") {
  Generators generators;
  generators.Generator(kFrontAndBack);
  auto action = generators.Run();
  CHECK(action.value().delay() == absl::Seconds(30));
  CHECK(ConditionText(generators.Generator(), "Ready") ==
        "Ready=False SourceFetchFailed: get sources failed: source "
        "'GitRepository/default/repo' is not ready");

  generators.Source({{"front/a", "1"}, {"back/b", "1"}}, "r1");
  REQUIRE_THAT(generators.storage()
                   .RemoveAll(generators.api().ctx(), {"GitRepository", {"default", "repo"}})
                   .status(),
               IsOk());
  action = generators.Run();
  CHECK(action.value().delay() == absl::Seconds(30));
  CHECK(absl::StartsWith(ConditionText(generators.Generator(), "Ready"),
                         "Ready=False SourceFetchFailed: fetch sources failed: "));
  CHECK(absl::StartsWith(ConditionText(generators.Generator(), "Reconciling"),
                         "Reconciling=True ProgressingWithRetry"));

  // A copy that cannot be done is tried again; what was made before it is kept track of.
  generators.Source({{"front/a", "1"}}, "r2");
  CHECK_FALSE(generators.Run().ok());
  CHECK(ConditionText(generators.Generator(), "Ready") ==
        "Ready=False BuildFailed: back build failed: failed to apply copy operations: failed to "
        "apply copy operation from '@repo/back/**' to '@artifact/': no files match pattern "
        "'back/**' in source 'repo'");
  CHECK(generators.Generator()["status"]["inventory"].size() == 1);
}

TEST_CASE("what can never be done stalls", "[artifact_generator]") {
  struct Row {
    const char* more;
    const char* stalled;
  };
  const Row rows[] = {
      {"artifacts: [{name: a, copy: [{from: '@repo/x', to: '@artifact/'}]}, {name: a, copy: "
       "[{from: '@repo/x', to: '@artifact/'}]}]",
       "Stalled=True ValidationFailed: duplicate artifact name 'a' found"},
      {"artifacts: [{name: a, revision: '@none', copy: [{from: '@repo/x', to: '@artifact/'}]}]",
       "Stalled=True ValidationFailed: artifact a revision source alias 'none' not found"},
  };
  for (const Row& row : rows) {
    Generators generators;
    generators.Generator(row.more);
    REQUIRE_THAT(generators.Run().status(), IsOk());
    CHECK(ConditionText(generators.Generator(), "Stalled") == row.stalled);
    CHECK(absl::StartsWith(ConditionText(generators.Generator(), "Ready"), "Ready=False "));
  }
  Generators generators;
  generators.options().process.no_cross_namespace_refs = true;
  generators.Apply(
      "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\n"
      "metadata: {name: g, namespace: default}\nspec: {sources: [{alias: r, kind: Bucket, name: b, "
      "namespace: other}], artifacts: [{name: a, copy: [{from: '@r/x', to: '@artifact/'}]}]}\n");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(ConditionText(generators.Generator(), "Stalled") ==
        "Stalled=True AccessDenied: cross-namespace reference to source Bucket/other/b is not "
        "allowed");
}

TEST_CASE("an annotation switches a generator off", "[artifact_generator]") {
  Generators generators;
  generators.Source({{"front/a", "1"}, {"back/b", "1"}}, "r1");
  generators.Generator(kFrontAndBack,
                       ", annotations: {source.extensions.fluxcd.io/reconcile: Disabled, "
                       "reconcile.fluxcd.io/requestedAt: now}");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK(ConditionText(generators.Generator(), "Ready") ==
        "Ready=True ReconciliationDisabled: Initialized with reconciliation suspended");
  CHECK(generators.Live(kMade, "front").is_null());
  CHECK(generators.Generator()["status"]["lastHandledReconcileAt"].str() == "now");

  generators.Generator(kFrontAndBack,
                       ", annotations: {source.extensions.fluxcd.io/reconcile: enabled}");
  REQUIRE_THAT(generators.Run().status(), IsOk());
  CHECK_FALSE(generators.Live(kMade, "front").is_null());
}

}  // namespace
}  // namespace sluice::sources
