// SPDX-License-Identifier: Apache-2.0
#include "common/git/push.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/git/checkout.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::FailWith;
using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();
const Person kBot{"Bot", "bot@example.org", absl::FromUnixSeconds(1800000000), 0};

struct Fixture {
  Fixture() {
    repo.Write("dir/a", "1");
    repo.Write("dir/b", "1");
    repo.Commit("older");
    repo.Write("dir/b", "2");
    first = repo.Commit("first");
  }
  CheckedOut Base(const std::string& branch = "main") {
    return checkouts.Fetch(kContext, {.url = server.Url("r"), .reference = {.branch = branch}})
        .value();
  }
  static NewCommit Change(const std::string& content) {
    return {.changes = {{"dir/a", FileChange{.content = content}}},
            .author = kBot,
            .committer = kBot,
            .message = "Update a\n"};
  }
  PushTarget Target() const { return {.url = server.Url("r")}; }
  std::string Tip(const std::string& ref = "refs/heads/main") {
    const absl::StatusOr<ObjectId> id = repo.repository().Resolve(ref);
    return id.ok() ? id->Hex() : "none";
  }

  ScratchDirectory scratch;
  RepoBuilder repo{scratch / "up/r.git"};
  GitServer server{scratch / "up", {.allow_push = true}};
  Checkouts checkouts{scratch / "mirrors", RealClock()};
  ObjectId first;
};

TEST_CASE("a commit on top of a checkout is pushed", "[git]") {
  Fixture f;
  ObjectId commit;
  {
    const CheckedOut base = f.Base();
    commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
    REQUIRE_THAT(Push(kContext, f.Target(), *base.objects,
                      {{.name = "refs/heads/main", .expected = base.commit.id, .id = commit}}),
                 IsOk());
  }
  CHECK(f.Tip() == commit.Hex());
  const CheckedOut after = f.Base();
  CHECK(after.commit.id == commit);
  CHECK(after.commit.author == kBot);
  CHECK(after.commit.parents == std::vector<ObjectId>{f.first});
  CHECK(after.tree->Read("dir/a").value() == "new");
  CHECK(after.tree->Read("dir/b").value() == "2");
}

TEST_CASE("a push can make a branch, force one and delete one", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  const ObjectId commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
  const auto push = [&](const RefUpdate& update) {
    return Push(kContext, f.Target(), *base.objects, {update}, {base.commit.id});
  };
  CHECK_THAT(push({.name = "refs/heads/auto", .expected = ObjectId(), .id = commit}), IsOk());
  CHECK(f.Tip("refs/heads/auto") == commit.Hex());
  // What is there already is no reason to complain, nor to send anything.
  f.server.ResetCounters();
  CHECK_THAT(push({.name = "refs/heads/auto", .expected = ObjectId(), .id = commit}), IsOk());
  CHECK(f.server.counters().pushes == 0);

  CHECK_THAT(push({.name = "refs/heads/auto", .id = base.commit.id}), IsOk());
  CHECK(f.Tip("refs/heads/auto") == base.commit.id.Hex());
  CHECK_THAT(push({.name = "refs/heads/auto", .expected = base.commit.id}), IsOk());
  CHECK(f.Tip("refs/heads/auto") == "none");
}

TEST_CASE("a reference that has moved is not overwritten", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  const ObjectId commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
  f.repo.Write("dir/b", "3");
  const ObjectId theirs = f.repo.Commit("theirs");
  CHECK_THAT(Push(kContext, f.Target(), *base.objects,
                  {{.name = "refs/heads/main", .expected = base.commit.id, .id = commit}}),
             StatusIs(absl::StatusCode::kAborted,
                      "failed to push to remote: non-fast-forward update: refs/heads/main"));
  CHECK(f.Tip() == theirs.Hex());
  // To another branch it can go, though no reference names its parent any more.
  CHECK_THAT(
      Push(kContext, f.Target(), *base.objects,
           {{.name = "refs/heads/auto", .expected = ObjectId(), .id = commit}}, {base.commit.id}),
      IsOk());
}

