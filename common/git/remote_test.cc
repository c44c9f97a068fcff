// SPDX-License-Identifier: Apache-2.0
#include "common/git/remote.h"

#include <catch2/catch.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/crypto/x509.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::FailWith;
using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::GitServerOptions;
using ::sluice::git_testing::RedirectTo;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::git_testing::Stall;
using ::sluice::git_testing::TruncateAfter;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

absl::StatusOr<std::vector<RemoteRef>> List(const std::string& url, const Auth& auth = {},
                                            const RemoteOptions& options = {},
                                            const Context& ctx = kContext) {
  absl::StatusOr<std::unique_ptr<Remote>> remote = Remote::Open(url, auth, options);
  if (!remote.ok()) return remote.status();
  return (*remote)->ListRefs(ctx, {});
}

std::string Names(const std::vector<RemoteRef>& refs) {
  std::string names;
  for (const RemoteRef& ref : refs) absl::StrAppend(&names, ref.name, " ");
  return names;
}

TEST_CASE("references are listed in both protocol versions", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", "1");
  const ObjectId commit = repo.Commit("c");
  const ObjectId tag = repo.Tag("v1", commit);
  for (const bool version2 : {false, true}) {
    CAPTURE(version2);
    GitServer server(scratch.path(), {.upload_pack = {.version2 = version2}});
    const std::vector<RemoteRef> refs = List(server.Url("r")).value();
    CHECK(Names(refs) == "HEAD refs/heads/main refs/tags/v1 ");
    CHECK(refs[0].symref_target == "refs/heads/main");
    CHECK(refs[2].id == tag);
    CHECK(refs[2].Commit() == commit);
    CHECK(server.counters().advertisements == 1);
    CHECK(server.counters().listings == (version2 ? 1 : 0));
    CHECK(server.counters().fetches == 0);
  }
}

TEST_CASE("an empty repository has no references", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  for (const bool version2 : {false, true}) {
    GitServer server(scratch.path(), {.upload_pack = {.version2 = version2}});
    CHECK(List(server.Url("r")).value().empty());
  }
}

TEST_CASE("a listing can be narrowed", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  const ObjectId commit = repo.Commit("c");
  repo.Branch("other", commit);
  GitServer server(scratch.path());
  const auto remote = Remote::Open(server.Url("r"), {}, {}).value();
  CHECK(Names(remote->ListRefs(kContext, {"refs/heads/ma"}).value()) == "refs/heads/main ");
}

TEST_CASE("a pack brings what is wanted", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", "1");
  repo.Commit("first");
  repo.Write("a", "2");
  const ObjectId second = repo.Commit("second");
  for (const bool version2 : {false, true}) {
    CAPTURE(version2);
    GitServer server(scratch.path(), {.upload_pack = {.version2 = version2}});
    const auto remote = Remote::Open(server.Url("r"), {}, {}).value();
    std::string pack;
    CHECK_THAT(remote->FetchPack(kContext, {.wants = {second}, .depth = 1},
                                 [&pack](absl::string_view bytes) {
                                   absl::StrAppend(&pack, bytes);
                                   return absl::OkStatus();
                                 }),
               IsOk());
    // The commit, its tree and its file.
    CHECK(pack.substr(0, 12) == std::string("PACK\0\0\0\2\0\0\0\3", 12));
  }
}

TEST_CASE("HTTP credentials are sent, refused and never shown", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("c");
  GitServer server(scratch.path(), {.username = "ada", .password = Secret("s3cret")});
  CHECK_THAT(List(server.Url("r"), {.username = "ada", .password = Secret("s3cret")}).status(),
             IsOk());
  for (const Auth& auth : {Auth{}, Auth{.username = "ada", .password = Secret("wr0ng")},
                           Auth{.bearer_token = Secret("wr0ng")}}) {
    const absl::Status refused = List(server.Url("r"), auth).status();
    CHECK_THAT(refused, StatusIs(absl::StatusCode::kUnauthenticated, "authentication required"));
    CHECK_FALSE(absl::StrContains(refused.message(), "wr0ng"));
  }
  GitServer token_server(scratch.path(), {.bearer_token = Secret("t0ken")});
  CHECK_THAT(List(token_server.Url("r"), {.bearer_token = Secret("t0ken")}).status(), IsOk());
}

