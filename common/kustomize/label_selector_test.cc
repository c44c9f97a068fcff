// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/label_selector.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("label selectors select", "[kustomize]") {
  const TextMap labels = {{"app", "web"}, {"n", "5"}};
  struct Row {
    const char* selector;
    bool matches;
  };
  const Row rows[] = {
      {"", true},
      {"app=web", true},
      {"app == web, n = 5", true},
      {"app!=web", false},
      {"other!=web", true},
      {"app in (db, web)", true},
      {"app notin (db, web)", false},
      {"other notin (db)", true},
      {"app", true},
      {"!app", false},
      {"!other", true},
      {"n>4", true},
      {"n<5", false},
      {"app>4", false},
      {"app=", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    CHECK(LabelSelector::Parse(row.selector).value().Matches(labels) == row.matches);
  }
}

TEST_CASE("what is no label selector is refused", "[kustomize]") {
  for (const char* text : {"app=web,", "app in web", "app in (web", "=web", "a b", "a=b c",
                           "app=_x", "a/b/c=d", "n>x", "!a=b"}) {
    CAPTURE(text);
    CHECK_THAT(LabelSelector::Parse(text).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace sluice::kustomize
