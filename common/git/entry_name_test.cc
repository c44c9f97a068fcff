// SPDX-License-Identifier: Apache-2.0
#include "common/git/entry_name.h"

#include <catch2/catch.hpp>

namespace sluice::git {
namespace {

TEST_CASE("names that some file system takes for .git are not safe", "[git]") {
  for (const char* name : {"",
                           ".",
                           "..",
                           "a/b",
                           "/",
                           ".git",
                           ".GIT",
                           ".gIt",
                           "git~1",
                           "GIT~1",
                           ".git.",
                           ".git ",
                           ".git. .",
                           "git~1 ",
                           ".git:stream",
                           ".git::$INDEX_ALLOCATION",
                           ".git ::$DATA",
                           ".git\\hooks",
                           "GIT~1\\hooks",
                           ".g\u200cit",
                           "\u200d.git",
                           ".git\ufeff",
                           ".G\u206aIT",
                           ".gi\u202et"}) {
    CAPTURE(name);
    CHECK_FALSE(IsSafeEntryName(name));
  }
}

TEST_CASE("names that only look like .git are safe", "[git]") {
  for (const char* name : {"git", ".gi", ".gitignore", ".gitmodules", ".git-hooks", ".github",
                           "git~2", "git~10", "a.git", "...", ".git_", "a b", "a\\b", "a:b",
                           "\u200c", ".g\u2010it", "gi\u200ct", "\xff.git"}) {
    CAPTURE(name);
    CHECK(IsSafeEntryName(name));
  }
}

}  // namespace
}  // namespace sluice::git
