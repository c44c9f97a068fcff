// SPDX-License-Identifier: Apache-2.0
#include "common/git/checkout.h"

#include <catch2/catch.hpp>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::GitServerOptions;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::git_testing::Stall;
using ::sluice::git_testing::TruncateAfter;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

struct Fixture {
  explicit Fixture(GitServerOptions options = {}) : server(scratch / "up", std::move(options)) {}

  absl::StatusOr<CheckedOut> Fetch(const Reference& reference, const std::string& last = "",
                                   const Context& ctx = kContext) {
    return checkouts.Fetch(ctx,
                           {.url = server.Url("r"), .reference = reference, .last_revision = last});
  }

  ScratchDirectory scratch;
  RepoBuilder repo{scratch / "up/r.git"};
  GitServer server;
  Checkouts checkouts{scratch / "mirrors", RealClock()};
};

std::string Content(const absl::StatusOr<CheckedOut>& result) {
  return result.value().tree->Read("file").value();
}

TEST_CASE("a reference leads to a commit, its files and a revision", "[git]") {
  const bool version2 = GENERATE(false, true);
  CAPTURE(version2);
  Fixture f({.upload_pack = {.version2 = version2}});
  f.repo.Write("file", "1");
  const std::string first = f.repo.Commit("first").Hex();
  f.repo.LightweightTag("light", ObjectId::Parse(first).value());
  const ObjectId tag = f.repo.Tag("v1", ObjectId::Parse(first).value(), "a message\n");
  f.repo.Write("file", "2");
  const std::string second = f.repo.Commit("second").Hex();
  f.repo.Branch("feature/x", ObjectId::Parse(first).value());
  f.repo.SetRef("refs/pull/1/head", ObjectId::Parse(first).value());

  struct Row {
    Reference reference;
    std::string revision;
    std::string name;
    const char* content;
  };
  const Row rows[] = {
      {{.branch = "main"}, "main@sha1:" + second, "refs/heads/main", "2"},
      {{.branch = "feature/x"}, "feature/x@sha1:" + first, "refs/heads/feature/x", "1"},
      {{.tag = "light"}, "light@sha1:" + first, "refs/tags/light", "1"},
      {{.tag = "v1"}, "v1@sha1:" + first, "refs/tags/v1", "1"},
      {{.name = "refs/heads/main"}, "refs/heads/main@sha1:" + second, "refs/heads/main", "2"},
      {{.name = "refs/tags/v1"}, "refs/tags/v1@sha1:" + first, "refs/tags/v1", "1"},
      {{.name = "refs/tags/v1^{}"}, "refs/tags/v1^{}@sha1:" + first, "refs/tags/v1^{}", "1"},
      {{.name = "refs/pull/1/head"}, "refs/pull/1/head@sha1:" + first, "refs/pull/1/head", "1"},
      {{.commit = first}, "sha1:" + first, "", "1"},
      {{.branch = "main", .commit = first}, "main@sha1:" + first, "refs/heads/main", "1"},
      {{.name = "refs/heads/x", .commit = first},
       "refs/heads/x@sha1:" + first,
       "refs/heads/x",
       "1"},
      // commit > name > tag > semver > branch
      {{.branch = "main", .tag = "v1"}, "v1@sha1:" + first, "refs/tags/v1", "1"},
      {{.tag = "v1", .semver = ">=9"}, "v1@sha1:" + first, "refs/tags/v1", "1"},
      {{.tag = "v1", .name = "refs/heads/main"},
       "refs/heads/main@sha1:" + second,
       "refs/heads/main",
       "2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.revision);
    const absl::StatusOr<CheckedOut> result = f.Fetch(row.reference);
    REQUIRE_THAT(result.status(), IsOk());
    CHECK(result->outcome == CheckedOut::Outcome::kFetched);
    CHECK(result->revision == row.revision);
    CHECK(result->reference == row.name);
    CHECK(Content(result) == row.content);
    CHECK(result->commit.Subject() == (*row.content == '1' ? "first" : "second"));
    CHECK(result->tag.has_value() == (row.revision.substr(0, 3) == "v1@" ||
                                      row.reference.name.substr(0, 12) == "refs/tags/v1"));
    if (result->tag.has_value()) {
      CHECK(result->tag->id == tag);
      CHECK(result->tag->message == "a message\n");
    }
  }
}

TEST_CASE("references that are not there are told in Flux's words", "[git]") {
  const bool version2 = GENERATE(false, true);
  CAPTURE(version2);
  Fixture f({.upload_pack = {.version2 = version2}});
  f.repo.Write("file", "1");
  const ObjectId first = f.repo.Commit("first");
  const std::string url = f.server.Url("r");
  const std::string nowhere(40, 'e');
  struct Row {
    Reference reference;
    std::string message;
  };
  const Row rows[] = {
      {{}, "unable to clone '" + url + "': couldn't find remote ref \"refs/heads/master\""},
      {{.branch = "mai"},
       "unable to clone '" + url + "': couldn't find remote ref \"refs/heads/mai\""},
      {{.tag = "v1"}, "unable to clone '" + url + "': couldn't find remote ref \"refs/tags/v1\""},
      {{.semver = ">=1.0.0"}, "no match found for semver: >=1.0.0"},
      {{.semver = "1.x.y.z"}, "semver parse error: "},
      {{.name = "refs/heads/nope"}, "unable to resolve ref 'refs/heads/nope' to a specific commit"},
      {{.name = "/refs/heads/main"},
       "ref /refs/heads/main is invalid; Git refs cannot begin or end with a slash '/'"},
      {{.name = "refs/heads/main/"}, "Git refs cannot begin or end with a slash '/'"},
      {{.name = "refs/heads/main^{}"},
       "unable to resolve ref 'refs/heads/main^{}' to a specific commit"},
      {{.commit = nowhere},
       "unable to resolve commit object for '" + nowhere + "': object not found"},
      {{.commit = first.Hex().substr(0, 7)},
       "unable to resolve commit object for '" + first.Hex().substr(0, 7) + "': object not found"},
      {{.branch = "nope", .commit = first.Hex()}, "couldn't find remote ref \"refs/heads/nope\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const absl::Status status = f.Fetch(row.reference).status();
    CHECK_FALSE(status.ok());
    CHECK_THAT(std::string(status.message()), Catch::Contains(row.message));
  }
}

TEST_CASE("an empty repository is told apart from a missing branch", "[git]") {
  const bool version2 = GENERATE(false, true);
  CAPTURE(version2);
  Fixture f({.upload_pack = {.version2 = version2}});
  CHECK(f.Fetch({.branch = "main"})->outcome == CheckedOut::Outcome::kEmpty);
  const std::string message =
      "unable to clone: remote repository is empty: git repository: '" + f.server.Url("r") + "'";
  for (const Reference& reference : {Reference{.tag = "v1"}, Reference{.semver = "*"},
                                     Reference{.commit = std::string(40, 'a')}}) {
    CHECK_THAT(f.Fetch(reference).status(), StatusIs(absl::StatusCode::kNotFound, message));
  }
}

TEST_CASE("an unchanged revision costs a listing and nothing else", "[git]") {
  const bool version2 = GENERATE(false, true);
  CAPTURE(version2);
  Fixture f({.upload_pack = {.version2 = version2}});
  f.repo.Write("file", "1");
  const std::string first = f.repo.Commit("first").Hex();
  f.repo.Tag("v1", ObjectId::Parse(first).value());
  struct Row {
    Reference reference;
    std::string last;
  };
  const Row unchanged[] = {
      {{.branch = "main"}, "main@sha1:" + first},
      {{.branch = "main"}, "main/" + first},  // as Flux wrote it before 0.41
      {{.tag = "v1"}, "v1@sha1:" + first},
      {{.name = "refs/tags/v1"}, "refs/tags/v1@sha1:" + first},
  };
  for (const Row& row : unchanged) {
    CAPTURE(row.last);
    f.server.ResetCounters();
    const CheckedOut result = f.Fetch(row.reference, row.last).value();
    CHECK(result.outcome == CheckedOut::Outcome::kUnchanged);
    CHECK(result.tree == nullptr);
    CHECK(result.commit.id.Hex() == first);
    CHECK(f.server.counters().advertisements == 1);
    CHECK(f.server.counters().listings == (version2 ? 1 : 0));
    CHECK(f.server.counters().fetches == 0);
  }
  // What was fetched once is not fetched again, even when it is asked for without the shortcut.
  CHECK(Content(f.Fetch({.branch = "main"})) == "1");
  f.server.ResetCounters();
  CHECK(Content(f.Fetch({.branch = "main"}, "main@sha1:" + std::string(40, 'a'))) == "1");
  CHECK(Content(f.Fetch({.commit = first})) == "1");
  CHECK(f.server.counters().fetches == 0);
}

TEST_CASE("new commits, forced or not, are followed", "[git]") {
  Fixture f;
  for (int i = 0; i < 20; ++i)
    f.repo.Write(absl::StrCat("dir/", i), std::string(3000, 'a') + absl::StrCat(i * 104729));
  f.repo.Write("file", "1");
  f.repo.Commit("first");
  CHECK(Content(f.Fetch({.branch = "main"})) == "1");
  const size_t whole = f.server.counters().fetch_bytes;
  f.server.ResetCounters();

  f.repo.Write("file", "2");
  f.repo.Commit("second");
  CHECK(Content(f.Fetch({.branch = "main"})) == "2");
  CHECK(f.server.counters().fetch_bytes < whole);
  f.server.ResetCounters();

  f.repo.Write("file", "3");
  f.repo.ForceCommit("rewritten");
  const absl::StatusOr<CheckedOut> forced = f.Fetch({.branch = "main"});
  CHECK(Content(forced) == "3");
  CHECK(forced->commit.parents.empty());
  CHECK_THAT(forced->tree->Stat("dir").status(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_CASE("semver picks the newest tag, the youngest commit among equals", "[git]") {
  Fixture f;
  const absl::Time start = absl::FromUnixSeconds(1700000000);
  const auto commit = [&](const char* content, absl::Duration at) {
    f.repo.SetTime(start + at);
    f.repo.Write("file", content);
    return f.repo.Commit(content);
  };
  f.repo.LightweightTag("not-a-version", commit("x", absl::Hours(0)));
  f.repo.LightweightTag("v0.1.0", commit("v0.1.0", absl::Hours(1)));
  f.repo.Tag("0.2.0", commit("0.2.0", absl::Hours(2)));
  f.repo.Tag("v0.2.1", commit("v0.2.1", absl::Hours(3)));
  f.repo.LightweightTag("v1.0.0-alpha", commit("v1.0.0-alpha", absl::Hours(4)));
  f.repo.LightweightTag("v1.1.0", commit("v1.1.0", absl::Hours(5)));
  f.repo.LightweightTag("v2", commit("v2", absl::Hours(6)));  // two parts too few
  // The older commit is tagged later: the commits decide.
  const ObjectId young = commit("young", absl::Hours(9));
  const ObjectId old = commit("old", absl::Hours(8));
  f.repo.SetTime(start + absl::Hours(10));
  f.repo.Tag("v0.3.0+young", young);
  f.repo.Tag("v0.3.0+old", old);
  struct Row {
    const char* range;
    const char* tag;
  };
  const Row rows[] = {
      {"*", "v1.1.0"},           {"<v0.2.1", "0.2.0"},
      {"~0.2.0", "v0.2.1"},      {">=1.0.0-0 <1.1.0-0", "v1.0.0-alpha"},
      {"0.3.x", "v0.3.0+young"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range);
    const absl::StatusOr<CheckedOut> result = f.Fetch({.semver = row.range});
    REQUIRE_THAT(result.status(), IsOk());
    CHECK(result->reference == absl::StrCat("refs/tags/", row.tag));
    CHECK(result->revision == absl::StrCat(row.tag, "@sha1:", result->commit.id.Hex()));
  }
}

TEST_CASE("a commit is found in the history where the server sends tips only", "[git]") {
  Fixture f({.upload_pack = {.version2 = false, .any_want = false}});
  f.repo.Write("file", "1");
  const ObjectId first = f.repo.Commit("first");
  f.repo.Write("file", "2");
  f.repo.Commit("second");
  CHECK(Content(f.Fetch({.commit = first.Hex()})) == "1");
  CHECK(Content(f.Fetch({.branch = "main", .commit = first.Hex()})) == "1");
  const std::string nowhere(40, 'e');
  CHECK_THAT(f.Fetch({.commit = nowhere}).status(),
             StatusIs(absl::StatusCode::kNotFound,
                      "unable to resolve commit object for '" + nowhere + "': object not found"));
}

TEST_CASE("what the server will not do is asked for in another way", "[git]") {
  Fixture f({.upload_pack = {.version2 = false, .shallow = false}});
  f.repo.Write("file", "1");
  f.repo.Commit("first");
  f.repo.Write("file", "2");
  f.repo.Commit("second");
  CHECK(Content(f.Fetch({.branch = "main"})) == "2");
}

TEST_CASE("a fetch that stalls is left when it is cancelled", "[git]") {
  Fixture f({.upload_pack = {.version2 = false}});
  f.repo.Write("file", "1");
  f.repo.Commit("first");
  f.server.SetFault(Stall("/git-upload-pack"));
  std::stop_source stop;
  std::jthread canceller([&] {
    while (f.server.counters().fetches == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const absl::Time start = absl::Now();
  CHECK_THAT(f.Fetch({.branch = "main"}, "", kContext.WithStopToken(stop.get_token())).status(),
             StatusIs(absl::StatusCode::kCancelled));
  CHECK(absl::Now() - start < absl::Seconds(10));
  f.server.SetFault({});
  CHECK(Content(f.Fetch({.branch = "main"})) == "1");
}

TEST_CASE("failures of the server reach the caller with the URL", "[git]") {
  Fixture f;
  f.repo.Write("file", "1");
  f.repo.Commit("first");
  const std::string url = f.server.Url("r");
  f.server.SetFault(TruncateAfter("/git-upload-pack", 200));
  CHECK_THAT(f.Fetch({.branch = "main"}).status(),
             StatusIs(absl::StatusCode::kUnavailable, "unable to clone '" + url + "': "));
  f.server.SetFault(git_testing::FailWith("/info/refs", 401, ""));
  CHECK_THAT(f.Fetch({.branch = "main"}).status(),
             StatusIs(absl::StatusCode::kUnauthenticated,
                      "unable to clone '" + url + "': authentication required"));
  CHECK_THAT(f.Fetch({.branch = "main"}, "main@sha1:x").status(),
             StatusIs(absl::StatusCode::kUnauthenticated,
                      "unable to list remote for '" + url + "': authentication required"));
}

TEST_CASE("a mirror gives nothing to those whom the server refuses", "[git]") {
  Fixture f({.username = "ada", .password = Secret("pw")});
  f.repo.Write("file", "1");
  const ObjectId first = f.repo.Commit("first");
  const CheckoutRequest allowed{.url = f.server.Url("r"),
                                .auth = {.username = "ada", .password = Secret("pw")},
                                .reference = {.commit = first.Hex()}};
  CHECK(Content(f.checkouts.Fetch(kContext, allowed)) == "1");
  CHECK_THAT(f.Fetch({.commit = first.Hex()}).status(),
             StatusIs(absl::StatusCode::kUnauthenticated));
  CHECK_THAT(f.Fetch({.branch = "main"}).status(), StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace sluice::git
