// SPDX-License-Identifier: Apache-2.0
#include "common/sharding/shares.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"

namespace sluice::sharding {
namespace {

constexpr char kKind[] = "Kustomization";
const Context& Ctx() {
  static const Context ctx = Context::Background();
  return ctx;
}

// An object that each of the sets gives to `owner`.
kube::ObjectKey ObjectOf(const std::string& owner, const std::vector<Replicas>& sets) {
  const Share share(owner, sets);
  for (int i = 0; i < 1000; ++i) {
    kube::ObjectKey object = {"default", absl::StrCat("app-", i)};
    if (share.Owns(kKind, object)) return object;
  }
  FAIL("no object belongs to " << owner);
  return {};
}

TEST_CASE("an object is this replica's while every set gives it to this one", "[sharding]") {
  testing::FakeClock clock;
  Shares shares(clock);
  const Replicas one({"a"}), both({"a", "b"});
  const kube::ObjectKey stays = ObjectOf("a", {both});
  const kube::ObjectKey moves = ObjectOf("b", {both});
  const absl::Time until = clock.Now() + absl::Seconds(1);

  CHECK(shares.Begin(Ctx(), kKind, stays) == nullptr);  // nobody said so yet
  shares.Set(Share("a", {one}), until);
  CHECK(shares.Begin(Ctx(), kKind, stays) != nullptr);
  CHECK(shares.Begin(Ctx(), kKind, moves) != nullptr);

  shares.Set(Share("a", {one, both}), until);
  CHECK(shares.Begin(Ctx(), kKind, stays) != nullptr);
  CHECK(shares.Begin(Ctx(), kKind, moves) == nullptr);

  clock.Advance(absl::Seconds(1));
  CHECK(shares.Begin(Ctx(), kKind, stays) == nullptr);
  shares.Extend(clock.Now() + absl::Seconds(1));
  CHECK(shares.Begin(Ctx(), kKind, stays) != nullptr);
}

TEST_CASE("work on what another replica gets is seen, and cancelled when asked", "[sharding]") {
  testing::FakeClock clock;
  Shares shares(clock);
  const Replicas one({"a"}), both({"a", "b"});
  shares.Set(Share("a", {one}), absl::InfiniteFuture());
  auto stays = shares.Begin(Ctx(), kKind, ObjectOf("a", {both}));
  auto moves = shares.Begin(Ctx(), kKind, ObjectOf("b", {both}));
  const Share next("a", {both});

  CHECK(shares.Outside(next, /*cancel=*/false) == 1);
  CHECK_FALSE(moves->context().cancelled());
  CHECK(shares.Outside(next, /*cancel=*/true) == 1);
  CHECK(moves->context().cancelled());
  CHECK_FALSE(stays->context().cancelled());
  moves.reset();
  CHECK(shares.Outside(next, /*cancel=*/false) == 0);

  shares.Set(Share(), absl::InfinitePast());
  CHECK(stays->context().cancelled());
  CHECK(shares.Outside(Share(), /*cancel=*/false) == 1);
}

TEST_CASE("a change of the share is told, a longer time is not", "[sharding]") {
  testing::FakeClock clock;
  Shares shares(clock);
  std::vector<std::string> told;
  const kube::ObjectKey object = ObjectOf("a", {Replicas({"a", "b"})});
  shares.Add(&told, [&](const Share& before, const Share& now) {
    told.push_back(absl::StrCat(before.Owns(kKind, object), now.Owns(kKind, object)));
  });
  shares.Set(Share("a", {Replicas({"a"})}), absl::InfiniteFuture());
  shares.Set(Share("a", {Replicas({"a"}), Replicas({"a"})}), absl::InfiniteFuture());
  shares.Extend(absl::InfiniteFuture());
  shares.Set(Share("a", {Replicas({"a", "b"})}), absl::InfiniteFuture());
  shares.Set(Share(), absl::InfinitePast());
  CHECK(told == std::vector<std::string>{"01", "11", "10"});
}

}  // namespace
}  // namespace sluice::sharding
