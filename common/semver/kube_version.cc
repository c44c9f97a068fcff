// SPDX-License-Identifier: Apache-2.0
#include "common/semver/kube_version.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/semver/version.h"
#include "common/text/quote.h"

namespace sluice::semver {
namespace {

// The digits, and the dots that have digits on both sides, at the front of `text`.
absl::string_view LeadingNumbers(absl::string_view text) {
  size_t end = 0;
  while (end < text.size()) {
    const bool dot =
        text[end] == '.' && end > 0 && end + 1 < text.size() && absl::ascii_isdigit(text[end + 1]);
    if (!absl::ascii_isdigit(text[end]) && !dot) break;
    ++end;
  }
  return text.substr(0, end);
}

}  // namespace

absl::StatusOr<KubeVersion> ParseKubeVersion(absl::string_view text) {
  if (text.size() > kMaxVersionBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("could not parse version: longer than ", kMaxVersionBytes, " bytes"));
  }
  absl::string_view rest = text;
  while (!rest.empty() && absl::StrContains(" \t\n\f\r", rest[0])) rest.remove_prefix(1);
  absl::ConsumePrefix(&rest, "v");
  const absl::string_view numbers = LeadingNumbers(rest);
  if (numbers.empty() || absl::StrContains(rest, '\n')) {
    return absl::InvalidArgumentError(
        absl::StrCat("could not parse ", text::Quote(text), " as version"));
  }
  const std::vector<absl::string_view> components = absl::StrSplit(numbers, '.');
  if (components.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat("illegal version string ", text::Quote(text)));
  }
  if (components[0].size() > 1 && components[0][0] == '0') {
    return absl::InvalidArgumentError(absl::StrCat("illegal zero-prefixed version component ",
                                                   text::Quote(components[0]), " in ",
                                                   text::Quote(text)));
  }
  std::vector<uint64_t> parsed;
  for (const absl::string_view component : components) {
    if (!absl::SimpleAtoi(component, &parsed.emplace_back())) {
      return absl::InvalidArgumentError(
          absl::StrCat("illegal non-numeric version component ", text::Quote(component), " in ",
                       text::Quote(text), ": strconv.ParseUint: parsing ", text::Quote(component),
                       ": value out of range"));
    }
  }
  return KubeVersion{.version = absl::StrCat("v", absl::StrJoin(parsed, ".")),
                     .major = absl::StrCat(parsed[0]),
                     .minor = absl::StrCat(parsed[1])};
}

}  // namespace sluice::semver
