// SPDX-License-Identifier: Apache-2.0
#include "common/git/submodules.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/git/checkout.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE(".gitmodules is read as Git reads it", "[git]") {
  const std::vector<Submodule> found = ParseGitmodules(R"(# a comment
[core]
	bare = true ; and another
[submodule "lib"]
	path = vendor/lib/   # trailing
	URL = "https://h/a b#c"
[submodule "odd \"name\""] branch = x
	path = "odd \
path"
	url = a\\b\tc
	fetchRecurse
[submodule "no url"]
	path = x
[SUBMODULE "lib"]
	branch = main
)")
                                           .value();
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "lib");
  CHECK(found[0].path == "vendor/lib");
  CHECK(found[0].url == "https://h/a b#c");
  CHECK(found[1].name == "odd \"name\"");
  CHECK(found[1].path == "odd path");
  CHECK(found[1].url == "a\\b\tc");
  CHECK(ParseGitmodules("")->empty());
}

TEST_CASE("what is no configuration, or leads out of the repository, is refused", "[git]") {
  std::string many;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&many, "[submodule \"", i, "\"]\nurl = u\n");
  for (const std::string& text :
       {std::string("[submodule \"x"), std::string("[submodule"), std::string("[]"),
        std::string("= x"), std::string("a b"), std::string("[a]\nb = \"c"),
        std::string("[a]\nb = c\\"), std::string("[submodule \"x\"]\npath = ../x"),
        std::string("[submodule \"x\"]\npath = /x"), std::string("[submodule \"x\"]\npath ="),
        many}) {
    CAPTURE(text.substr(0, 60));
    CHECK_THAT(ParseGitmodules(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, ".gitmodules line "));
  }
}

