// SPDX-License-Identifier: Apache-2.0
#include "common/git/revision.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::git {
namespace {

constexpr char kHash[] = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738";

TEST_CASE("revisions are written as Flux writes them", "[git]") {
  struct Row {
    const char* ref;
    const char* short_form;
    const char* full_form;
  };
  const Row rows[] = {
      {"refs/heads/main", "main@sha1:", "refs/heads/main@sha1:"},
      {"refs/heads/feature/x", "feature/x@sha1:", "refs/heads/feature/x@sha1:"},
      {"refs/tags/v1.2.3", "v1.2.3@sha1:", "refs/tags/v1.2.3@sha1:"},
      {"refs/pull/1/head", "1/head@sha1:", "refs/pull/1/head@sha1:"},
      {"HEAD", "sha1:", "HEAD@sha1:"},
      {"", "sha1:", "sha1:"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.ref);
    CHECK(ShortRevision(row.ref, kHash) == std::string(row.short_form) + kHash);
    CHECK(FullRevision(row.ref, kHash) == std::string(row.full_form) + kHash);
  }
  CHECK(HashDigest("abc") == "<unknown>:abc");
  CHECK(HashDigest("").empty());
}

TEST_CASE("revisions of before Flux 0.41 are rewritten", "[git]") {
  struct Row {
    std::string legacy;
    std::string normal;
  };
  const std::string hash = kHash;
  const Row rows[] = {
      {"main/" + hash, "main@sha1:" + hash},
      {"feature/branch/" + hash, "feature/branch@sha1:" + hash},
      {"HEAD/" + hash, "sha1:" + hash},
      {hash, "sha1:" + hash},
      {"main@sha1:" + hash, "main@sha1:" + hash},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.legacy);
    CHECK(NormalizeRevision(row.legacy) == row.normal);
    CHECK(RevisionHash(row.legacy) == (row.legacy.empty() ? "" : hash));
  }
}

}  // namespace
}  // namespace sluice::git
