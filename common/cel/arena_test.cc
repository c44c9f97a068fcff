// SPDX-License-Identifier: Apache-2.0
#include "common/cel/arena.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

namespace sluice::cel {
namespace {

TEST_CASE("an arena aligns what it gives, and destroys it", "[cel][arena]") {
  struct Counted {
    int* count;
    ~Counted() { ++*count; }
  };
  struct alignas(16) Wide {
    char bytes[16];
  };
  int destroyed = 0;
  {
    Arena arena(1 << 20);
    for (int i = 0; i < 1000; ++i) {
      arena.Copy("x");
      const auto address = reinterpret_cast<uintptr_t>(arena.New<Wide>());
      CHECK(address % alignof(Wide) == 0);
      arena.New<Counted>(&destroyed);
    }
    CHECK(destroyed == 0);
  }
  CHECK(destroyed == 1000);
}

TEST_CASE("an arena knows when its limit is reached", "[cel][arena]") {
  Arena arena(64);
  CHECK(arena.Fits(64));
  CHECK_FALSE(arena.Fits(65));
  CHECK(arena.Copy(std::string(64, 'a')).size() == 64);
  CHECK_FALSE(arena.exhausted());
  // What goes beyond is given all the same.
  CHECK(arena.Copy("b") == "b");
  CHECK(arena.exhausted());
  CHECK_FALSE(arena.Fits(1));
}

}  // namespace
}  // namespace sluice::cel
