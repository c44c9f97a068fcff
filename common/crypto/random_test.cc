// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/random.h"

#include <catch2/catch.hpp>
#include <set>

namespace sluice::crypto {
namespace {

TEST_CASE("random bytes have the size asked for and do not repeat", "[crypto]") {
  CHECK(RandomBytes(0).empty());
  CHECK(RandomBytes(33).size() == 33);
  CHECK(RandomBytes(16) != RandomBytes(16));
  CHECK(RandomHex(8).size() == 16);
  CHECK(RandomHex(8).find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("a UUID carries version 4 and the RFC 4122 variant", "[crypto]") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = RandomUuid();
    CAPTURE(uuid);
    REQUIRE(uuid.size() == 36);
    for (size_t dash : {8, 13, 18, 23}) CHECK(uuid[dash] == '-');
    CHECK(uuid[14] == '4');
    CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
    CHECK(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace sluice::crypto
