// SPDX-License-Identifier: Apache-2.0
#include "common/semver/version.h"

#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/semver/syntax.h"
#include "common/text/quote.h"

namespace sluice::semver {
namespace {

absl::Status Invalid(absl::string_view message) { return absl::InvalidArgumentError(message); }

bool IsNumeric(absl::string_view part) {
  for (const char c : part) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return true;
}

bool HasLeadingZero(absl::string_view part) { return part.size() > 1 && part[0] == '0'; }

// Go's strconv.ParseUint on a string of digits.
absl::StatusOr<uint64_t> ParseNumber(absl::string_view digits) {
  uint64_t number = 0;
  if (digits.empty()) return Invalid("strconv.ParseUint: parsing \"\": invalid syntax");
  if (!absl::SimpleAtoi(digits, &number)) {
    return Invalid(
        absl::StrCat("strconv.ParseUint: parsing ", text::Quote(digits), ": value out of range"));
  }
  return number;
}

bool IsIdentifier(absl::string_view part) {
  for (const char c : part) {
    if (!IsIdentifierCharacter(c)) return false;
  }
  return !part.empty();
}

absl::Status CheckPrerelease(absl::string_view prerelease) {
  for (const absl::string_view part : absl::StrSplit(prerelease, '.')) {
    if (!IsIdentifier(part)) return Invalid("invalid prerelease string");
    if (IsNumeric(part) && HasLeadingZero(part)) return Invalid("version segment starts with 0");
  }
  return absl::OkStatus();
}

absl::Status CheckMetadata(absl::string_view metadata) {
  for (const absl::string_view part : absl::StrSplit(metadata, '.')) {
    if (!IsIdentifier(part)) return Invalid("invalid metadata string");
  }
  return absl::OkStatus();
}

// Splits `text` at the first `separator`, if there is one.
std::optional<absl::string_view> CutOff(absl::string_view& text, char separator) {
  const size_t at = text.find(separator);
  if (at == absl::string_view::npos) return std::nullopt;
  const absl::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

std::weak_ordering CompareParts(absl::string_view a, absl::string_view b) {
  if (a == b) return std::weak_ordering::equivalent;
  if (a.empty()) return std::weak_ordering::less;
  if (b.empty()) return std::weak_ordering::greater;
  // A number that does not fit 64 bits counts as a word, as in the reference.
  uint64_t number_a = 0;
  uint64_t number_b = 0;
  const bool a_numeric = IsNumeric(a) && absl::SimpleAtoi(a, &number_a);
  const bool b_numeric = IsNumeric(b) && absl::SimpleAtoi(b, &number_b);
  if (a_numeric && b_numeric) return number_a <=> number_b;
  if (a_numeric) return std::weak_ordering::less;
  if (b_numeric) return std::weak_ordering::greater;
  return a < b ? std::weak_ordering::less : std::weak_ordering::greater;
}

}  // namespace

absl::StatusOr<Version> Version::Parse(absl::string_view text) {
  if (text.size() > kMaxVersionBytes) return Invalid("invalid semantic version");
  absl::string_view rest = text;
  const std::optional<Pattern> pattern = ConsumePattern(rest, Digits::kOnlyNumbers);
  if (!pattern.has_value() || !rest.empty()) return Invalid("invalid semantic version");

  Version version;
  version.text_ = std::string(text);
  const std::pair<absl::string_view, uint64_t*> numbers[] = {{pattern->major, &version.major_},
                                                             {pattern->minor, &version.minor_},
                                                             {pattern->patch, &version.patch_}};
  for (const auto& [digits, number] : numbers) {
    if (digits.empty()) continue;  // absent
    absl::StatusOr<uint64_t> parsed = ParseNumber(digits);
    if (!parsed.ok()) return Annotate(parsed.status(), "error parsing version segment");
    *number = *parsed;
  }
  if (!pattern->prerelease.empty()) RETURN_IF_ERROR(CheckPrerelease(pattern->prerelease));
  version.prerelease_ = std::string(pattern->prerelease);
  version.metadata_ = std::string(pattern->metadata);
  return version;
}

// The order of the checks decides which error is reported, so it is the reference's.
absl::StatusOr<Version> Version::ParseStrict(absl::string_view text) {
  if (text.empty()) return Invalid("version string empty");
  if (text.size() > kMaxVersionBytes) return Invalid("invalid semantic version");
  absl::string_view major = text;
  std::optional<absl::string_view> minor = CutOff(major, '.');
  if (!minor.has_value()) return Invalid("invalid semantic version");
  std::optional<absl::string_view> patch = CutOff(*minor, '.');
  if (!patch.has_value()) return Invalid("invalid semantic version");

  Version version;
  version.text_ = std::string(text);
  if (const auto metadata = CutOff(*patch, '+'); metadata.has_value()) {
    RETURN_IF_ERROR(CheckMetadata(*metadata));
    version.metadata_ = std::string(*metadata);
  }
  if (const auto prerelease = CutOff(*patch, '-'); prerelease.has_value()) {
    RETURN_IF_ERROR(CheckPrerelease(*prerelease));
    version.prerelease_ = std::string(*prerelease);
  }
  for (const absl::string_view part : {major, *minor, *patch}) {
    if (!IsNumeric(part)) return Invalid("invalid characters in version");
    if (HasLeadingZero(part)) return Invalid("version segment starts with 0");
  }
  ASSIGN_OR_RETURN(version.major_, ParseNumber(major));
  ASSIGN_OR_RETURN(version.minor_, ParseNumber(*minor));
  ASSIGN_OR_RETURN(version.patch_, ParseNumber(*patch));
  return version;
}

absl::StatusOr<Version> Version::ParseTag(absl::string_view text) {
  absl::string_view rest = text;
  for (int dots = 0; dots < 2; ++dots) {
    const std::optional<absl::string_view> after = CutOff(rest, '.');
    if (!after.has_value()) return Invalid("invalid semantic version");
    rest = *after;
  }
  return Parse(text);
}

std::string Version::Canonical() const {
  return absl::StrCat(major_, ".", minor_, ".", patch_, prerelease_.empty() ? "" : "-", prerelease_,
                      metadata_.empty() ? "" : "+", metadata_);
}

void Version::Rewrite() {
  text_ = absl::StrCat(absl::StartsWith(text_, "v") ? "v" : "", Canonical());
}

absl::StatusOr<Version> Version::NextPatch() const {
  Version next = *this;
  next.prerelease_.clear();
  next.metadata_.clear();
  if (prerelease_.empty()) {
    if (patch_ == std::numeric_limits<uint64_t>::max()) {
      return absl::OutOfRangeError("patch version increment would overflow uint64");
    }
    ++next.patch_;
  }
  next.Rewrite();
  return next;
}

absl::StatusOr<Version> Version::NextMinor() const {
  if (minor_ == std::numeric_limits<uint64_t>::max()) {
    return absl::OutOfRangeError("minor version increment would overflow uint64");
  }
  Version next = *this;
  next.prerelease_.clear();
  next.metadata_.clear();
  next.patch_ = 0;
  ++next.minor_;
  next.Rewrite();
  return next;
}

absl::StatusOr<Version> Version::NextMajor() const {
  if (major_ == std::numeric_limits<uint64_t>::max()) {
    return absl::OutOfRangeError("major version increment would overflow uint64");
  }
  Version next = *this;
  next.prerelease_.clear();
  next.metadata_.clear();
  next.patch_ = 0;
  next.minor_ = 0;
  ++next.major_;
  next.Rewrite();
  return next;
}

absl::StatusOr<Version> Version::WithPrerelease(absl::string_view prerelease) const {
  if (!prerelease.empty()) RETURN_IF_ERROR(CheckPrerelease(prerelease));
  Version changed = *this;
  changed.prerelease_ = std::string(prerelease);
  changed.Rewrite();
  return changed;
}

absl::StatusOr<Version> Version::WithMetadata(absl::string_view metadata) const {
  if (!metadata.empty()) RETURN_IF_ERROR(CheckMetadata(metadata));
  Version changed = *this;
  changed.metadata_ = std::string(metadata);
  changed.Rewrite();
  return changed;
}

std::weak_ordering ComparePrereleases(absl::string_view a, absl::string_view b) {
  std::optional<absl::string_view> rest_a = a;
  std::optional<absl::string_view> rest_b = b;
  while (rest_a.has_value() || rest_b.has_value()) {
    absl::string_view part_a = rest_a.value_or("");
    absl::string_view part_b = rest_b.value_or("");
    rest_a = rest_a.has_value() ? CutOff(part_a, '.') : std::nullopt;
    rest_b = rest_b.has_value() ? CutOff(part_b, '.') : std::nullopt;
    if (const std::weak_ordering order = CompareParts(part_a, part_b); order != 0) return order;
  }
  return std::weak_ordering::equivalent;
}

std::weak_ordering operator<=>(const Version& a, const Version& b) {
  if (a.major_ != b.major_) return a.major_ <=> b.major_;
  if (a.minor_ != b.minor_) return a.minor_ <=> b.minor_;
  if (a.patch_ != b.patch_) return a.patch_ <=> b.patch_;
  // A release comes after all of its pre-releases.
  if (a.prerelease_.empty() || b.prerelease_.empty()) {
    return a.prerelease_.empty() <=> b.prerelease_.empty();
  }
  return ComparePrereleases(a.prerelease_, b.prerelease_);
}

}  // namespace sluice::semver
