// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/setters.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/status_matchers.h"

namespace sluice::image_setters {
namespace {

using ::sluice::testing::StatusIs;

Setters TestSetters() {
  Setters setters;
  AddPolicy("apps", "app", {"registry.example/team/app", "1.2.3", ""}, setters);
  std::string digest = "sha256:";
  for (int i = 0; i < 16; ++i) digest += "9b6a";
  AddPolicy("apps", "pinned", {"ghcr.io/acme/pinned", "v2.0.0", digest}, setters);
  AddPolicy("apps", "date", {"reg.example/date", "20240101", ""}, setters);
  AddPolicy("apps", "port", {"localhost:5000/port/app", "7-alpine", ""}, setters);
  const std::pair<const char*, const char*> typed[] = {{"float", "1.10"},
                                                       {"exponent", "1e10"},
                                                       {"yes", "yes"},
                                                       {"on", "on"},
                                                       {"no", "No"},
                                                       {"null", "null"},
                                                       {"hex", "0x1f"},
                                                       {"underscores", "1_000"},
                                                       {"timestamp", "2024-01-02"},
                                                       {"octal", "0755"},
                                                       {"sexagesimal", "1:30"},
                                                       {"infinity", ".inf"},
                                                       {"minus", "-91"},
                                                       {"binary", "0b11"},
                                                       {"letter-y", "y"}};
  for (const auto& [policy, tag] : typed)
    AddPolicy("apps", policy, {"reg.example/x", tag, ""}, setters);
  return setters;
}

struct Case {
  std::string name;
  std::string before;
  std::string after;
};

// "a«b⇒c»d" as abd and acd.
Case Expand(std::string name, absl::string_view text) {
  Case result{.name = std::move(name), .before = "", .after = ""};
  while (!text.empty()) {
    const size_t open = std::min(text.find("«"), text.size());
    absl::StrAppend(&result.before, text.substr(0, open));
    absl::StrAppend(&result.after, text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) break;
    const size_t arrow = text.find("⇒");
    const size_t close = text.find("»");
    REQUIRE(arrow < close);
    absl::StrAppend(&result.before, text.substr(2, arrow - 2));
    absl::StrAppend(&result.after, text.substr(arrow + 3, close - arrow - 3));
    text.remove_prefix(close + 2);
  }
  return result;
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const auto& file : std::filesystem::directory_iterator("common/image_setters/testdata")) {
    if (file.path().extension() != ".yaml") continue;
    std::ifstream stream(file.path(), std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    cases.push_back(Expand(file.path().stem().string(), text.str()));
  }
  return cases;
}

TEST_CASE("what a policy sets changes and not a byte more", "[image_setters]") {
  const Setters setters = TestSetters();
  const std::vector<Case> cases = Cases();
  CHECK(cases.size() >= 80);
  for (const Case& row : cases) {
    CAPTURE(row.name);
    const auto edited = ApplySetters(row.before, setters);
    if (row.name == "not-yaml") {
      CHECK_THAT(edited.status(), StatusIs(absl::StatusCode::kInvalidArgument, "yaml: "));
      continue;
    }
    CHECK_THAT(edited.status(), testing::IsOk());
    if (!edited.ok()) continue;
    CHECK(edited->has_value() == (row.before != row.after));
    CHECK((edited->has_value() ? (*edited)->content : row.before) == row.after);
    // Once more changes nothing.
    const auto again = ApplySetters(row.after, setters);
    CHECK_THAT(again.status(), testing::IsOk());
    CHECK(again.ok());
    if (again.ok()) CHECK_FALSE(again->has_value());
  }
}

TEST_CASE("every case holds with other line ends and inside a longer file", "[image_setters]") {
  const Setters setters = TestSetters();
  for (const Case& row : Cases()) {
    const bool odd_start = absl::StartsWith(row.before, "%") ||
                           absl::StartsWith(row.before, "\xEF\xBB\xBF") || row.name == "not-yaml";
    if (odd_start || absl::StrContains(row.before, "\r")) continue;
    CAPTURE(row.name);
    const auto windows = [](absl::string_view text) {
      return absl::StrReplaceAll(text, {{"\n", "\r\n"}});
    };
    const auto crlf = ApplySetters(windows(row.before), setters);
    CHECK_THAT(crlf.status(), testing::IsOk());
    if (crlf.ok() && crlf->has_value()) CHECK((*crlf)->content == windows(row.after));

    const std::string head = "first: {a: 1}   # one\n---\n";
    const std::string tail = "\n---\nlast:   'x'\n";
    const auto longer = ApplySetters(absl::StrCat(head, row.before, tail), setters);
    CHECK_THAT(longer.status(), testing::IsOk());
    if (!longer.ok()) continue;
    CHECK(longer->has_value() == (row.before != row.after));
    if (longer->has_value()) CHECK((*longer)->content == absl::StrCat(head, row.after, tail));
  }
}

TEST_CASE("a change tells its object, both values and the marker", "[image_setters]") {
  const auto edited = ApplySetters(R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  image: old:1 # {"$imagepolicy": "apps:app"}
  tag: 1.0.0 # {"$imagepolicy": "apps:app:tag"}
---
tag: x # {"$imagepolicy": "apps:app:tag"}
---
apiVersion: v1
kind: List
items:
- kind: Pod
  metadata: {name: a}
  tag: y # {"$imagepolicy": "apps:app:tag"}
)",
                                   TestSetters());
  REQUIRE(edited.ok());
  REQUIRE(edited->has_value());
  const ObjectChanges& changes = (*edited)->changes;
  REQUIRE(changes.size() == 3);
  CHECK(changes.at({"apps/v1", "Deployment", "web", "prod"}) ==
        std::vector<Change>{{"old:1", "registry.example/team/app:1.2.3", "apps:app"},
                            {"1.0.0", "1.2.3", "apps:app:tag"}});
  CHECK(changes.at({"", "", "", ""}) == std::vector<Change>{{"x", "1.2.3", "apps:app:tag"}});
  CHECK(changes.at({"", "Pod", "a", ""}) == std::vector<Change>{{"y", "1.2.3", "apps:app:tag"}});
}

}  // namespace
}  // namespace sluice::image_setters
