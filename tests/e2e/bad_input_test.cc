// Bad input and a cluster that refuses: a condition and an event that say what is wrong, retries,
// nothing lost, no crash.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
constexpr char kPassword[] = "not-to-be-seen";

std::unique_ptr<Cluster> StartCluster() {
  auto cluster = Cluster::Start();
  INFO(cluster.status());
  REQUIRE(cluster.ok());
  return *std::move(cluster);
}

GitRepository MakeRepository(Cluster& cluster) {
  auto repository = GitRepository::Create(absl::StrCat(cluster.git_root(), "/repo"));
  INFO(repository.status());
  REQUIRE(repository.ok());
  return *std::move(repository);
}

// The object is Ready=False with `fragment` in the message, and a Warning event tells the same.
void RequireFailure(Cluster& cluster, const char* api_version, const char* kind, const char* name,
                    const std::string& fragment) {
  std::string message;
  const bool failed = Eventually(kLimit, [&] {
    message = ReadyMessage(cluster.Get(api_version, kind, name), "False").value_or("");
    return absl::StrContains(message, fragment);
  });
  CAPTURE(kind, name, fragment, message);
  if (!failed) UNSCOPED_INFO(cluster.Describe());
  REQUIRE(failed);
  std::string events;
  const bool told = Eventually(kLimit, [&] {
    events = absl::StrJoin(cluster.Events(kind, name), "\n");
    return absl::StrContains(events, "Warning ") && absl::StrContains(events, fragment);
  });
  CAPTURE(events);
  CHECK(told);
  CHECK(cluster.Casualties() == "");
}

// A server that asks everybody for a password and takes none.
std::unique_ptr<http::Server> StartLockedServer() {
  auto server = http::Server::Start(
      {.address = "127.0.0.1:0"}, [](const Context&, const http::ServerRequest&) {
        http::ServerResponse response;
        response.status = 401;
        response.headers.Set("WWW-Authenticate", "Basic realm=\"git\"");
        response.body = "no";
        return response;
      });
  REQUIRE(server.ok());
  return *std::move(server);
}

TEST_CASE("a source that cannot be fetched says why, and recovers", "[e2e]") {
  const std::unique_ptr<Cluster> cluster = StartCluster();
  GitRepository repository = MakeRepository(*cluster);
  repository.Write("apps/config.yaml", ConfigMapYaml(cluster->ns(), "config", "a", "b"));
  REQUIRE(repository.Commit("First").ok());
  const std::string url = absl::StrCat(cluster->git_url(), "/repo");

  const std::string closed = absl::StrCat("127.0.0.1:", ReservePort());
  REQUIRE_THAT(cluster->Apply(
                   GitRepositoryManifest("unreachable", absl::StrCat("http://", closed, "/repo"))),
               IsOk());
  RequireFailure(*cluster, kSourceApi, "GitRepository", "unreachable", closed);

  Value absent = GitRepositoryManifest("branch", url);
  absent.Ensure("spec").Ensure("ref").Set("branch", "nowhere");
  REQUIRE_THAT(cluster->Apply(absent), IsOk());
  RequireFailure(*cluster, kSourceApi, "GitRepository", "branch", "nowhere");
  // Corrected, it is fetched.
  absent.Ensure("spec").Ensure("ref").Set("branch", "main");
  REQUIRE_THAT(cluster->Apply(absent), IsOk());
  CHECK(Eventually(kLimit, [&] {
    return ReadyMessage(cluster->Get(kSourceApi, "GitRepository", "branch"), "True").has_value();
  }));

  REQUIRE_THAT(cluster->Apply(GitRepositoryManifest(
                   "repository", absl::StrCat(cluster->git_url(), "/no-such-repository"))),
               IsOk());
  RequireFailure(*cluster, kSourceApi, "GitRepository", "repository", "");
}

