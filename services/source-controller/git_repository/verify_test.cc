// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/verify.h"

#include <catch2/catch.hpp>

#include "common/api/meta/reason.h"

namespace sluice::source_controller {
namespace {

TEST_CASE("more is verified than before, or nothing anew", "[git_repository]") {
  struct Row {
    const char *spec, *observed;
    bool required;
  };
  const Row rows[] = {{"HEAD", "", true},
                      {"head", "", true},
                      {"", "", true},
                      {"Tag", "", true},
                      {"HEAD", "HEAD", false},
                      {"head", "HEAD", false},
                      {"HEAD", "Tag", true},
                      {"HEAD", "TagAndHEAD", false},
                      {"Tag", "HEAD", true},
                      {"Tag", "TagAndHEAD", false},
                      {"TagAndHEAD", "HEAD", true},
                      {"TagAndHEAD", "Tag", true},
                      {"TagAndHEAD", "TagAndHEAD", false}};
  for (const Row& row : rows) {
    CAPTURE(row.spec, row.observed);
    CHECK(VerificationRequired(VerificationMode(row.spec), row.observed) == row.required);
  }
}

TEST_CASE("a mode that does not fit the reference, and what is unsigned, have their reasons",
          "[git_repository]") {
  GitCheckout branch;
  branch.reference = "refs/heads/main";
  GitCheckout lightweight;
  lightweight.reference = "refs/tags/v1";
  GitCheckout unsigned_tag = lightweight;
  unsigned_tag.tag.emplace();
  unsigned_tag.tag->name = "v1";
  GitCheckout odd_tag = unsigned_tag;
  odd_tag.tag->signature = "signed, me";
  struct Row {
    const char* mode;
    const GitCheckout& checkout;
    const char *reason, *message;
  };
  const std::string zeros(40, '0');
  const Row rows[] = {
      {"Tag", branch, "InvalidVerificationMode",
       "cannot verify tag object's signature if a tag reference is not specified"},
      {"TagAndHEAD", branch, "InvalidVerificationMode", "cannot verify tag object's"},
      {"Tag", lightweight, "InvalidGitObject",
       "cannot verify signature of tag 'v1' since it is not signed"},
      {"TagAndHEAD", unsigned_tag, "InvalidGitObject", "cannot verify signature of tag 'v1@0000"},
      {"Tag", odd_tag, "InvalidTagSignature", "signature verification of tag 'v1@0000"},
      {"HEAD", branch, "InvalidCommitSignature",
       "signature verification of commit '0000000000000000000000000000000000000000' failed: "
       "unsupported signature type: empty"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.mode, row.message);
    const auto verified = VerifyCheckout(row.mode, row.checkout, {}, absl::UnixEpoch());
    REQUIRE_FALSE(verified.ok());
    CHECK(api::ReasonOf(verified.status(), "") == row.reason);
    CHECK_THAT(std::string(verified.status().message()), Catch::Matchers::StartsWith(row.message));
  }
}

}  // namespace
}  // namespace sluice::source_controller