TEST_CASE("status codes become errors in go-git's words", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("c");
  GitServer server(scratch.path());
  struct Row {
    int status;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {401, absl::StatusCode::kUnauthenticated, "authentication required: nope"},
      {403, absl::StatusCode::kPermissionDenied, "authorization failed: nope"},
      {404, absl::StatusCode::kNotFound, "repository not found: nope"},
      {500, absl::StatusCode::kUnavailable, "status code: 500"},
      {429, absl::StatusCode::kUnavailable, "status code: 429"},
      {418, absl::StatusCode::kFailedPrecondition, "status code: 418"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    server.SetFault(FailWith("/info/refs", row.status, "nope\n"));
    CHECK_THAT(List(server.Url("r")).status(), StatusIs(row.code, row.message));
  }
  server.SetFault(FailWith("/info/refs", 200, "<html>sign in</html>"));
  CHECK_THAT(List(server.Url("r")).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "not answered by a Git server"));
  server.SetFault({});
  CHECK_THAT(List(server.Url("missing")).status(),
             StatusIs(absl::StatusCode::kNotFound, "repository not found: Repository not found."));
}

TEST_CASE("user info in a URL is used for nothing and shown nowhere", "[git]") {
  const ScratchDirectory scratch;
  GitServer server(scratch.path());
  server.SetFault(FailWith("/info/refs", 500, ""));
  const std::string url = absl::StrCat("http://user:hunter2@127.0.0.1:", server.port(), "/r");
  const absl::Status failed = List(url).status();
  CHECK_THAT(failed, StatusIs(absl::StatusCode::kUnavailable));
  CHECK_FALSE(absl::StrContains(failed.message(), "hunter2"));
  CHECK(RedactUrl(url) == server.Url("r"));
  CHECK_FALSE(absl::StrContains(RedactUrl("ssh://u:hunter2@h x/"), "hunter2"));
}

TEST_CASE("the first request may be redirected, within rules", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", "1");
  const ObjectId commit = repo.Commit("c");
  GitServer target(scratch.path());
  GitServer old(scratch.path());
  const std::string info_refs = "/info/refs?service=git-upload-pack";

  SECTION("to another path, where the fetch goes too") {
    old.SetFault(RedirectTo("/old/info/refs", "/r" + info_refs));
    const auto remote = Remote::Open(old.Url("old"), {}, {}).value();
    CHECK_THAT(remote->ListRefs(kContext, {}).status(), IsOk());
    CHECK_THAT(remote->FetchPack(kContext, {.wants = {commit}, .depth = 1},
                                 [](absl::string_view) { return absl::OkStatus(); }),
               IsOk());
    CHECK(old.counters().fetches == 1);
  }
  SECTION("to another host, without the credentials") {
    GitServer closed(scratch.path(), {.username = "ada", .password = Secret("x")});
    const Auth auth{.username = "ada", .password = Secret("x")};
    old.SetFault(RedirectTo("/info/refs", closed.Url("r") + info_refs));
    CHECK_THAT(List(old.Url("r"), auth).status(), StatusIs(absl::StatusCode::kUnauthenticated));
    old.SetFault(RedirectTo("/info/refs", target.Url("r") + info_refs));
    CHECK_THAT(List(old.Url("r"), auth).status(), IsOk());
  }
  SECTION("not in circles") {
    old.SetFault(RedirectTo("/info/refs", old.Url("r") + info_refs));
    CHECK_THAT(List(old.Url("r")).status(),
               StatusIs(absl::StatusCode::kFailedPrecondition, "too many redirects"));
  }
  SECTION("not to what is no advertisement") {
    old.SetFault(RedirectTo("/info/refs", target.Url("login")));
    CHECK_THAT(List(old.Url("r")).status(),
               StatusIs(absl::StatusCode::kFailedPrecondition,
                        "target \"/login\" does not end with /info/refs"));
    old.SetFault(RedirectTo("/info/refs", "ftp://127.0.0.1/r" + info_refs));
    CHECK_THAT(List(old.Url("r")).status(),
               StatusIs(absl::StatusCode::kFailedPrecondition, "unsupported scheme \"ftp\""));
  }
  SECTION("only the first request") {
    old.SetFault(RedirectTo("/git-upload-pack", target.Url("r/git-upload-pack")));
    CHECK_THAT(List(old.Url("r")).status(),
               StatusIs(absl::StatusCode::kFailedPrecondition, "redirect on non-initial request"));
  }
}

