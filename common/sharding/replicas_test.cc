// SPDX-License-Identifier: Apache-2.0
#include "common/sharding/replicas.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace sluice::sharding {
namespace {

constexpr int kObjects = 10000;

kube::ObjectKey Object(int i) { return {absl::StrCat("team-", i % 7), absl::StrCat("app-", i)}; }

std::string OwnerOf(const Replicas& replicas, int i) {
  std::string owner;
  for (const std::string& name : replicas.names()) {
    if (!replicas.Owns(name, "Kustomization", Object(i))) continue;
    REQUIRE(owner.empty());  // never two
    owner = name;
  }
  REQUIRE(!owner.empty());
  return owner;
}

TEST_CASE("every object has one owner, and owners have equal parts", "[sharding]") {
  for (const int count : {1, 2, 3, 7}) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(absl::StrCat("replica-", i));
    const Replicas replicas(names);
    std::map<std::string, int> owned;
    for (int i = 0; i < kObjects; ++i) ++owned[OwnerOf(replicas, i)];
    INFO(count);
    for (const std::string& name : names) {
      CHECK(owned[name] > kObjects / count * 9 / 10);
      CHECK(owned[name] < kObjects / count * 11 / 10 + 1);
    }
  }
}

TEST_CASE("only what goes to a newcomer moves", "[sharding]") {
  const Replicas before({"a", "b", "c"});
  const Replicas after({"d", "c", "b", "a"});
  int moved = 0;
  for (int i = 0; i < kObjects; ++i) {
    const std::string then = OwnerOf(before, i);
    const std::string now = OwnerOf(after, i);
    if (then == now) continue;
    CHECK(now == "d");
    ++moved;
  }
  CHECK(moved > kObjects / 4 * 9 / 10);
  CHECK(moved < kObjects / 4 * 11 / 10);
}

TEST_CASE("who is not among the replicas owns nothing", "[sharding]") {
  CHECK_FALSE(Replicas({"a", "b"}).Owns("c", "Kustomization", Object(1)));
  CHECK_FALSE(Replicas().Owns("a", "Kustomization", Object(1)));
  CHECK(Replicas({"b", "a", "b"}) == Replicas({"a", "b"}));
}

// Replicas of two versions work side by side during an upgrade, so these never change.
TEST_CASE("the hash is the same in every version", "[sharding]") {
  const Replicas replicas({"a", "b", "c"});
  std::string owners;
  for (int i = 0; i < 24; ++i) owners += OwnerOf(replicas, i);
  CHECK(owners == "ccacbbbbacacbbcbabacaaaa");
}

}  // namespace
}  // namespace sluice::sharding
