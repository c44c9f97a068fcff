// SPDX-License-Identifier: Apache-2.0
#include "common/base/secret.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice {
namespace {

// Longer than what a string holds without allocating.
const char* const kText = "a private key of more than sixteen bytes";

TEST_CASE("a secret's memory is wiped when it moves on or is replaced", "[base]") {
  Secret secret{std::string(kText)};
  // Of the memory that `secret` keeps.
  const absl::string_view bytes = secret.Reveal();
  const std::string wiped(bytes.size(), '\0');
  SECTION("moved from") {
    const Secret other = std::move(secret);
    CHECK(other.Reveal() == kText);
  }
  SECTION("moved from by assignment") {
    Secret other(std::string("before"));
    other = std::move(secret);
    CHECK(other.Reveal() == kText);
  }
  SECTION("replaced") { secret = Secret(); }
  CHECK(bytes == wiped);
}

TEST_CASE("a secret's memory is wiped when it goes", "[base]") {
  alignas(Secret) unsigned char place[sizeof(Secret)];
  // Short enough to stand in the object itself.
  Secret* const secret = new (place) Secret(std::string("short"));
  const absl::string_view object(reinterpret_cast<const char*>(place), sizeof(place));
  REQUIRE(object.find("short") != absl::string_view::npos);
  std::destroy_at(secret);
  // Through a volatile view: the compiler may think that nobody looks.
  std::string left;
  for (size_t i = 0; i < sizeof(place); ++i) {
    left += static_cast<char>(static_cast<volatile unsigned char*>(place)[i]);
  }
  CHECK(left.find("short") == std::string::npos);
}

}  // namespace
}  // namespace sluice
