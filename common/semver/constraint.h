// Version constraints: the range language of `spec.ref.semver` (GitRepository, OCIRepository),
// `spec.version` (HelmChart) and `spec.policy.semver.range` (ImagePolicy).
//
//   constraint = group { "||" group }              matches if any group does
//   group      = range { [","] range }             matches if every range does
//   range      = [op] pattern | pattern " - " pattern
//   op         = "=" "!=" ">" "<" ">=" "=>" "<=" "=<" "~" "~>" "^"
//   pattern    = a version whose minor and patch may be absent or a wildcard ("x", "X", "*")
//
// The corner cases are those of Masterminds/semver 3.5, which Flux and Helm build on; its recorded
// answers are in tests/conformance/semver. Pre-releases are opt-in per group: ">=1.2.0" refuses
// 1.3.0-rc.1, ">=1.2.0-0" accepts it, because one of its ranges names a pre-release.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/semver/version.h"

namespace sluice::semver {

inline constexpr size_t kMaxConstraintBytes = 512;
inline constexpr size_t kMaxConstraintGroups = 32;

// Immutable once parsed, so safe to share between threads.
class Constraint {
 public:
  // kInvalidArgument, quoting the group at fault, if `text` is not a constraint or passes one of
  // the limits above. The empty string is not one; "*" is how to say "any release".
  static absl::StatusOr<Constraint> Parse(absl::string_view text);

  bool Matches(const Version& version) const;

  // Why `version` does not match, one reason per range that refuses it and in their order; none if
  // it does match. That it is a pre-release is said once.
  std::vector<std::string> Reasons(const Version& version) const;

  // OK exactly when Matches(); otherwise kFailedPrecondition with the reasons, for the message of a
  // Ready condition.
  absl::Status Explain(const Version& version) const;

  // The constraint as it was written.
  const std::string& text() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return text_; }

  // The constraint in a normal spelling: ">=1.2 <2 || ^3" for ">= 1.2, <2||^3".
  std::string Canonical() const;

 private:
  enum class Op : uint8_t { kEqual, kNotEqual, kGreater, kLess, kAtLeast, kAtMost, kTilde, kCaret };
  // What a range finds about a version: a match, or the kind of refusal.
  enum class Finding : uint8_t;

  struct Range {
    Finding Check(const Version& version) const;
    Finding CheckNotEqual(const Version& version) const;
    Finding CheckGreater(const Version& version) const;
    Finding CheckAtMost(const Version& version) const;
    Finding CheckTilde(const Version& version) const;
    Finding CheckCaret(const Version& version) const;
    std::string Reason(const Version& version, Finding finding) const;

    Op op;
    Version bound;        // absent and wildcard parts read as 0
    int parts_given;      // how many of major, minor, patch were written as numbers
    std::string op_text;  // the operator and the pattern as written
    std::string pattern_text;
  };
  struct Group {
    std::vector<Range> ranges;
    bool admits_prerelease = false;
  };

  static absl::StatusOr<Group> ParseGroup(absl::string_view text);

  std::string text_;
  std::vector<Group> groups_;
};

// The newest of `candidates` that `constraint` matches, or nullptr if it matches none. Versions
// that differ only in build metadata are equal; the first of them wins.
const Version* Newest(std::span<const Version> candidates ABSL_ATTRIBUTE_LIFETIME_BOUND,
                      const Constraint& constraint);

// Whether `version` matches `constraint`, where one that cannot be read matches nothing: Helm's
// check of a chart's `kubeVersion`.
bool IsCompatible(absl::string_view constraint, absl::string_view version);

}  // namespace sluice::semver
