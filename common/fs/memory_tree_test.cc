// SPDX-License-Identifier: Apache-2.0
#include "common/fs/memory_tree.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/fs/subtree.h"
#include "common/testing/status_matchers.h"

namespace sluice::fs {
namespace {

using ::sluice::testing::StatusIs;

MemoryTree Sample() {
  MemoryTree tree = MemoryTree::FromFiles({
                                              {"a/b.yaml", "b"},
                                              {"a/c/d.yaml", "dd"},
                                              {"a.txt", ""},
                                              {"z\\y", "backslash"},
                                          })
                        .value();
  REQUIRE(tree.AddFile("a/run.sh", "#!", true).ok());
  REQUIRE(tree.AddSymlink("a/link", "../../outside").ok());
  REQUIRE(tree.AddDirectory("empty/inner").ok());
  return tree;
}

std::vector<std::string> Names(const Tree& tree, absl::string_view path) {
  std::vector<std::string> names;
  const std::vector<Entry> entries = tree.List(path).value();
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

TEST_CASE("a memory tree has its files and the directories above them", "[fs]") {
  const MemoryTree tree = Sample();
  CHECK(Names(tree, "") == std::vector<std::string>{"a", "a.txt", "empty", "z\\y"});
  CHECK(Names(tree, "a") == std::vector<std::string>{"b.yaml", "c", "link", "run.sh"});
  CHECK(Names(tree, "empty/inner").empty());
  CHECK(tree.Read("a/c/d.yaml").value() == "dd");
  CHECK(tree.Read("a.txt").value().empty());
  CHECK(tree.ReadLink("a/link").value() == "../../outside");

  const Entry script = tree.Stat("a/run.sh").value();
  CHECK(script.name == "run.sh");
  CHECK(script.type == EntryType::kFile);
  CHECK(script.executable);
  CHECK(script.size == 2);
  CHECK_FALSE(tree.Stat("a/b.yaml")->executable);
  CHECK(tree.Stat("a/link")->type == EntryType::kSymlink);
  CHECK(tree.Stat("")->type == EntryType::kDirectory);
  CHECK(tree.Stat("")->name.empty());
}

TEST_CASE("asking for the wrong kind of entry is an error", "[fs]") {
  const MemoryTree tree = Sample();
  constexpr auto kNotFound = absl::StatusCode::kNotFound;
  constexpr auto kWrongKind = absl::StatusCode::kFailedPrecondition;
  CHECK_THAT(tree.Stat("a/x").status(), StatusIs(kNotFound, "stat a/x: no such file or directory"));
  CHECK_THAT(tree.Stat("a.txt/x").status(), StatusIs(kNotFound, "stat a.txt/x"));
  CHECK_THAT(tree.Read("x").status(), StatusIs(kNotFound, "open x"));
  CHECK_THAT(tree.Read("a").status(), StatusIs(kWrongKind, "open a: not a regular file"));
  CHECK_THAT(tree.List("").status(), testing::IsOk());
  CHECK_THAT(tree.List("x").status(), StatusIs(kNotFound, "open x"));
  CHECK_THAT(tree.List("a.txt").status(), StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(tree.ReadLink("a").status(), StatusIs(kWrongKind, "not a symbolic link"));
  CHECK_THAT(tree.ReadLink("x").status(), StatusIs(kNotFound, "readlink x"));
  // A link is not followed, neither at the end of a path nor inside it.
  CHECK_THAT(tree.Read("a/link").status(), StatusIs(kWrongKind, "not a regular file"));
  CHECK_THAT(tree.List("a/link").status(), StatusIs(kWrongKind, "not a directory"));
  CHECK_THAT(tree.Stat("a/link/x").status(), StatusIs(kNotFound, "stat a/link/x"));
  // No path leads out.
  for (const char* path : {"..", "../a", "/a", "a/../a", "a/", "./a"}) {
    CAPTURE(path);
    CHECK_THAT(tree.Stat(path).status(), StatusIs(kNotFound));
  }
}

TEST_CASE("a file is read up to the limit", "[fs]") {
  const MemoryTree tree = MemoryTree::FromFiles({{"f", "12345"}}).value();
  CHECK(tree.Read("f", 5).value() == "12345");
  CHECK_THAT(tree.Read("f", 4).status(), StatusIs(absl::StatusCode::kResourceExhausted,
                                                  "read f: file is larger than the limit"));
}

TEST_CASE("a file is read in pieces, without a limit", "[fs]") {
  const MemoryTree tree = Sample();
  const Subtree sub = Subtree::Create(tree, "a").value();
  std::string content;
  const auto append = [&](absl::string_view piece) {
    CHECK_FALSE(piece.empty());
    content.append(piece.data(), piece.size());
    return absl::OkStatus();
  };
  CHECK(tree.ReadPieces("a/c/d.yaml", append).ok());
  CHECK(sub.ReadPieces("c/d.yaml", append).ok());
  CHECK(tree.ReadPieces("a.txt", append).ok());  // empty: no piece
  CHECK(content == "dddd");
  CHECK_THAT(tree.ReadPieces("a", append), StatusIs(absl::StatusCode::kFailedPrecondition));
  CHECK_THAT(sub.ReadPieces("x", append), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(sub.ReadPieces("../a.txt", append), StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(
      tree.ReadPieces("a/b.yaml", [](absl::string_view) { return absl::AbortedError("enough"); }),
      StatusIs(absl::StatusCode::kAborted, "enough"));
}

TEST_CASE("a memory tree refuses what no file system could hold", "[fs]") {
  MemoryTree tree = Sample();
  for (const char* path : {"", "/x", "x/", "../x", "a//x", "a.txt/x", "a/link/x", "a", "a/c"}) {
    CAPTURE(path);
    CHECK_THAT(tree.AddFile(path, "x"), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  CHECK_THAT(tree.AddDirectory("a.txt"), StatusIs(absl::StatusCode::kInvalidArgument, "already"));
  CHECK_THAT(tree.AddSymlink("a", "b"), StatusIs(absl::StatusCode::kInvalidArgument, "already"));
  CHECK_FALSE(MemoryTree::FromFiles({{"a", ""}, {"a/b", ""}}).ok());
  // ... and takes what one can.
  CHECK(tree.AddDirectory("a").ok());
  CHECK(tree.AddDirectory("").ok());
  CHECK(tree.AddFile("a/link", "now a file").ok());
  CHECK(tree.Read("a/link").value() == "now a file");
  CHECK(tree.AddSymlink("a.txt", "b").ok());
  CHECK(tree.Stat("a.txt")->type == EntryType::kSymlink);
}

TEST_CASE("a moved tree takes its files along", "[fs]") {
  MemoryTree source = Sample();
  MemoryTree target = std::move(source);
  CHECK(target.Read("a/b.yaml").value() == "b");
  CHECK(Names(source, "").empty());  // NOLINT(bugprone-use-after-move): documented
  source = std::move(target);
  CHECK(source.Read("a/b.yaml").value() == "b");
}

TEST_CASE("a subtree is a directory with no way out", "[fs]") {
  const MemoryTree tree = Sample();
  const Subtree sub = Subtree::Create(tree, "a").value();
  CHECK(Names(sub, "") == Names(tree, "a"));
  CHECK(Names(sub, "c") == std::vector<std::string>{"d.yaml"});
  CHECK(sub.Read("c/d.yaml").value() == "dd");
  CHECK(sub.ReadLink("link").value() == "../../outside");
  CHECK(sub.Stat("")->name.empty());
  CHECK(sub.Stat("c")->name == "c");
  CHECK_THAT(sub.Stat("a.txt").status(), StatusIs(absl::StatusCode::kNotFound, "stat a/a.txt"));
  for (const char* path : {"..", "../a.txt", "/a.txt", "c/../../a.txt"}) {
    CAPTURE(path);
    CHECK_THAT(sub.Read(path).status(), StatusIs(absl::StatusCode::kInvalidArgument));
    CHECK_THAT(sub.List(path).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }

  const Subtree inner = Subtree::Create(sub, "c").value();
  CHECK(inner.Read("d.yaml").value() == "dd");
  const Subtree whole = Subtree::Create(tree, "").value();
  CHECK(whole.Read("a/c/d.yaml").value() == "dd");

  CHECK_THAT(Subtree::Create(tree, "x").status(), StatusIs(absl::StatusCode::kNotFound));
  CHECK_THAT(Subtree::Create(tree, "a.txt").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "not a directory"));
  CHECK_THAT(Subtree::Create(tree, "a/link").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "not a directory"));
  CHECK_THAT(Subtree::Create(tree, "../a").status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace sluice::fs
