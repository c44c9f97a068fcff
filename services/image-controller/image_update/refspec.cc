// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/refspec.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/git/advertisement.h"

namespace sluice::image_controller {
namespace {

constexpr absl::string_view kHeads = "refs/heads/";

// What "*" stands for where `pattern` is to be `name`; false if it is not.
bool Matches(absl::string_view pattern, absl::string_view name, absl::string_view& star) {
  const size_t at = pattern.find('*');
  const absl::string_view before = pattern.substr(0, at);
  const absl::string_view after = pattern.substr(at + 1);
  if (name.size() < before.size() + after.size() || !absl::ConsumePrefix(&name, before) ||
      !absl::ConsumeSuffix(&name, after)) {
    return false;
  }
  star = name;
  return true;
}

}  // namespace

absl::StatusOr<Refspec> ParseRefspec(absl::string_view text, absl::string_view branch) {
  const auto refuse = [text](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("refspec '", text, "': ", why));
  };
  absl::string_view rest = text;
  Refspec result;
  result.force = absl::ConsumePrefix(&rest, "+");
  const size_t colon = rest.find(':');
  const absl::string_view source = rest.substr(0, colon);
  const std::string full = absl::StrCat(kHeads, branch);
  result.target = colon == absl::string_view::npos ? full : std::string(rest.substr(colon + 1));
  if (source.find('*') != absl::string_view::npos) {
    absl::string_view star;
    const size_t place = result.target.find('*');
    if (!Matches(source, full, star) || place == std::string::npos) {
      return refuse(absl::StrCat("it does not name the branch '", branch, "' that is pushed"));
    }
    result.target =
        absl::StrCat(result.target.substr(0, place), star, result.target.substr(place + 1));
  } else if (source != "HEAD" && source != branch && source != full) {
    return refuse(absl::StrCat("its source must be the branch '", branch, "' that is pushed"));
  }
  if (!absl::StartsWith(result.target, "refs/")) {
    result.target = absl::StrCat(kHeads, result.target);
  }
  if (!git::IsValidRefName(result.target)) return refuse("its target is not a reference name");
  return result;
}

}  // namespace sluice::image_controller
