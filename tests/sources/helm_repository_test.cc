// HelmRepositories of both types against a server in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/helm_repository/reconciler.h"
#include "tests/sources/helm_repository_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("the index of a Helm repository becomes its artifact", "[helm_repository]") {
  Repositories repositories;
  std::string index = kIndex;
  NotingServer server([&](const http::ServerRequest& request) {
    return request.raw_path == "/charts/index.yaml" ? Text(200, index) : Text(404, "");
  });
  repositories.Apply(RepositoryManifest(server.url() + "/charts?key=value"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());

  Value object = repositories.Live();
  const Value artifact = object["status"]["artifact"];
  const std::string hex = crypto::Sha256Hex(index);
  CHECK(artifact["revision"].str() == "sha256:" + hex);
  CHECK(artifact["path"].str() == absl::StrCat("helmrepository/default/h/index-", hex, ".yaml"));
  CHECK(object["status"]["url"].str() == "http://source/helmrepository/default/h/index.yaml");
  CHECK(object["status"]["observedGeneration"].int_or(0) == 1);
  CHECK(object["status"]["conditions"].size() == 2);
  const std::string stored =
      absl::StrCat("Succeeded: stored artifact: revision 'sha256:", hex, "'");
  CHECK(ConditionText(object, "Ready") == "Ready=True " + stored);
  CHECK(ConditionText(object, "ArtifactInStorage") == "ArtifactInStorage=True " + stored);
  const auto requests = server.Take();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].query == "key=value");
  CHECK_FALSE(requests[0].headers.Has("Accept-Encoding"));
  CHECK_FALSE(requests[0].headers.Has("Authorization"));
  CHECK(absl::StartsWith(requests[0].headers.Get("User-Agent"), "Helm/"));

  // The same index again: the artifact stays as it is.
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Live()["status"]["artifact"] == artifact);
  index += "  db:\n  - {name: db, version: 1.0.0}\n";
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Live()["status"]["artifact"]["revision"].str() ==
        "sha256:" + crypto::Sha256Hex(index));
  // The reference prints the size of the stored form.
  const auto events = repositories.Events("h");
  CAPTURE(events);
  CHECK(std::any_of(events.begin(), events.end(), [&](const std::string& event) {
    return absl::StartsWith(event, "Normal NewArtifact stored fetched index of size ") &&
           absl::EndsWith(event, absl::StrCat(" from '", server.url(), "/charts'"));
  }));
}

// As recorded from Flux (shared/corpus/conditions/helmrepo-404).
TEST_CASE("an index that is not there is told as in Flux", "[helm_repository]") {
  Repositories repositories;
  NotingServer server([](const http::ServerRequest&) { return Text(404, ""); });
  repositories.Apply(RepositoryManifest(server.url() + "/nothing"));
  CHECK_FALSE(repositories.Run().ok());
  const Value object = repositories.Live();
  const std::string message = absl::StrCat(
      "Failed: failed to fetch Helm repository index: failed to cache index to temporary file: "
      "failed to fetch ",
      server.url(), "/nothing/index.yaml : 404 Not Found");
  CHECK(object["status"]["conditions"].size() == 3);
  CHECK(ConditionText(object, "Reconciling") ==
        "Reconciling=True ProgressingWithRetry: building artifact");
  CHECK(ConditionText(object, "Ready") == "Ready=False " + message);
  CHECK(ConditionText(object, "FetchFailed") == "FetchFailed=True " + message);
  CHECK(object["status"]["observedGeneration"].int_or(0) == -1);
  CHECK(object["metadata"]["finalizers"].at(0).str() == "finalizers.fluxcd.io");
}

TEST_CASE("an upstream that fails keeps the artifact that is there", "[helm_repository]") {
  Repositories repositories;
  int status = 200;
  NotingServer server([&](const http::ServerRequest&) { return Text(status, kIndex); });
  repositories.Apply(RepositoryManifest(server.url()));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value artifact = repositories.Live()["status"]["artifact"];
  status = 500;
  CHECK_FALSE(repositories.Run().ok());
  Value object = repositories.Live();
  CHECK(object["status"]["artifact"] == artifact);
  CHECK(absl::StartsWith(ConditionText(object, "ArtifactInStorage"), "ArtifactInStorage=True"));
  CHECK(absl::StartsWith(ConditionText(object, "Ready"), "Ready=False Failed"));
  status = 200;
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  object = repositories.Live();
  CHECK(ConditionText(object, "FetchFailed") == "");
  CHECK(absl::StartsWith(ConditionText(object, "Ready"), "Ready=True"));
}