TEST_CASE("repositories on disk need the flag that allows them", "[e2e]") {
  for (const bool allowed : {false, true}) {
    CAPTURE(allowed);
    auto started = Cluster::Start(
        {.flags = {{"source-controller", allowed ? std::vector<std::string>{"--allow-local-git"}
                                                 : std::vector<std::string>{}}},
         .controllers = {"source-controller"}});
    INFO(started.status());
    REQUIRE(started.ok());
    Cluster& cluster = **started;
    GitRepository repository = MakeRepository(cluster);
    repository.Write("a.txt", "a");
    REQUIRE(repository.Commit("First").ok());
    REQUIRE_THAT(
        cluster.Apply(GitRepositoryManifest("local", absl::StrCat("file://", repository.path()))),
        IsOk());
    if (allowed) {
      CHECK(Eventually(kLimit, [&] {
        return ReadyMessage(cluster.Get(kSourceApi, "GitRepository", "local"), "True").has_value();
      }));
    } else {
      RequireFailure(cluster, kSourceApi, "GitRepository", "local", "--allow-local-git");
    }
  }
}

TEST_CASE("bad credentials are reported without showing them", "[e2e]") {
  const std::unique_ptr<Cluster> cluster = StartCluster();
  const std::unique_ptr<http::Server> locked = StartLockedServer();
  Value source =
      GitRepositoryManifest("locked", absl::StrCat("http://127.0.0.1:", locked->port(), "/repo"));
  source.Ensure("spec").Set("secretRef", {{"name", "login"}});
  REQUIRE_THAT(cluster->Apply(source), IsOk());
  RequireFailure(*cluster, kSourceApi, "GitRepository", "locked", "login");  // no such Secret

  REQUIRE_THAT(cluster->Apply({{"apiVersion", "v1"},
                               {"kind", "Secret"},
                               {"metadata", {{"name", "login"}}},
                               {"data",
                                {{"username", absl::Base64Escape("me")},
                                 {"password", absl::Base64Escape(kPassword)}}}}),
               IsOk());
  REQUIRE_THAT(cluster->Trigger(kSourceApi, "GitRepository", "locked"), IsOk());
  RequireFailure(*cluster, kSourceApi, "GitRepository", "locked", "auth");
  const std::string everything = cluster->Describe();
  CHECK_FALSE(absl::StrContains(everything, kPassword));
  CHECK_FALSE(absl::StrContains(everything, absl::Base64Escape(absl::StrCat("me:", kPassword))));
}

