// SPDX-License-Identifier: Apache-2.0
#include "common/semver/constraint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/semver/syntax.h"
#include "common/text/quote.h"

namespace sluice::semver {

enum class Constraint::Finding : uint8_t {
  kMatch,
  kEqual,
  kNotEqual,
  kLess,
  kAtMost,
  kGreater,
  kAtLeast,
  kOtherMajor,
  kOtherMajorOrMinor,
  kOtherMinor,
  kOtherMinorBelowOne,
  kOtherPatchBelowOne,
};

namespace {

bool IsWildcard(absl::string_view part) {
  return part.empty() || part == "x" || part == "X" || part == "*";
}

std::string PrereleaseReason(const Version& version) {
  return absl::StrCat(
      text::Quote(version.Canonical()),
      " is a prerelease version and the constraint is only looking for release versions");
}

}  // namespace

absl::StatusOr<Constraint> Constraint::Parse(absl::string_view text) {
  if (text.size() > kMaxConstraintBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("improper constraint: longer than ", kMaxConstraintBytes, " bytes"));
  }
  Constraint constraint;
  constraint.text_ = std::string(text);
  const std::string rewritten = RewriteHyphens(text);
  const std::vector<absl::string_view> groups = absl::StrSplit(rewritten, "||");
  if (groups.size() > kMaxConstraintGroups) {
    return absl::InvalidArgumentError(absl::StrCat(
        "improper constraint: more than ", kMaxConstraintGroups, " groups separated by \"||\""));
  }
  for (const absl::string_view group_text : groups) {
    ASSIGN_OR_RETURN(Group group, ParseGroup(group_text));
    constraint.groups_.push_back(std::move(group));
  }
  return constraint;
}

absl::StatusOr<Constraint::Group> Constraint::ParseGroup(absl::string_view text) {
  const std::optional<std::vector<Comparison>> comparisons = SplitGroup(text);
  if (!comparisons.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("improper constraint: ", text::Quote(text)));
  }
  constexpr std::pair<absl::string_view, Op> kOps[] = {
      {"", Op::kEqual},    {"=", Op::kEqual},    {"!=", Op::kNotEqual}, {">", Op::kGreater},
      {"<", Op::kLess},    {">=", Op::kAtLeast}, {"=>", Op::kAtLeast},  {"<=", Op::kAtMost},
      {"=<", Op::kAtMost}, {"~", Op::kTilde},    {"~>", Op::kTilde},    {"^", Op::kCaret}};

  Group group;
  for (const Comparison& comparison : *comparisons) {
    const Pattern& pattern = comparison.pattern;
    Range range;
    range.op_text = std::string(comparison.op);
    range.pattern_text = std::string(pattern.text);
    range.op = std::find_if(std::begin(kOps), std::end(kOps), [&](const auto& known) {
                 return known.first == comparison.op;
               })->second;
    range.parts_given = IsWildcard(pattern.major)   ? 0
                        : IsWildcard(pattern.minor) ? 1
                        : IsWildcard(pattern.patch) ? 2
                                                    : 3;
    const absl::string_view dash = pattern.prerelease.empty() ? "" : "-";
    const std::string bound =
        range.parts_given == 0   ? absl::StrCat("0.0.0", dash, pattern.prerelease)
        : range.parts_given == 1 ? absl::StrCat(pattern.major, ".0.0", dash, pattern.prerelease)
        : range.parts_given == 2
            ? absl::StrCat(pattern.major, ".", pattern.minor, ".0", dash, pattern.prerelease)
            : std::string(pattern.text);
    absl::StatusOr<Version> version = Version::Parse(bound);
    if (!version.ok()) return absl::InvalidArgumentError("constraint parser error");
    range.bound = *std::move(version);
    group.admits_prerelease |= !range.bound.prerelease().empty();
    group.ranges.push_back(std::move(range));
  }
  return group;
}

bool Constraint::Matches(const Version& version) const {
  return std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
    if (!version.prerelease().empty() && !group.admits_prerelease) return false;
    return std::all_of(group.ranges.begin(), group.ranges.end(),
                       [&](const Range& range) { return range.Check(version) == Finding::kMatch; });
  });
}

std::vector<std::string> Constraint::Reasons(const Version& version) const {
  std::vector<std::string> reasons;
  bool said_prerelease = false;
  for (const Group& group : groups_) {
    if (!version.prerelease().empty() && !group.admits_prerelease) {
      if (!said_prerelease) reasons.push_back(PrereleaseReason(version));
      said_prerelease = true;
      continue;
    }
    bool matches = true;
    for (const Range& range : group.ranges) {
      const Finding finding = range.Check(version);
      if (finding == Finding::kMatch) continue;
      reasons.push_back(range.Reason(version, finding));
      matches = false;
    }
    if (matches) return {};
  }
  return reasons;
}

absl::Status Constraint::Explain(const Version& version) const {
  const std::vector<std::string> reasons = Reasons(version);
  if (reasons.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(reasons, "; "));
}

std::string Constraint::Canonical() const {
  return absl::StrJoin(groups_, " || ", [](std::string* out, const Group& group) {
    absl::StrAppend(out, absl::StrJoin(group.ranges, " ", [](std::string* out, const Range& range) {
                      absl::StrAppend(out, range.op_text, range.pattern_text);
                    }));
  });
}

