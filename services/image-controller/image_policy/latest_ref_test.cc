// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_policy/latest_ref.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "services/image-controller/image_policy/repository_lookup.h"

namespace sluice::image_controller {
namespace {

using api::DigestReflection;
using api::ImageRef;

TEST_CASE("a digest is asked for where the policy says so", "[image_policy]") {
  struct Row {
    const char* name;
    DigestReflection reflection;
    std::optional<ImageRef> latest;
    bool needed;
    const char* known;
  };
  const ImageRef with = {"app", "1", "sha256:1"};
  const ImageRef without = {"app", "1", ""};
  using enum DigestReflection;
  const Row rows[] = {
      {"never", kNever, with, false, ""},
      {"never, first time", kNever, std::nullopt, false, ""},
      {"always", kAlways, with, true, "sha256:1"},
      {"if not present, first time", kIfNotPresent, std::nullopt, true, ""},
      {"if not present, present", kIfNotPresent, with, false, "sha256:1"},
      {"if not present, absent", kIfNotPresent, without, true, ""},
      {"if not present, another tag", kIfNotPresent, ImageRef{"app", "0", "sha256:0"}, true,
       "sha256:0"},
      {"if not present, another name", kIfNotPresent, ImageRef{"old", "1", "sha256:0"}, true,
       "sha256:0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(NeedsDigest(row.reflection, row.latest, without) == row.needed);
    CHECK(KnownDigest(row.reflection, row.latest) == row.known);
  }
}

TEST_CASE("the previous reference is told of while it differs", "[image_policy]") {
  api::ImagePolicyStatus status;
  Advance({"reg.example/app", "1", ""}, status);
  CHECK(ResolvedMessage(status) == "Latest image tag for reg.example/app resolved to 1");
  CHECK_FALSE(status.observed_previous_ref.has_value());
  Advance({"reg.example/app", "1", ""}, status);
  CHECK_FALSE(status.observed_previous_ref.has_value());
  Advance({"reg.example/app", "1", "sha256:a"}, status);
  CHECK(ResolvedMessage(status) ==
        "Latest image tag for reg.example/app resolved to 1 with digest sha256:a (previously "
        "reg.example/app:1)");
  Advance({"reg.example/app", "2", "sha256:b"}, status);
  CHECK(ResolvedMessage(status) ==
        "Latest image tag for reg.example/app resolved to 2 with digest sha256:b (previously "
        "reg.example/app:1@sha256:a)");
  status.observed_previous_ref = status.latest_ref;
  CHECK(ResolvedMessage(status) ==
        "Latest image tag for reg.example/app resolved to 2 with digest sha256:b");
}

TEST_CASE("a namespace is admitted by any of the selectors, all its labels together",
          "[image_policy]") {
  const std::map<std::string, std::string> labels = {{"team", "a"}, {"tier", "prod"}};
  struct Row {
    const char* name;
    api::AccessFrom access;
    bool admitted;
  };
  const Row rows[] = {
      {"none", {{}}, false},
      {"everybody", {{{}}}, true},
      {"a label", {{{{"team", "a"}}}}, true},
      {"another value", {{{{"team", "b"}}}}, false},
      {"one missing of two", {{{{"team", "a"}, {"x", "y"}}}}, false},
      {"the second selector", {{{{"x", "y"}}, {{"tier", "prod"}, {"team", "a"}}}}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    api::AccessFrom access = row.access;
    if (std::string(row.name) == "none") access.namespace_selectors.clear();
    CHECK(Admits(access, labels) == row.admitted);
  }
}

}  // namespace
}  // namespace sluice::image_controller