TEST_CASE("an index that cannot be read or is too large is refused", "[helm_repository]") {
  struct Row {
    std::string index;
    int64_t limit;
    const char* condition;
  };
  const Row rows[] = {
      {"apiVersion: v1\nfoo: bar\n", 1000,
       "FetchFailed=True IndexationFailed: failed to load Helm repository from index YAML: error "
       "unmarshaling JSON: while decoding JSON: json: unknown field \"foo\""},
      {std::string(1001, '#'), 1000,
       "FetchFailed=True Failed: failed to fetch Helm repository index: failed to cache index to "
       "temporary file: index exceeds the maximum index file size of 1000 bytes"},
      {"", 1000,
       "FetchFailed=True IndexationFailed: failed to load Helm repository from index YAML: empty "
       "index.yaml file"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    Repositories repositories;
    repositories.options().helm_index_max_size = row.limit;
    NotingServer server([&](const http::ServerRequest&) { return Text(200, row.index); });
    repositories.Apply(RepositoryManifest(server.url()));
    CHECK_FALSE(repositories.Run().ok());
    CHECK(ConditionText(repositories.Live(), "FetchFailed") == row.condition);
  }
}

TEST_CASE("an endless index is left when it is too large", "[helm_repository]") {
  Repositories repositories;
  repositories.options().helm_index_max_size = 1 << 20;
  NotingServer server([](const http::ServerRequest&) {
    return http::ServerResponse{.stream = [](const Context& ctx, const http::Sink& sink) {
      const std::string line = "# nothing but comments\n";
      while (!ctx.cancelled() && sink(line)) {
      }
    }};
  });
  repositories.Apply(RepositoryManifest(server.url()));
  CHECK_THAT(repositories.Run().status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "exceeds the maximum index file size"));
}

TEST_CASE("an index that drips is given up after the timeout", "[helm_repository]") {
  Repositories repositories;
  NotingServer server([](const http::ServerRequest&) {
    return http::ServerResponse{.stream = [](const Context& ctx, const http::Sink& sink) {
      while (RealClock().Sleep(ctx, absl::Milliseconds(20)).ok() && sink("#")) {
      }
    }};
  });
  std::string manifest = RepositoryManifest(server.url());
  manifest.replace(manifest.find("2s"), 2, "300ms");
  repositories.Apply(manifest);
  const absl::Time start = RealClock().Now();
  CHECK_THAT(repositories.Run().status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  CHECK(RealClock().Now() - start < absl::Seconds(10));
}

TEST_CASE("an answer that breaks off makes no artifact", "[helm_repository]") {
  struct Row {
    const char* answer;
    const char* message;
  };
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\napiVersion: v1\n", "unexpected EOF"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\napiVe", "unexpected EOF"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "Content-Length"},
      {"not HTTP at all\r\n\r\n", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer);
    http::RawServer server([&](http::Connection& connection, int) {
      (void)http::ReadHead(connection, http::TestPatience());
      (void)connection.Write(http::TestPatience(), row.answer);
    });
    Repositories repositories;
    repositories.Apply(RepositoryManifest(server.url()));
    CHECK_FALSE(repositories.Run().ok());
    const Value object = repositories.Live();
    CHECK(absl::StartsWith(ConditionText(object, "FetchFailed"), "FetchFailed=True Failed"));
    CHECK(absl::StrContains(ConditionText(object, "FetchFailed"), row.message));
    CHECK(object["status"]["artifact"].is_null());
  }
}