Constraint::Finding Constraint::Range::Check(const Version& version) const {
  switch (op) {
    case Op::kEqual:
      if (parts_given < 3) return CheckTilde(version);
      return version == bound ? Finding::kMatch : Finding::kNotEqual;
    case Op::kNotEqual:
      return CheckNotEqual(version);
    case Op::kGreater:
      return CheckGreater(version);
    case Op::kLess:
      return version < bound ? Finding::kMatch : Finding::kAtLeast;
    case Op::kAtLeast:
      return version >= bound ? Finding::kMatch : Finding::kLess;
    case Op::kAtMost:
      return CheckAtMost(version);
    case Op::kTilde:
      return CheckTilde(version);
    case Op::kCaret:
      return CheckCaret(version);
  }
  return Finding::kMatch;  // not reached: the cases are all there are
}

// A partial pattern excludes all that it covers; "!=*" only 0.0.0, by a quirk of the reference.
Constraint::Finding Constraint::Range::CheckNotEqual(const Version& version) const {
  if (parts_given < 3 && version.major() != bound.major()) return Finding::kMatch;
  if (parts_given == 1) return Finding::kEqual;
  if (parts_given < 3 && version.minor() != bound.minor()) return Finding::kMatch;
  if (parts_given == 2) {
    return ComparePrereleases(version.prerelease(), bound.prerelease()) == 0 ? Finding::kEqual
                                                                             : Finding::kMatch;
  }
  return version == bound ? Finding::kEqual : Finding::kMatch;
}

// Above a partial pattern is above all that it covers: 1.2.9 is not above 1.2.
Constraint::Finding Constraint::Range::CheckGreater(const Version& version) const {
  bool greater = version > bound;
  if (parts_given < 3 && version.major() != bound.major()) {
    greater = version.major() > bound.major();
  } else if (parts_given == 1) {
    greater = false;
  } else if (parts_given == 2) {
    greater = version.minor() > bound.minor();
  }
  return greater ? Finding::kMatch : Finding::kAtMost;
}

// Likewise, 1.2.9 is at most 1.2.
Constraint::Finding Constraint::Range::CheckAtMost(const Version& version) const {
  bool greater = version > bound;
  if (parts_given < 3) {
    greater =
        version.major() > bound.major() ||
        (version.major() == bound.major() && version.minor() > bound.minor() && parts_given != 1);
  }
  return greater ? Finding::kGreater : Finding::kMatch;
}

// "~*" and "~0.0.0" admit everything; else the major version must be the same, and the minor one
// if it was written.
Constraint::Finding Constraint::Range::CheckTilde(const Version& version) const {
  if (version < bound) return Finding::kLess;
  const bool zero = bound.major() == 0 && bound.minor() == 0 && bound.patch() == 0;
  if (zero && (parts_given == 0 || parts_given == 3)) return Finding::kMatch;
  if (version.major() != bound.major()) return Finding::kOtherMajor;
  if (version.minor() != bound.minor() && parts_given != 1) return Finding::kOtherMajorOrMinor;
  return Finding::kMatch;
}

// The leftmost number that is not zero, or the last one written, must be the same.
Constraint::Finding Constraint::Range::CheckCaret(const Version& version) const {
  if (version < bound) return Finding::kLess;
  if (bound.major() > 0 || parts_given == 1) {
    return version.major() == bound.major() ? Finding::kMatch : Finding::kOtherMajor;
  }
  if (version.major() > 0) return Finding::kOtherMajor;
  if (bound.minor() > 0 || parts_given == 2) {
    return version.minor() == bound.minor() ? Finding::kMatch : Finding::kOtherMinorBelowOne;
  }
  if (version.minor() > 0) return Finding::kOtherMinor;
  return version.patch() == bound.patch() ? Finding::kMatch : Finding::kOtherPatchBelowOne;
}

std::string Constraint::Range::Reason(const Version& version, Finding finding) const {
  absl::string_view verb;
  absl::string_view advice;
  switch (finding) {
    case Finding::kMatch:
      return "";
    case Finding::kEqual:
      verb = "is equal to";
      break;
    case Finding::kNotEqual:
      verb = "is not equal to";
      break;
    case Finding::kLess:
      verb = "is less than";
      break;
    case Finding::kAtMost:
      verb = "is less than or equal to";
      break;
    case Finding::kGreater:
      verb = "is greater than";
      break;
    case Finding::kAtLeast:
      verb = "is greater than or equal to";
      break;
    case Finding::kOtherMajor:
      verb = "does not have same major version as";
      break;
    case Finding::kOtherMajorOrMinor:
      verb = "does not have same major and minor version as";
      break;
    case Finding::kOtherMinor:
      verb = "does not have same minor version as";
      break;
    case Finding::kOtherMinorBelowOne:
      verb = "does not have same minor version as";
      advice = ". Expected minor versions to match when constraint major version is 0";
      break;
    case Finding::kOtherPatchBelowOne:
      verb = "does not equal";
      advice = ". Expect version and constraint to equal when major and minor versions are 0";
      break;
  }
  return absl::StrCat(text::Quote(version.Canonical()), " ", verb, " ", text::Quote(pattern_text),
                      advice);
}

const Version* Newest(std::span<const Version> candidates, const Constraint& constraint) {
  const Version* newest = nullptr;
  for (const Version& candidate : candidates) {
    if ((newest == nullptr || candidate > *newest) && constraint.Matches(candidate)) {
      newest = &candidate;
    }
  }
  return newest;
}

bool IsCompatible(absl::string_view constraint, absl::string_view version) {
  const absl::StatusOr<Version> parsed_version = Version::Parse(version);
  if (!parsed_version.ok()) return false;
  const absl::StatusOr<Constraint> parsed_constraint = Constraint::Parse(constraint);
  return parsed_constraint.ok() && parsed_constraint->Matches(*parsed_version);
}

}  // namespace sluice::semver
