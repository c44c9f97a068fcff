// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/selector.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("patterns match the whole text", "[kustomize]") {
  struct Row {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Row rows[] = {
      {"", "anything", true},   {"web", "web", true},     {"web", "web-2", false},
      {"web.*", "web-2", true}, {"^web$", "web", true},   {"a|b", "b", true},
      {"a|b", "ab", false},     {"we[a-c]", "web", true}, {"(?i)WEB", "web", true},
      {"w.b", "w\nb", false},   {"a.b", "a.b", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.text);
    CHECK(AnchoredPattern::Compile(row.pattern).value().Matches(row.text) == row.matches);
  }
  CHECK_THAT(AnchoredPattern::Compile("a(").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "a("));
}

}  // namespace
}  // namespace sluice::kustomize
