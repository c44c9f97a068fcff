// SPDX-License-Identifier: Apache-2.0
#include "common/git/repository.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/git/sparse_tree.h"
#include "common/git/tree.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const ObjectId kElsewhere = ObjectId::Parse(std::string(40, 'e')).value();

std::shared_ptr<const ObjectStore> OpenObjects(const RepoBuilder& repo) {
  return ObjectStore::Open(repo.path() + "/objects").value();
}

// A commit with one of everything.
ObjectId CommitEverything(RepoBuilder& repo) {
  repo.Write("README", "hello\n");
  repo.Write("bin/run", "#!/bin/sh\n", /*executable=*/true);
  repo.Write("bin-x", "between bin and bin/ in Git's order");
  repo.Write("deep/er/file", "x");
  repo.Symlink("link", "deep/er/file");
  repo.Submodule("vendor/lib", kElsewhere);
  return repo.Commit("everything");
}

std::string Names(const std::vector<fs::Entry>& entries) {
  std::string names;
  for (const fs::Entry& entry : entries) {
    names += entry.name;
    names += entry.type == fs::EntryType::kDirectory ? "/ "
             : entry.type == fs::EntryType::kSymlink ? "@ "
             : entry.executable                      ? "* "
                                                     : " ";
  }
  return names;
}

