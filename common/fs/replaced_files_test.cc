// SPDX-License-Identifier: Apache-2.0
#include "common/fs/replaced_files.h"

#include <catch2/catch.hpp>

#include "common/fs/memory_tree.h"
#include "common/testing/status_matchers.h"

namespace sluice::fs {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("replaced files have other bytes, and all else is as it was", "[fs]") {
  auto base = std::make_shared<MemoryTree>();
  REQUIRE_THAT(base->AddFile("a/secret.env", "encrypted"), IsOk());
  REQUIRE_THAT(base->AddFile("a/other", "other"), IsOk());
  Replacements files;
  files["a/secret.env"] = Secret("plain");
  const ReplacedFiles tree(base, std::move(files));
  CHECK(tree.Read("a/secret.env").value() == "plain");
  CHECK(tree.Read("a/other").value() == "other");
  CHECK(tree.Stat("a/secret.env")->size == 5);
  CHECK(tree.Stat("a/other")->size == 5);
  const auto entries = tree.List("a").value();
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].name == "secret.env");
  CHECK(entries[1].size == 5);
  std::string pieces;
  CHECK_THAT(tree.ReadPieces("a/secret.env",
                             [&](absl::string_view bytes) {
                               pieces.append(bytes.data(), bytes.size());
                               return absl::OkStatus();
                             }),
             IsOk());
  CHECK(pieces == "plain");
  CHECK_THAT(tree.Read("a/secret.env", 4).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "a/secret.env"));
  CHECK_FALSE(tree.Read("a/missing").ok());
  CHECK_FALSE(tree.Stat("missing").ok());
  CHECK_FALSE(tree.ReadLink("a/secret.env").ok());
}

}  // namespace
}  // namespace sluice::fs