TEST_CASE("a suspended Helm repository is left alone, a deleted one cleaned up",
          "[helm_repository]") {
  Repositories repositories;
  NotingServer server([](const http::ServerRequest&) { return Text(200, kIndex); });
  repositories.Apply(RepositoryManifest(server.url(), ", suspend: true"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(server.Take().empty());
  CHECK(repositories.Live()["status"]["conditions"].empty());
  CHECK(repositories.Live()["status"]["observedGeneration"].int_or(0) == -1);

  repositories.Apply(RepositoryManifest(server.url()));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const auto artifact = api::Artifact::Decode(repositories.Live()["status"]["artifact"]);
  REQUIRE(artifact.has_value());
  CHECK(repositories.storage().Verify(repositories.api().ctx(), *artifact).ok());
  REQUIRE_THAT(repositories.api().client().Delete(
                   repositories.api().ctx(), api::KindOrDie("HelmRepository"), {"default", "h"}),
               IsOk());
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Live().is_null());
  CHECK_FALSE(repositories.storage().Verify(repositories.api().ctx(), *artifact).ok());
}

TEST_CASE("an oci Helm repository has neither status nor finalizer", "[helm_repository]") {
  Repositories repositories;
  repositories.Apply(RepositoryManifest("oci://registry.example.com/charts", ", type: oci"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  CHECK(repositories.Live()["status"].empty());
  CHECK(repositories.Live()["metadata"]["finalizers"].empty());

  // One that was of the other type before.
  Repositories changed;
  NotingServer server([](const http::ServerRequest&) { return Text(200, kIndex); });
  changed.Apply(RepositoryManifest(server.url()));
  REQUIRE_THAT(changed.Run().status(), IsOk());
  const auto artifact = api::Artifact::Decode(changed.Live()["status"]["artifact"]);
  changed.Apply(
      RepositoryManifest("oci://registry.example.com/charts", ", type: oci, suspend: true"));
  REQUIRE_THAT(changed.Run().status(), IsOk());
  CHECK_FALSE(changed.Live()["status"].empty());
  changed.Apply(
      RepositoryManifest("oci://registry.example.com/charts", ", type: oci, suspend: false"));
  REQUIRE_THAT(changed.Run().status(), IsOk());
  CHECK(changed.Live()["status"].empty());
  CHECK(changed.Live()["metadata"]["finalizers"].empty());
  CHECK_FALSE(changed.storage().Verify(changed.api().ctx(), *artifact).ok());
}

TEST_CASE("an oci URL wants the type oci", "[helm_repository]") {
  Repositories repositories;
  repositories.Apply(RepositoryManifest("oci://registry.example.com/charts"));
  REQUIRE_THAT(repositories.Run().status(), IsOk());
  const Value object = repositories.Live();
  const std::string message =
      "URLInvalid: invalid Helm repository URL: 'oci' URL scheme cannot be used with 'default' "
      "HelmRepository type";
  CHECK(ConditionText(object, "Stalled") == "Stalled=True " + message);
  CHECK(ConditionText(object, "FetchFailed") == "FetchFailed=True " + message);
  CHECK(ConditionText(object, "Ready") == "Ready=False " + message);
}

TEST_CASE("a chart that was looked up is kept with its index", "[helm_repository]") {
  NotingServer server([](const http::ServerRequest&) { return Text(200, kIndex); });
  for (const int size : {0, 1}) {
    CAPTURE(size);
    Repositories repositories(size);
    repositories.Apply(RepositoryManifest(server.url()));
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    const auto artifact = *api::Artifact::Decode(repositories.Live()["status"]["artifact"]);
    const kube::ObjectKey key = {"default", "h"};
    REQUIRE(repositories.cache()
                .Find(repositories.api().ctx(), artifact, "web", key)
                ->versions.has_value());
    CHECK_FALSE(repositories.cache()
                    .Find(repositories.api().ctx(), artifact, "nope", key)
                    ->versions.has_value());
    (void)repositories.storage()
        .RemoveAll(repositories.api().ctx(), {"HelmRepository", key})
        .value();
    // Without the file only what was kept can be found.
    CHECK(repositories.cache().Find(repositories.api().ctx(), artifact, "web", key).ok() ==
          (size == 1));
    CHECK(absl::StrContains(repositories.Metrics(),
                            "gotk_cache_events_total{event_type=\"cache_hit\",name=\"h\","
                            "namespace=\"default\"} 1") == (size == 1));
  }
}

TEST_CASE("a full cache refuses another index", "[helm_repository]") {
  Repositories repositories(1);
  std::string index = kIndex;
  NotingServer server([&](const http::ServerRequest&) { return Text(200, index); });
  repositories.Apply(RepositoryManifest(server.url()));
  const kube::ObjectKey key = {"default", "h"};
  for (const bool full : {false, true}) {
    REQUIRE_THAT(repositories.Run().status(), IsOk());
    const auto artifact = *api::Artifact::Decode(repositories.Live()["status"]["artifact"]);
    const auto found = repositories.cache().Find(repositories.api().ctx(), artifact, "web", key);
    REQUIRE(found.ok());
    CHECK(found->versions.has_value());
    CHECK(found->full == full);
    index += "# another\n";
  }
}

}  // namespace
}  // namespace sluice::sources
