// SPDX-License-Identifier: Apache-2.0
#include "common/sops/data_key.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/sops/shamir.h"

namespace sluice::sops {
namespace {

constexpr size_t kDataKeyBytes = 32;
constexpr size_t kErrorWidth = 60;
constexpr size_t kTrailerWidth = 75;
constexpr size_t kMaxExplanation = 8192;

// Broken at blanks into lines of up to `width` characters.
std::string Wrap(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::string current;
    for (const absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      if (!current.empty() && current.size() + 1 + word.size() > width) {
        lines.push_back(std::exchange(current, ""));
      }
      absl::StrAppend(&current, current.empty() ? "" : " ", word);
    }
    lines.push_back(std::move(current));
  }
  return absl::StrJoin(lines, "\n");
}

std::string Prefixed(absl::string_view text, absl::string_view prefix) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", prefix, line);
  }
  return out;
}

std::string KeyReport(const MasterKey& key, const absl::Status& error) {
  std::string reason = Prefixed(Wrap(error.message(), kErrorWidth), "  | ");
  reason[0] = '-';
  return absl::StrCat(key.Name(), ": FAILED\n", Prefixed(reason, "  "));
}

struct GroupResult {
  absl::StatusOr<Secret> share = absl::UnknownError("");
  std::string report;
};

GroupResult DecryptGroup(const Context& ctx, const KeyGroup& group, KeyService& service) {
  std::vector<std::string> reports;
  for (const MasterKey& key : group) {
    GroupResult result;
    result.share = service.Decrypt(ctx, key);
    if (result.share.ok()) return result;
    if (const absl::Status ended = ctx.Check(); !ended.ok()) {
      result.share = ended;
      return result;
    }
    reports.push_back(KeyReport(key, result.share.status()));
  }
  GroupResult failed;
  failed.report = absl::StrJoin(reports, "\n\n");
  return failed;
}

absl::Status TooFew(const Metadata& metadata, const std::vector<std::string>& reports,
                    size_t successes) {
  const std::string trailer =
      metadata.shamir_threshold == 0
          ? "Recovery failed because no master key was able to decrypt the file. In order for SOPS "
            "to recover the file, at least one key has to be successful, but none were."
          : absl::StrCat(
                "Recovery failed because the file was encrypted with a Shamir threshold of ",
                metadata.shamir_threshold, ", but only ", successes,
                " part(s) were successfully recovered, one for each successful key group. In order "
                "for SOPS to recover the file, at least ",
                metadata.shamir_threshold,
                " groups have to be successful. In order for a group to be successful, decryption "
                "has to succeed with any of the keys in that key group.");
  std::string groups = absl::StrJoin(reports, "\n\n");
  if (groups.size() > kMaxExplanation) {
    groups.resize(kMaxExplanation);
    groups += "...";
  }
  return absl::PermissionDeniedError(
      absl::StrCat("Failed to get the data key required to decrypt the SOPS file.\n\n", groups,
                   "\n\n", Wrap(trailer, kTrailerWidth)));
}

}  // namespace

absl::StatusOr<Secret> RecoverDataKey(const Context& ctx, const Metadata& metadata,
                                      KeyService& service) {
  std::vector<Secret> shares;
  std::vector<std::string> reports;
  for (size_t i = 0; i < metadata.groups.size(); ++i) {
    GroupResult result = DecryptGroup(ctx, metadata.groups[i], service);
    RETURN_IF_ERROR(ctx.Check());
    if (result.share.ok()) {
      shares.push_back(*std::move(result.share));
      reports.push_back(absl::StrCat("Group ", i, ": SUCCESS"));
    } else {
      reports.push_back(absl::StrCat("Group ", i, ": FAILED\n", Prefixed(result.report, "  ")));
    }
  }
  const size_t needed =
      metadata.groups.size() > 1 ? std::max(metadata.shamir_threshold, size_t{1}) : 1;
  if (shares.size() < needed) return TooFew(metadata, reports, shares.size());
  Secret key = std::move(shares.front());
  if (metadata.groups.size() > 1) {
    shares.front() = std::move(key);
    auto combined = CombineShares(shares);
    if (!combined.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("could not get data key from shamir parts: ", combined.status().message()));
    }
    key = *std::move(combined);
  }
  if (key.Reveal().size() != kDataKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("crypto/aes: invalid key size ", key.Reveal().size()));
  }
  return key;
}

}  // namespace sluice::sops
