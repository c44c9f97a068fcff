// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/verify.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::source_controller {
namespace {

constexpr char kHead[] = "HEAD";
constexpr char kTag[] = "Tag";
constexpr char kTagAndHead[] = "TagAndHEAD";

bool CoversTag(absl::string_view mode) { return mode == kTag || mode == kTagAndHead; }
bool CoversHead(absl::string_view mode) { return mode == kHead || mode == kTagAndHead; }

// The line of the message that tells of the tag.
absl::StatusOr<std::string> VerifyTag(const GitCheckout& checkout,
                                      const signature::TrustedKeys& keys, absl::Time now) {
  absl::string_view name = checkout.reference;
  if (!absl::ConsumePrefix(&name, "refs/tags/")) {
    return api::WithReason(
        absl::FailedPreconditionError(
            "cannot verify tag object's signature if a tag reference is not specified"),
        kInvalidVerificationMode);
  }
  const std::string shown = checkout.tag.has_value() ? absl::StrCat("'", checkout.tag->name, "@",
                                                                    checkout.tag->id.Hex(), "'")
                                                     : absl::StrCat("'", name, "'");
  if (!checkout.tag.has_value() || checkout.tag->signature.empty()) {
    return api::WithReason(
        absl::FailedPreconditionError(
            absl::StrCat("cannot verify signature of tag ", shown, " since it is not signed")),
        "InvalidGitObject");
  }
  const auto key = signature::VerifyGitSignature("Git tag", checkout.tag->signature,
                                                 checkout.tag->payload, keys, now);
  if (!key.ok()) {
    return api::WithReason(
        Annotate(key.status(), absl::StrCat("signature verification of tag ", shown, " failed")),
        "InvalidTagSignature");
  }
  return absl::StrCat("\n\t- tag ", shown, " with key '", *key, "'");
}

absl::StatusOr<std::string> VerifyHead(const git::Commit& commit,
                                       const signature::TrustedKeys& keys, absl::Time now) {
  const std::string shown = absl::StrCat("'", commit.id.Hex(), "'");
  const auto key =
      signature::VerifyGitSignature("Git commit", commit.signature, commit.payload, keys, now);
  if (!key.ok()) {
    return api::WithReason(
        Annotate(key.status(), absl::StrCat("signature verification of commit ", shown, " failed")),
        "InvalidCommitSignature");
  }
  return absl::StrCat("\n\t- commit ", shown, " with key '", *key, "'");
}

}  // namespace

absl::string_view VerificationMode(absl::string_view spec_mode) {
  return CoversTag(spec_mode) ? spec_mode : absl::string_view(kHead);
}

bool VerificationRequired(absl::string_view mode, absl::string_view observed_mode) {
  return (CoversHead(mode) && !CoversHead(observed_mode)) ||
         (CoversTag(mode) && !CoversTag(observed_mode));
}

absl::StatusOr<std::string> VerifyCheckout(absl::string_view mode, const GitCheckout& checkout,
                                           const signature::TrustedKeys& keys, absl::Time now) {
  std::string message = "verified signature of";
  if (CoversTag(mode)) {
    ASSIGN_OR_RETURN(const std::string line, VerifyTag(checkout, keys, now));
    message += line;
  }
  if (CoversHead(mode)) {
    ASSIGN_OR_RETURN(const std::string line, VerifyHead(checkout.head, keys, now));
    message += line;
  }
  return message;
}

}  // namespace sluice::source_controller