TEST_CASE("refusals are told in go-git's words", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  const ObjectId commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
  const RefUpdate update{.name = "refs/heads/main", .expected = base.commit.id, .id = commit};
  const auto push = [&](const std::string& url, const RefUpdate& what) {
    return Push(kContext, {.url = url}, *base.objects, {what});
  };
  CHECK_THAT(push(f.server.Url("r"), {.name = "refs/heads/a..b", .id = commit}),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "failed to push to remote: command error on refs/heads/a..b: "));
  GitServer read_only(f.scratch / "up");
  CHECK_THAT(push(read_only.Url("r"), update),
             StatusIs(absl::StatusCode::kPermissionDenied, "authorization failed"));
  CHECK_THAT(push(f.server.Url("nope"), update),
             StatusIs(absl::StatusCode::kNotFound, "repository not found"));
  f.server.SetFault(FailWith("/git-receive-pack", 500, ""));
  CHECK_THAT(push(f.server.Url("r"), update), StatusIs(absl::StatusCode::kUnavailable, "500"));
  RepoBuilder work(f.scratch / "up/work", /*bare=*/false);
  work.Write("x", "1");
  work.Commit("x");
  f.server.SetFault({});
  CHECK_THAT(
      push(f.server.Url("work"), {.name = "refs/heads/main", .id = commit}),
      StatusIs(absl::StatusCode::kFailedPrecondition, "the remote does not have the commit"));
  CHECK_THAT(Push(kContext, {.url = f.server.Url("work")}, *base.objects,
                  {{.name = "refs/heads/main", .id = commit}}, {base.commit.id}),
             StatusIs(absl::StatusCode::kFailedPrecondition, "branch is currently checked out"));
  CHECK(f.Tip() == base.commit.id.Hex());
}

TEST_CASE("push options go along where the server takes them", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  const ObjectId commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
  PushTarget target = f.Target();
  target.push_options = {"ci.skip", "topic=x"};
  CHECK_THAT(Push(kContext, target, *base.objects,
                  {{.name = "refs/heads/main", .expected = base.commit.id, .id = commit}}),
             IsOk());
  CHECK(f.Tip() == commit.Hex());
}

TEST_CASE("a commit that changes nothing is none, and one can be signed", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  CHECK_THAT(MakeCommit(*base.objects, base.commit, f.Change("1")).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "no staged files"));
  NewCommit change = f.Change("new");
  std::string signed_bytes;
  change.sign = [&signed_bytes](absl::string_view payload) -> absl::StatusOr<std::string> {
    signed_bytes = std::string(payload);
    return std::string("-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n");
  };
  const ObjectId commit = MakeCommit(*base.objects, base.commit, change).value();
  const Commit read = ReadCommit(*base.objects, commit).value();
  CHECK(read.payload == signed_bytes);
  CHECK(absl::StartsWith(read.signature, "-----BEGIN SSH SIGNATURE-----\nabc\n"));
  change.sign = [](absl::string_view) -> absl::StatusOr<std::string> {
    return absl::InvalidArgumentError("no key");
  };
  CHECK_THAT(MakeCommit(*base.objects, base.commit, change).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no key"));
}

TEST_CASE("a repository on the local disk is pushed to where that is allowed", "[git]") {
  Fixture f;
  const CheckedOut base = f.Base();
  const ObjectId commit = MakeCommit(*base.objects, base.commit, f.Change("new")).value();
  const RefUpdate update{.name = "refs/heads/main", .expected = base.commit.id, .id = commit};
  PushTarget target{.url = "file://" + f.repo.path()};
  CHECK_THAT(Push(kContext, target, *base.objects, {update}),
             StatusIs(absl::StatusCode::kInvalidArgument, "not allowed"));
  target.remote.allow_local = true;
  CHECK_THAT(Push(kContext, target, *base.objects, {update}), IsOk());
  CHECK(f.Tip() == commit.Hex());
}

}  // namespace
}  // namespace sluice::git