TEST_CASE("a Kustomization that cannot be built says where", "[e2e]") {
  const std::unique_ptr<Cluster> cluster = StartCluster();
  GitRepository repository = MakeRepository(*cluster);
  repository.Write("broken/good.yaml", ConfigMapYaml(cluster->ns(), "config", "a", "b"));
  repository.Write("broken/bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [x\n");
  REQUIRE(repository.Commit("First").ok());
  REQUIRE_THAT(
      cluster->Apply(GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"))),
      IsOk());

  REQUIRE_THAT(cluster->Apply(KustomizationManifest("missing", "repo", "./no/such/folder")),
               IsOk());
  RequireFailure(*cluster, kKustomizeApi, "Kustomization", "missing", "no/such/folder");

  REQUIRE_THAT(cluster->Apply(KustomizationManifest("broken", "repo", "./broken")), IsOk());
  RequireFailure(*cluster, kKustomizeApi, "Kustomization", "broken", "bad.yaml");
  const std::string message =
      ReadyMessage(cluster->Get(kKustomizeApi, "Kustomization", "broken"), "False").value_or("");
  CAPTURE(message);
  CHECK(absl::StrContains(message, "line "));
  // Nothing of a broken folder is applied.
  CHECK_FALSE(cluster->Get("v1", "ConfigMap", "config").has_value());

  repository.Write("broken/bad.yaml", ConfigMapYaml(cluster->ns(), "other", "a", "b"));
  REQUIRE(repository.Commit("Mend").ok());
  REQUIRE_THAT(cluster->Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
  const bool mended = Eventually(kLimit, [&] {
    return ReadyMessage(cluster->Get(kKustomizeApi, "Kustomization", "broken"), "True").has_value();
  });
  if (!mended) UNSCOPED_INFO(cluster->Describe());
  CHECK(mended);
  CHECK(cluster->Get("v1", "ConfigMap", "config").has_value());
}

TEST_CASE("a cluster that refuses is reported, tried again, and nothing is lost", "[e2e]") {
  const std::unique_ptr<Cluster> cluster = StartCluster();
  if (!cluster->has_faults()) {
    WARN("a real API server cannot be told to fail; skipped");
    return;
  }
  GitRepository repository = MakeRepository(*cluster);
  repository.Write("apps/config.yaml", ConfigMapYaml(cluster->ns(), "config", "value", "0"));
  REQUIRE(repository.Commit("First").ok());
  REQUIRE_THAT(
      cluster->Apply(GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"))),
      IsOk());
  REQUIRE_THAT(cluster->Apply(KustomizationManifest("app", "repo", "./apps")), IsOk());
  REQUIRE(Eventually(kLimit, [&] {
    return ReadyMessage(cluster->Get(kKustomizeApi, "Kustomization", "app"), "True").has_value();
  }));

  for (const int status : {403, 409, 422, 429, 500}) {
    CAPTURE(status);
    const std::string said = absl::StrCat("refused with ", status);
    REQUIRE_THAT(
        cluster->AddFault(
            {{"match",
              {{"resource", "configmaps"}, {"verb", "patch"}, {"namespace", cluster->ns()}}},
             {"status", status},
             {"message", said}}),
        IsOk());
    const std::string value = absl::StrCat(status);
    repository.Write("apps/config.yaml", ConfigMapYaml(cluster->ns(), "config", "value", value));
    REQUIRE(repository.Commit("Change").ok());
    REQUIRE_THAT(cluster->Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
    RequireFailure(*cluster, kKustomizeApi, "Kustomization", "app", said);

    // No new commit, no trigger: a retry brings it.
    REQUIRE_THAT(cluster->ClearFaults(), IsOk());
    const bool recovered = Eventually(kLimit, [&] {
      const auto config = cluster->Get("v1", "ConfigMap", "config");
      return config.has_value() && (*config)["data"]["value"].str() == value &&
             ReadyMessage(cluster->Get(kKustomizeApi, "Kustomization", "app"), "True").has_value();
    });
    if (!recovered) UNSCOPED_INFO(cluster->Describe());
    REQUIRE(recovered);
    CHECK(cluster->Casualties() == "");
  }
}

TEST_CASE("status writes that fail are repeated", "[e2e]") {
  const std::unique_ptr<Cluster> cluster = StartCluster();
  if (!cluster->has_faults()) {
    WARN("a real API server cannot be told to fail; skipped");
    return;
  }
  GitRepository repository = MakeRepository(*cluster);
  repository.Write("apps/config.yaml", ConfigMapYaml(cluster->ns(), "config", "value", "0"));
  const std::string commit = repository.Commit("First").value();
  for (const int status : {409, 500}) {
    REQUIRE_THAT(cluster->AddFault({{"match",
                                     {{"group", "source.toolkit.fluxcd.io"},
                                      {"resource", "gitrepositories"},
                                      {"subresource", "status"}}},
                                    {"status", status},
                                    {"count", 2}}),
                 IsOk());
  }
  REQUIRE_THAT(
      cluster->Apply(GitRepositoryManifest("repo", absl::StrCat(cluster->git_url(), "/repo"))),
      IsOk());
  const bool ready = Eventually(kLimit, [&] {
    const auto object = cluster->Get(kSourceApi, "GitRepository", "repo");
    return ReadyMessage(object, "True").has_value() &&
           absl::EndsWith((*object)["status"]["artifact"]["revision"].str(), commit);
  });
  if (!ready) UNSCOPED_INFO(cluster->Describe());
  CHECK(ready);
  CHECK(cluster->Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
