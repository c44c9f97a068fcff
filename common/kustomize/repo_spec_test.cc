// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/repo_spec.h"

#include <catch2/catch.hpp>

namespace sluice::kustomize {
namespace {

TEST_CASE("repositories are told from paths", "[kustomize]") {
  struct Row {
    const char* text;
    const char* clone_url;  // null: no repository
    const char* path;
    const char* ref;
  };
  const Row rows[] = {
      {"https://github.com/org/repo//sub?ref=v1", "https://github.com/org/repo", "sub", "v1"},
      {"https://example.org/org/repo.git/sub", "https://example.org/org/repo.git", "sub", ""},
      {"git@github.com:org/repo", "git@github.com:org/repo", "", ""},
      {"github.com/org/repo/sub", "https://github.com/org/repo", "sub", ""},
      {"../base", nullptr, "", ""},
      {"base", nullptr, "", ""},
      {"/abs/base", nullptr, "", ""},
      {"file:///x/y.git", "file:///x/y.git", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::optional<RepoSpec> spec = ParseRepoSpec(row.text);
    REQUIRE(spec.has_value() == (row.clone_url != nullptr));
    if (!spec) continue;
    CHECK(absl::StrCat(spec->clone_url, " ", spec->path, " ", spec->ref) ==
          absl::StrCat(row.clone_url, " ", row.path, " ", row.ref));
  }
}

}  // namespace
}  // namespace sluice::kustomize