TEST_CASE("listings and packs are bounded", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", std::string(100, 'x'));
  const ObjectId commit = repo.Commit("c");
  for (int i = 0; i < 50; ++i) repo.Branch(absl::StrCat("b", i), commit);
  for (const bool version2 : {false, true}) {
    CAPTURE(version2);
    GitServer server(scratch.path(), {.upload_pack = {.version2 = version2}});
    CHECK_THAT(List(server.Url("r"), {}, {.max_refs = 40}).status(),
               StatusIs(absl::StatusCode::kResourceExhausted, "more than 40 references"));
    CHECK(List(server.Url("r"), {}, {.max_refs = 100})->size() == 52);
    CHECK_THAT(List(server.Url("r"), {}, {.max_bytes = 1000}).status(),
               StatusIs(absl::StatusCode::kResourceExhausted, "more bytes than the limit"));
  }
}

TEST_CASE("answers that end too soon are errors", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  const ObjectId commit = repo.Commit("c");
  GitServer server(scratch.path());
  const auto remote = Remote::Open(server.Url("r"), {}, {}).value();
  server.SetFault(TruncateAfter("/git-upload-pack", 40));
  CHECK_THAT(remote->FetchPack(kContext, {.wants = {commit}, .depth = 1},
                               [](absl::string_view) { return absl::OkStatus(); }),
             StatusIs(absl::StatusCode::kUnavailable));
  server.SetFault(TruncateAfter("/info/refs", 10));
  CHECK_THAT(List(server.Url("r")).status(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_CASE("a server that falls silent is left at once on cancellation or at the deadline",
          "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("c");
  GitServer server(scratch.path());
  server.SetFault(Stall("/git-upload-pack"));
  const absl::Time start = absl::Now();
  SECTION("cancelled") {
    std::stop_source stop;
    std::jthread canceller([&] {
      // Until the request that will stall has arrived.
      while (server.counters().listings == 0) std::this_thread::yield();
      stop.request_stop();
    });
    CHECK_THAT(List(server.Url("r"), {}, {}, kContext.WithStopToken(stop.get_token())).status(),
               StatusIs(absl::StatusCode::kCancelled));
  }
  SECTION("deadline") {
    CHECK_THAT(
        List(server.Url("r"), {}, {}, kContext.WithTimeout(absl::Milliseconds(200))).status(),
        StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  SECTION("idle") {
    CHECK_THAT(List(server.Url("r"), {}, {.idle_timeout = absl::Milliseconds(100)}).status(),
               StatusIs(absl::StatusCode::kUnavailable));
  }
  CHECK(absl::Now() - start < absl::Seconds(10));
}

TEST_CASE("HTTPS is checked against the given authority and can show a certificate", "[git]") {
  const absl::Time now = absl::Now();
  const crypto::KeyPair authority =
      crypto::CreateAuthority("test", now - absl::Hours(1), now + absl::Hours(1)).value();
  const auto issue = [&](bool server) {
    return crypto::IssueCertificate(authority, {.common_name = "x",
                                                .ip_addresses = {"127.0.0.1"},
                                                .server = server,
                                                .client = !server,
                                                .not_before = now - absl::Hours(1),
                                                .not_after = now + absl::Hours(1)})
        .value();
  };
  const crypto::KeyPair server_pair = issue(true);
  const crypto::KeyPair client_pair = issue(false);
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("c");
  GitServer server(scratch.path(), {.certificate_pem = server_pair.certificate_pem,
                                    .private_key_pem = server_pair.private_key_pem,
                                    .client_ca_pem = authority.certificate_pem});
  CHECK_THAT(List(server.Url("r"), {.ca_pem = authority.certificate_pem}).status(), IsOk());
  CHECK_THAT(List(server.Url("r"), {.ca_pem = authority.certificate_pem,
                                    .client_certificate_pem = client_pair.certificate_pem,
                                    .client_key_pem = client_pair.private_key_pem})
                 .status(),
             IsOk());
  CHECK_THAT(List(server.Url("r")).status(), StatusIs(absl::StatusCode::kUnavailable, "x509"));
  CHECK_THAT(List(server.Url("r"), {.ca_pem = "garbage"}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("URLs that are not for us are refused", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Commit("c");
  for (const std::string& url :
       {std::string("ftp://h/r"), std::string("git@h:r"), std::string(""), std::string("http://"),
        "file://" + scratch.path() + "/r.git", scratch / "r.git"}) {
    CAPTURE(url);
    CHECK_THAT(List(url).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  CHECK(List("file://" + scratch.path() + "/r.git", {}, {.allow_local = true})->size() == 2);
  CHECK(List("file://" + scratch.path() + "/r%2Egit", {}, {.allow_local = true})->size() == 2);
  CHECK_THAT(List(scratch / "nope", {}, {.allow_local = true}).status(),
             StatusIs(absl::StatusCode::kNotFound, "repository not found"));
}

}  // namespace
}  // namespace sluice::git
