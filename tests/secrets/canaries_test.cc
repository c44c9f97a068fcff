// SPDX-License-Identifier: Apache-2.0
#include "tests/secrets/canaries.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace sluice::secrets {
namespace {

TEST_CASE("a canary is found in every form, and nothing else is", "[secrets]") {
  Canaries canaries;
  const std::string canary = canaries.New("path");
  const std::string other = Canaries().New("path");
  for (const std::string& text :
       {canary, absl::StrCat("user:", canary), canary.substr(0, 14), absl::BytesToHexString(canary),
        absl::Base64Escape(canary), absl::Base64Escape(absl::StrCat("u:", canary)),
        absl::Base64Escape(absl::StrCat("us:", canary)), absl::WebSafeBase64Escape(canary)}) {
    CAPTURE(text);
    CHECK(canaries.In(text) == std::vector<std::string>{"path"});
  }
  CHECK(canaries.In(absl::StrCat(other, absl::Base64Escape(other))).empty());
}

}  // namespace
}  // namespace sluice::secrets
