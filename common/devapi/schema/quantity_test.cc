// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/quantity.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;

// Answers of resource.ParseQuantity and String, apimachinery 0.34.
TEST_CASE("a quantity takes its canonical form", "[devapi]") {
  struct Row {
    const char* text;
    const char* canonical;
  };
  const Row rows[] = {
      {"0", "0"},
      {"0e2147483647", "0"},
      {"1e-2147483648", "1e-9"},
      {"1", "1"},
      {"0.5", "500m"},
      {"1.5", "1500m"},
      {"1000m", "1"},
      {"1500m", "1500m"},
      {"1024Mi", "1Gi"},
      {"1000Mi", "1000Mi"},
      {"1.5Gi", "1536Mi"},
      {"0.5Gi", "512Mi"},
      {"1023Ki", "1023Ki"},
      {"1Ki", "1Ki"},
      {"0.5Ki", "512"},
      {"1e3", "1e3"},
      {"0.1Gi", "107374182400m"},
      {"1E3", "1E3"},
      {"12e-3", "12e-3"},
      {"1e21", "1e21"},
      {"1000k", "1M"},
      {"-1.50", "-1500m"},
      {"+5", "+5"},
      {".5", "500m"},
      {"5.", "5."},
      {"1u", "1u"},
      {"9E", "9E"},
      {"-0.1Gi", "-107374182400m"},
      {"10E", "10E"},
      {"100E3", "100E3"},
      {"0.0000000001", "1n"},
      {"Gi", "0"},
      {"1e-10", "1e-9"},
      {"0Mi", "0"},
      {"1.0000000005", "1000000001n"},
      {"1Ei", "1Ei"},
      {"1500Ki", "1500Ki"},
      {"123456789n", "123456789n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(CanonicalQuantity(row.text).value_or("refused") == row.canonical);
  }
}

TEST_CASE("text that is no quantity is refused", "[devapi]") {
  for (const char* text : {"", "x", "1x", "1.2.3", "1 Gi", "--5", "1e", "0x10", "1Kii", "1KI"}) {
    CAPTURE(text);
    CHECK_THAT(CanonicalQuantity(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument,
                        "quantities must match the regular expression"));
  }
}

TEST_CASE("quantities of different units compare by amount", "[devapi]") {
  CHECK(CompareQuantities("1Gi", "1G") == 1);
  CHECK(CompareQuantities("1000m", "1") == 0);
  CHECK(CompareQuantities("-1", "0") == -1);
  CHECK(CompareQuantities("0.5Ki", "513") == -1);
}

}  // namespace
}  // namespace sluice::devapi
