// SPDX-License-Identifier: Apache-2.0
#include "common/kube/label_selector.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::kube {
namespace {

TEST_CASE("selectors match as kubectl's do", "[kube]") {
  const std::map<std::string, std::string> labels = {{"app", "web"}, {"env", "dev"}};
  struct Row {
    const char* selector;
    bool matches;
  };
  const Row rows[] = {
      {"", true},
      {"app=web", true},
      {"app==web, env=dev", true},
      {"app=api", false},
      {"app!=api", true},
      {"tier!=test", true},  // an absent label is unequal to everything
      {"app", true},
      {"tier", false},
      {"!tier", true},
      {"!app", false},
      {"env in (dev, prod)", true},
      {"env notin (dev,prod)", false},
      {"tier notin (x)", true},
      {"tier in (x),app=web", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    CHECK(LabelSelector::Parse(row.selector).value().Matches(labels) == row.matches);
  }
}

TEST_CASE("a selector that does not parse is quoted", "[kube]") {
  for (const char* text : {"=web", "a b", "app in dev", "app=web,", "env is (dev)", "!"}) {
    CAPTURE(text);
    CHECK_THAT(LabelSelector::Parse(text).status(),
               testing::StatusIs(absl::StatusCode::kInvalidArgument, "label requirement"));
  }
}

}  // namespace
}  // namespace sluice::kube