TEST_CASE("submodule URLs can be relative to the parent's", "[git]") {
  struct Row {
    const char* parent;
    const char* url;
    const char* resolved;
  };
  const Row rows[] = {
      {"https://h/org/app", "../lib.git", "https://h/org/lib.git"},
      {"https://h/org/app/", "../lib.git", "https://h/org/lib.git"},
      {"https://h/org/app", "./lib", "https://h/org/app/lib"},
      {"https://h/org/app", "../../other/lib", "https://h/other/lib"},
      {"ssh://git@h:22/org/app", "../lib", "ssh://git@h:22/org/lib"},
      {"https://h/org/app", "https://other/lib", "https://other/lib"},
      {"https://h/org/app", "git@other:org/lib.git", "ssh://git@other/org/lib.git"},
      {"https://h/org/app", "git@other:/org/lib.git", "ssh://git@other/org/lib.git"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.parent, row.url);
    CHECK(ResolveSubmoduleUrl(row.parent, row.url).value() == row.resolved);
  }
  CHECK_THAT(ResolveSubmoduleUrl("https://h/app", "../../lib").status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(ResolveSubmoduleUrl("https://h", "../lib").status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
}

struct Fixture {
  absl::StatusOr<CheckedOut> Fetch(const GitServer& from, const std::string& repository,
                                   bool recurse = true, const Auth& auth = {}) {
    return checkouts.Fetch(Context::Background(), {.url = from.Url(repository),
                                                   .auth = auth,
                                                   .reference = {.branch = "main"},
                                                   .recurse_submodules = recurse});
  }
  ScratchDirectory scratch;
  Checkouts checkouts{scratch / "mirrors", RealClock()};
};

TEST_CASE("submodules are put in place, theirs too", "[git]") {
  Fixture f;
  RepoBuilder leaf(f.scratch / "up/leaf.git");
  leaf.Write("leaf", "1");
  const ObjectId old_leaf = leaf.Commit("old");
  leaf.Write("leaf", "2");
  leaf.Commit("new");
  RepoBuilder lib(f.scratch / "up/lib.git");
  lib.Write("lib", "lib");
  lib.Write(".gitmodules", "[submodule \"leaf\"]\npath = deep/leaf\nurl = ../leaf.git\n");
  lib.Submodule("deep/leaf", old_leaf);
  const ObjectId lib_commit = lib.Commit("lib");
  RepoBuilder app(f.scratch / "up/app.git");
  app.Write("app", "app");
  app.Write(".gitmodules",
            "[submodule \"lib\"]\npath = vendor/lib\nurl = ../lib.git\n"
            "[submodule \"gone\"]\npath = gone\nurl = ../gone.git\n");
  app.Submodule("vendor/lib", lib_commit);
  app.Submodule("unmentioned", lib_commit);
  app.Commit("app");
  GitServer server(f.scratch / "up");

  const auto tree = f.Fetch(server, "app").value().tree;
  CHECK(tree->Read("app").value() == "app");
  CHECK(tree->Read("vendor/lib/lib").value() == "lib");
  CHECK(tree->Read("vendor/lib/deep/leaf/leaf").value() == "1");
  CHECK(tree->Stat("vendor/lib")->name == "lib");
  CHECK(tree->List("vendor/lib")->size() == 3);
  CHECK(tree->List("unmentioned")->empty());
  CHECK_THAT(tree->Read("vendor/lib/nope").status(),
             StatusIs(absl::StatusCode::kNotFound, "open vendor/lib/nope: "));
  CHECK_THAT(tree->Stat("vendor/lib/deep/leaf/x").status(),
             StatusIs(absl::StatusCode::kNotFound, "stat vendor/lib/deep/leaf/x: "));
}

TEST_CASE("without recursion, submodules are empty directories", "[git]") {
  Fixture f;
  RepoBuilder app(f.scratch / "up/app.git");
  app.Write(".gitmodules", "[submodule \"lib\"]\npath = lib\nurl = ../lib.git\n");
  app.Submodule("lib", ObjectId::Parse(std::string(40, 'e')).value());
  app.Commit("app");
  GitServer server(f.scratch / "up");
  CHECK(f.Fetch(server, "app", /*recurse=*/false)->tree->List("lib")->empty());
  CHECK_THAT(f.Fetch(server, "app").status(),
             StatusIs(absl::StatusCode::kNotFound, "submodule 'lib': repository not found"));
}

TEST_CASE("a repository that is its own submodule ends", "[git]") {
  Fixture f;
  RepoBuilder app(f.scratch / "up/app.git");
  app.Write("file", "1");
  ObjectId previous = app.Commit("plain");
  for (int depth = 1; depth <= 11; ++depth) {
    app.Write(".gitmodules", "[submodule \"self\"]\npath = self\nurl = ../app.git\n");
    app.Submodule("self", previous);
    previous = app.Commit(absl::StrCat("depth ", depth));
    if (depth != 10) continue;
    GitServer server(f.scratch / "up");
    CHECK(f.Fetch(server, "app")
              ->tree->Read("self/self/self/self/self/self/self/self/self/self/file")
              .value() == "1");
  }
  GitServer server(f.scratch / "up");
  CHECK_THAT(f.Fetch(server, "app").status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 10 deep"));
}

TEST_CASE("credentials stay with the host of the parent", "[git]") {
  Fixture f;
  RepoBuilder lib(f.scratch / "lib/lib.git");
  lib.Write("lib", "lib");
  const ObjectId commit = lib.Commit("lib");
  const Auth auth{.username = "ada", .password = Secret("pw")};
  GitServer other(f.scratch / "lib", {.username = "ada", .password = Secret("pw")});
  RepoBuilder app(f.scratch / "up/app.git");
  app.Write(".gitmodules",
            absl::StrCat("[submodule \"lib\"]\npath = lib\nurl = ", other.Url("lib"), "\n"));
  app.Submodule("lib", commit);
  app.Commit("app");
  GitServer server(f.scratch / "up", {.username = "ada", .password = Secret("pw")});
  CHECK_THAT(
      f.Fetch(server, "app", true, auth).status(),
      StatusIs(absl::StatusCode::kUnauthenticated, "submodule 'lib': authentication required"));
  GitServer open(f.scratch / "lib");
  app.Write(".gitmodules",
            absl::StrCat("[submodule \"lib\"]\npath = lib\nurl = ", open.Url("lib"), "\n"));
  app.Commit("app");
  CHECK(f.Fetch(server, "app", true, auth)->tree->Read("lib/lib").value() == "lib");
}

}  // namespace
}  // namespace sluice::git