TEST_CASE("a commit is a tree of files", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  const ObjectId id = CommitEverything(repo);
  const std::shared_ptr<const ObjectStore> objects = OpenObjects(repo);
  const Commit commit = ReadCommit(*objects, id).value();
  CHECK(commit.Subject() == "everything");
  CHECK(commit.author.email == "ada@example.org");

  const CommitTree tree(objects, commit.tree);
  CHECK(Names(tree.List("").value()) == "README bin/ bin-x deep/ link@ vendor/ ");
  CHECK(Names(tree.List("bin").value()) == "run* ");
  CHECK(Names(tree.List("vendor").value()) == "lib/ ");
  CHECK(tree.List("vendor/lib").value().empty());
  CHECK(tree.SubmoduleCommit("vendor/lib").value() == kElsewhere);
  CHECK(tree.Read("deep/er/file").value() == "x");
  CHECK(tree.ReadLink("link").value() == "deep/er/file");
  CHECK(tree.Stat("README")->size == 6);
  CHECK(tree.Stat("")->type == fs::EntryType::kDirectory);

  CHECK_THAT(tree.Stat("nope").status(),
             StatusIs(absl::StatusCode::kNotFound, "stat nope: no such file or directory"));
  CHECK_THAT(tree.Stat("README/x").status(), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(tree.Read("link/x").status(), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(tree.Read("bin").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  CHECK_THAT(tree.Read("link").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  CHECK_THAT(tree.Read("README", 5).status(), StatusIs(absl::StatusCode::kResourceExhausted));
  CHECK(tree.Read("README", 6).value() == "hello\n");
  CHECK_THAT(tree.List("README").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  CHECK_THAT(tree.ReadLink("README").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  CHECK_THAT(tree.SubmoduleCommit("bin").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_CASE("a sparse tree shows what its prefixes select", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  for (const char* path : {"a/x", "a/sub/y", "ab/x", "b/c/x", "b/d/x", "top"})
    repo.Write(path, "1");
  const std::shared_ptr<const ObjectStore> objects = OpenObjects(repo);
  const Commit commit = ReadCommit(*objects, repo.Commit("c")).value();
  const auto whole = std::make_shared<const CommitTree>(objects, commit.tree);

  struct Row {
    std::vector<std::string> prefixes;
    const char* root;
    const char* below_b;
  };
  const Row rows[] = {
      {{"a"}, "a/ ab/ ", ""},  // a prefix of characters, as go-git has it
      {{"a/"}, "a/ ", ""},    {{"./b/c"}, "b/ ", "c/ "},         {{"b"}, "b/ ", "c/ d/ "},
      {{"nope"}, "", ""},     {{"top", "a/sub"}, "a/ top ", ""}, {{""}, "a/ ab/ b/ top ", "c/ d/ "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.prefixes.front());
    const SparseTree tree(whole, row.prefixes);
    CHECK(Names(tree.List("").value()) == row.root);
    const auto below = tree.List("b");
    if (*row.below_b == '\0') {
      CHECK_THAT(below.status(), StatusIs(absl::StatusCode::kNotFound));
    } else {
      CHECK(Names(below.value()) == row.below_b);
    }
  }
  const SparseTree tree(whole, {"a/sub"});
  CHECK(tree.Read("a/sub/y").value() == "1");
  CHECK_THAT(tree.Read("a/x").status(), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(tree.Stat("top").status(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_CASE("changes make a new tree of an old one", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a/b/c", "1");
  repo.Write("a/d", "2");
  repo.Write("e", "3");
  repo.Commit("first");
  repo.Delete("a/b/c");
  repo.Delete("nothing/here");
  repo.Write("e", "4");
  repo.Write("f/g", "5");
  const ObjectId second = repo.Commit("second");
  const std::shared_ptr<const ObjectStore> objects = OpenObjects(repo);
  const CommitTree tree(objects, ReadCommit(*objects, second)->tree);
  CHECK(Names(tree.List("").value()) == "a/ e f/ ");
  CHECK(Names(tree.List("a").value()) == "d ");  // an empty directory goes
  CHECK(tree.Read("e").value() == "4");

  ObjectStore& store = repo.repository().objects();
  for (const char* path :
       {"", "/x", "x/", "a//b", "../x", "a/./b", ".git/config", "a/.GIT", "e/x"}) {
    CAPTURE(path);
    CHECK_THAT(
        ApplyChanges(store, ReadCommit(store, second)->tree, {{path, FileChange{}}}).status(),
        StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("references change only from what they were thought to be", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "work", /*bare=*/false);
  repo.Write("a", "1");
  const ObjectId first = repo.Commit("first");
  repo.Write("a", "2");
  const ObjectId second = repo.Commit("second");
  Repository& repository = repo.repository();
  CHECK(repository.Head().value() == "refs/heads/main");
  CHECK(repository.Resolve("HEAD").value() == second);

  CHECK_THAT(repository.Update("refs/heads/main", first, first),
             StatusIs(absl::StatusCode::kAborted));
  CHECK_THAT(repository.Update("refs/heads/main", first, second), IsOk());
  CHECK_THAT(repository.Update("refs/heads/main", first, ObjectId()),
             StatusIs(absl::StatusCode::kAborted));
  CHECK_THAT(repository.Update("refs/heads/new", first, ObjectId()), IsOk());
  CHECK_THAT(repository.Update("refs/heads/other", second, first),
             StatusIs(absl::StatusCode::kAborted));
  CHECK_THAT(repository.Update("refs/heads/../../x", first),
             StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK(repository.Refs()->size() == 2);
  CHECK_THAT(repository.Delete("refs/heads/new"), IsOk());
  CHECK_THAT(repository.Resolve("refs/heads/new").status(), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(Repository::Open(scratch / "nope").status(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_CASE("revisions are read as git rev-parse does", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", "1");
  const ObjectId first = repo.Commit("first");
  repo.Write("a", "2");
  const ObjectId second = repo.Commit("second");
  repo.Tag("v1", first);
  const auto opened = Repository::Open(repo.path()).value();
  for (const std::string& text : {std::string("HEAD"), std::string("main"), second.Hex(),
                                  second.Hex().substr(0, 8), std::string("refs/heads/main")}) {
    CAPTURE(text);
    CHECK(opened->ParseRevision(text).value() == second);
  }
  for (const char* text : {"main~1", "HEAD^", "v1"}) {
    CAPTURE(text);
    CHECK(opened->ParseRevision(text).value() == first);
  }
  for (const char* text : {"nowhere", "main~9", "", "HEAD:a", "0123456789"}) {
    CAPTURE(text);
    CHECK_FALSE(opened->ParseRevision(text).ok());
  }
}

TEST_CASE("damage is found when an object is read", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  repo.Write("a", "some content");
  const ObjectId id = repo.Commit("first");
  const ObjectId blob =
      ReadTree(repo.repository().objects(), ReadCommit(repo.repository().objects(), id)->tree)
          ->front()
          .id;
  const std::string hex = blob.Hex();
  const std::string file = scratch / ("r.git/objects/" + hex.substr(0, 2) + "/" + hex.substr(2));
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  std::ofstream(file, std::ios::trunc) << "not zlib";
  const std::shared_ptr<const ObjectStore> objects = OpenObjects(repo);
  CHECK_THAT(objects->Read(blob, 100).status(), StatusIs(absl::StatusCode::kDataLoss));
  CHECK_THAT(objects->Read(kElsewhere, 100).status(),
             StatusIs(absl::StatusCode::kNotFound, kElsewhere.Hex()));
}

TEST_CASE("a tree is complete when all below it is there", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  ObjectStore& store = repo.repository().objects();
  const ObjectId blob = store.Write(ObjectType::kBlob, "x").value();
  const ObjectId good =
      store.Write(ObjectType::kTree, SerializeTree({{kModeFile, "a", blob}})).value();
  const ObjectId bad =
      store.Write(ObjectType::kTree, SerializeTree({{kModeFile, "a", kElsewhere}})).value();
  const ObjectId above =
      store
          .Write(ObjectType::kTree,
                 SerializeTree({{kModeDirectory, "d", bad}, {kModeSubmodule, "s", kElsewhere}}))
          .value();
  const Context ctx = Context::Background();
  CHECK_THAT(CheckComplete(ctx, store, good), IsOk());
  CHECK_THAT(CheckComplete(ctx, store, above),
             StatusIs(absl::StatusCode::kNotFound, kElsewhere.Hex()));
}

}  // namespace
}  // namespace sluice::git
