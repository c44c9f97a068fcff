// SPDX-License-Identifier: Apache-2.0
#include "common/helm/chart_cache.h"

#include <catch2/catch.hpp>

#include "common/helm/loader.h"
#include "common/testing/status_matchers.h"

namespace sluice::helm {
namespace {

using ::sluice::testing::StatusIs;

absl::StatusOr<std::shared_ptr<const Chart>> Load() {
  return LoadFiles(
      {{"Chart.yaml", "name: c\nversion: 1.0.0\n"}, {"README", std::string(100, 'x')}});
}

TEST_CASE("a chart is loaded once for each digest and dialect", "[helm]") {
  ChartCache cache;
  int loads = 0;
  const auto load = [&] {
    ++loads;
    return Load();
  };
  const auto first = cache.Get("a", Dialect::kHelm4, load).value();
  CHECK(cache.Get("a", Dialect::kHelm4, load).value() == first);
  CHECK(cache.Get("a", Dialect::kHelm3, load).value() != first);
  CHECK(cache.Get("b", Dialect::kHelm4, load).value() != first);
  CHECK(loads == 3);
}

TEST_CASE("charts used longest ago are dropped, errors are not kept", "[helm]") {
  ChartCache cache(2);
  for (const char* digest : {"a", "b", "a", "c"}) REQUIRE(cache.Get(digest, {}, Load).ok());
  CHECK(cache.size() == 2);
  const auto fail = []() -> absl::StatusOr<std::shared_ptr<const Chart>> {
    return absl::NotFoundError("no chart");
  };
  CHECK(cache.Get("a", {}, fail).ok());
  CHECK_THAT(cache.Get("b", {}, fail).status(), StatusIs(absl::StatusCode::kNotFound, "no chart"));
  CHECK(cache.Get("b", {}, Load).ok());

  ChartCache small(10, 150);
  REQUIRE(small.Get("a", {}, Load).ok());
  REQUIRE(small.Get("b", {}, Load).ok());
  CHECK(small.size() == 1);
}

}  // namespace
}  // namespace sluice::helm
