// SPDX-License-Identifier: Apache-2.0
#include "common/template_environment/system_environment.h"

#include <catch2/catch.hpp>

#include "common/template_environment/resolving_environment.h"

namespace sluice::template_environment {
namespace {

TEST_CASE("time zones are found by name, and no other file", "[template_environment]") {
  SystemEnvironment environment;
  CHECK(environment.FindTimeZone("Europe/Berlin").has_value());
  for (const char* name :
       {"", "Nowhere/Town", "../UTC", "/etc/localtime", "Europe/../UTC", "a:b"}) {
    CAPTURE(name);
    CHECK_FALSE(environment.FindTimeZone(name).has_value());
  }
}

TEST_CASE("random bytes come in the number asked for and differ", "[template_environment]") {
  SystemEnvironment environment;
  const std::string first = environment.RandomBytes(32);
  CHECK(first.size() == 32);
  CHECK(first != environment.RandomBytes(32));
}

TEST_CASE("hosts are looked up only where that is allowed", "[template_environment]") {
  CHECK_FALSE(SystemEnvironment().FindAddresses("localhost").has_value());
  const auto addresses = ResolvingEnvironment().FindAddresses("127.0.0.1");
  REQUIRE(addresses.has_value());
  CHECK(*addresses == std::vector<std::string>{"127.0.0.1"});
}

TEST_CASE("the clock goes", "[template_environment]") {
  CHECK(SystemEnvironment().Now() > absl::FromUnixSeconds(1'700'000'000));
}

}  // namespace
}  // namespace sluice::template_environment
