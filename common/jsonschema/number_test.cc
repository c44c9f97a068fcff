// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/number.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::jsonschema {
namespace {

Number Read(absl::string_view literal) { return Number::Parse(literal).value(); }

TEST_CASE("numbers are compared exactly", "[jsonschema]") {
  struct Row {
    const char* small;
    const char* large;
  };
  const Row rows[] = {
      {"0.1", "0.10000000000000000000000000000001"},
      {"9007199254740992", "9007199254740993"},
      {"-2", "-1"},
      {"-1", "0"},
      {"0", "1e-300"},
      {"1e300", "1e301"},
      {"99", "1e2"},
      {"-1e400", "-1e399"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.small, row.large);
    CHECK(Read(row.small).Compare(Read(row.large)) < 0);
    CHECK(Read(row.large).Compare(Read(row.small)) > 0);
    CHECK(Read(row.small).Key() != Read(row.large).Key());
  }
  for (const char* same : {"100", "1e2", "100.000", "0.01E+4", "1000e-1"}) {
    CAPTURE(same);
    CHECK(Read(same).Compare(Read("100")) == 0);
    CHECK(Read(same).Key() == Read("100").Key());
    CHECK(Read(same).IsInteger());
    CHECK(Read(same).LowBits() == 100);
  }
  CHECK(Read("-0.0").Compare(Number::Of(Value(0))) == 0);
  CHECK(Number::Of(Value(0.1)).Compare(Read("0.1")) == 0);
  CHECK_FALSE(Read("1.5").IsInteger());
}

TEST_CASE("multiples are exact", "[jsonschema]") {
  struct Row {
    const char* number;
    const char* divisor;
    bool whole;
  };
  const Row rows[] = {
      {"0.3", "0.1", true},
      {"1.1", "0.01", true},
      {"0.075", "0.01", false},
      {"0", "7", true},
      {"1e300", "7", false},
      {"7e300", "7", true},
      {"7", "7e1", false},
      {"-9", "3", true},
      {"1e22", "1e-22", true},
      {"4.5", "1.5", true},
      {"1e-300", "1e300", false},
      {"10", "4", false},
      {"100", "4", true},
      {"999999999999999999999999999999999999", "333333333333333333333333333333333333", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number, row.divisor);
    CHECK(Read(row.number).IsMultipleOf(Read(row.divisor)) == row.whole);
  }
}

TEST_CASE("numbers beyond reason are not read", "[jsonschema]") {
  CHECK(Number::Parse("1e2000").has_value());
  CHECK_FALSE(Number::Parse("1e2001").has_value());
  CHECK_FALSE(Number::Parse("1e99999999999999999999").has_value());
  CHECK(Number::Parse(std::string(1'000, '7')).has_value());
  CHECK_FALSE(Number::Parse(std::string(1'001, '7')).has_value());
  CHECK_FALSE(Number::Parse("x").has_value());
}

// As golang.org/x/text v0.38 prints %v of a float64.
TEST_CASE("numbers in messages are grouped and have raised exponents", "[jsonschema]") {
  struct Row {
    const char* literal;
    const char* text;
  };
  const Row rows[] = {
      {"0", "0"},
      {"-5", "-5"},
      {"1000", "1,000"},
      {"999999.5", "999,999.5"},
      {"1234567", "1.234567×10⁰⁶"},
      {"1e6", "1×10⁰⁶"},
      {"0.0001", "0.0001"},
      {"0.00001", "1×10⁻⁰⁵"},
      {"-1234.5678", "-1,234.5678"},
      {"123456789012345678", "1.2345678901234568×10¹⁷"},
      {"1e-320", "1×10⁻³²⁰"},
      {"1e400", "∞"},
  };
  for (const Row& row : rows) CHECK(Read(row.literal).ForMessage() == row.text);
  CHECK(CountForMessage(0) == "0");
  CHECK(CountForMessage(999) == "999");
  CHECK(CountForMessage(-1234567) == "-1,234,567");
}

}  // namespace
}  // namespace sluice::jsonschema
