// SPDX-License-Identifier: Apache-2.0
#include "common/git/objects.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::StatusIs;

const ObjectId kId = ObjectId::Parse("1111111111111111111111111111111111111111").value();
constexpr char kTreeHex[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

std::string CommitText(absl::string_view headers, absl::string_view message) {
  return absl::StrCat("tree ", kTreeHex, "\n", headers, "\n", message);
}

TEST_CASE("an object id is 40 hex digits", "[git]") {
  CHECK(ObjectId::Parse("4B825DC642CB6EB9A060E54BF8D69288FBEE4904")->Hex() == kTreeHex);
  CHECK(ObjectId::Parse("0000000000000000000000000000000000000000")->IsZero());
  for (const char* text : {"", "4b825d", "4b825dc642cb6eb9a060e54bf8d69288fbee490g",
                           "4b825dc642cb6eb9a060e54bf8d69288fbee49040"}) {
    CAPTURE(text);
    CHECK_THAT(ObjectId::Parse(text).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("a commit's headers and message are read", "[git]") {
  const Commit commit =
      ParseCommit(kId, CommitText("parent 2222222222222222222222222222222222222222\n"
                                  "parent 3333333333333333333333333333333333333333\n"
                                  "author Ada L. <ada@example.org> 1700000000 +0130\n"
                                  "committer Bob <> 1700000060 -0800\n"
                                  "encoding UTF-8\n",
                                  "subject\n\nbody\n"))
          .value();
  CHECK(commit.id == kId);
  CHECK(commit.tree.Hex() == kTreeHex);
  REQUIRE(commit.parents.size() == 2);
  CHECK(commit.parents[1].Hex() == "3333333333333333333333333333333333333333");
  CHECK(commit.author ==
        Person{"Ada L.", "ada@example.org", absl::FromUnixSeconds(1700000000), 90});
  CHECK(commit.committer == Person{"Bob", "", absl::FromUnixSeconds(1700000060), -480});
  CHECK(commit.message == "subject\n\nbody\n");
  CHECK(commit.Subject() == "subject");
  CHECK(commit.signature.empty());
}

TEST_CASE("a commit's payload is its bytes without the signature", "[git]") {
  const std::string people = "author A <a> 1 +0000\ncommitter A <a> 1 +0000\n";
  // The odd header stays as it is; a signature under the other hash's header is cut out as well.
  const std::string signed_commit = CommitText(
      absl::StrCat(people, "gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n -----END-----\n",
                   "odd  header\n", "gpgsig-sha256 x\n y\n"),
      "m\n");
  const Commit commit = ParseCommit(kId, signed_commit).value();
  CHECK(commit.signature == "-----BEGIN SSH SIGNATURE-----\nabc\n\n-----END-----");
  CHECK(commit.payload == CommitText(absl::StrCat(people, "odd  header\n"), "m\n"));
  CHECK(commit.message == "m\n");
}

TEST_CASE("bytes that are no commit are refused", "[git]") {
  const std::string people = "author A <a> 1 +0000\ncommitter A <a> 1 +0000\n";
  for (const std::string& text : {std::string(), std::string("tree 12\n\n"), CommitText("", "m"),
                                  CommitText("author A <a> 1 +0000\n", "m"),
                                  CommitText(absl::StrCat("parent xyz\n", people), "m"),
                                  CommitText(absl::StrCat(people, "gpgsig a\ngpgsig b\n"), "m")}) {
    CAPTURE(text);
    CHECK_THAT(ParseCommit(kId, text).status(), StatusIs(absl::StatusCode::kDataLoss, kId.Hex()));
  }
}

TEST_CASE("a tag's signature is the last one in its message", "[git]") {
  const std::string head =
      absl::StrCat("object ", kTreeHex, "\ntype commit\ntag v1\n", "tagger A <a> 1 +0000\n\n");
  const std::string message = "notes\n-----BEGIN PGP SIGNATURE-----\nquoted\n";
  const std::string signature = "-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n";
  const Tag tag = ParseTag(kId, absl::StrCat(head, message, signature)).value();
  CHECK(tag.name == "v1");
  CHECK(tag.target.Hex() == kTreeHex);
  CHECK(tag.target_type == ObjectType::kCommit);
  CHECK(tag.message == message);
  CHECK(tag.signature == signature);
  CHECK(tag.payload == absl::StrCat(head, message));

  const Tag unsigned_tag = ParseTag(kId, absl::StrCat(head, "plain\n")).value();
  CHECK(unsigned_tag.signature.empty());
  CHECK(unsigned_tag.payload == absl::StrCat(head, "plain\n"));

  for (absl::string_view text :
       {"", "object 12\ntype commit\ntag v\n\n",
        "object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype x\ntag v\n"}) {
    CHECK_THAT(ParseTag(kId, text).status(), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_CASE("what is written reads back", "[git]") {
  Commit commit{.tree = kId,
                .parents = {kId},
                .author = {"Evil\nparent x <y>", "a@b", absl::FromUnixSeconds(5), -90},
                .committer = {"C", "c@d", absl::FromUnixSeconds(6), 0},
                .message = "m\n",
                .signature = "-----BEGIN\n\n-----END\n"};
  const Commit back = ParseCommit(kId, SerializeCommit(commit)).value();
  CHECK(back.author.name == "Evilparent x y");  // no header of its own
  CHECK(back.author.offset_minutes == -90);
  CHECK(back.parents.size() == 1);
  CHECK(back.signature == "-----BEGIN\n\n-----END");
  CHECK(back.message == "m\n");
}

TEST_CASE("trees are sorted as Git sorts them and read sorted by name", "[git]") {
  const std::vector<TreeEntry> entries = {{kModeDirectory, "a", kId},
                                          {kModeFile, "a.b", kId},
                                          {kModeExecutable, "a0", kId},
                                          {kModeSymlink, "link", kId},
                                          {kModeSubmodule, "sub", kId}};
  const std::string bytes = SerializeTree(entries);
  // "a" is a directory, so it counts as "a/", which is between "a.b" and "a0".
  CHECK(bytes.find(std::string(" a.b")) < bytes.find(std::string(" a\0", 3)));
  CHECK(bytes.find(std::string(" a\0", 3)) < bytes.find(" a0"));
  CHECK(bytes.substr(0, 11) == std::string("100644 a.b\0", 11));

  const std::vector<TreeEntry> back = ParseTree(kId, bytes).value();
  REQUIRE(back.size() == 5);
  CHECK(back[0].name == "a");
  CHECK(back[0].IsDirectory());
  CHECK(back[1].IsFile());
  CHECK_FALSE(back[1].IsExecutable());
  CHECK(back[2].IsExecutable());
  CHECK(back[3].IsSymlink());
  CHECK(back[4].IsSubmodule());
}

TEST_CASE("trees that could not be checked out safely are refused", "[git]") {
  const auto tree = [](uint32_t mode, const std::string& name) {
    return SerializeTree({{mode, name, kId}});
  };
  for (const std::string& bytes :
       {tree(kModeFile, ""), tree(kModeFile, "."), tree(kModeDirectory, ".."),
        tree(kModeDirectory, ".git"), tree(kModeDirectory, ".GIT"), tree(kModeFile, "a/b"),
        tree(kModeDirectory, "git~1"), tree(kModeDirectory, ".g\u200cit"),
        tree(0160001 & 0070000, "x"), tree(kModeFile, "a") + tree(kModeFile, "a"),
        tree(kModeFile, "a") + tree(kModeDirectory, "a"), tree(kModeFile, "a").substr(0, 20),
        std::string("999999 a\0", 9) + std::string(20, 'x'), std::string("garbage")}) {
    CAPTURE(bytes);
    CHECK_THAT(ParseTree(kId, bytes).status(), StatusIs(absl::StatusCode::kDataLoss));
  }
  CHECK(ParseTree(kId, "")->empty());
}

}  // namespace
}  // namespace sluice::git
