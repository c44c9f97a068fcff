// Semantic versions as Masterminds/semver 3.5 reads, prints and orders them, which is what Flux,
// Helm and sprig build on. Its recorded answers are in the semver conformance corpus.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::semver {

inline constexpr size_t kMaxVersionBytes = 256;

// An immutable value.
class Version {
 public:
  // 0.0.0
  Version() : text_("0.0.0") {}

  // The lenient form: an optional "v", minor and patch may be absent ("1" is 1.0.0), leading zeros
  // are allowed in the three numbers. kInvalidArgument with the reference's words otherwise.
  static absl::StatusOr<Version> Parse(absl::string_view text);
  // SemVer 2.0 to the letter: three numbers without leading zeros and no "v".
  static absl::StatusOr<Version> ParseStrict(absl::string_view text);
  // What Flux takes for a version among Git and image tags: lenient, but with at least three parts
  // between dots, so that a tag "2024" or "1.2" is none.
  static absl::StatusOr<Version> ParseTag(absl::string_view text);

  uint64_t major() const { return major_; }
  uint64_t minor() const { return minor_; }
  uint64_t patch() const { return patch_; }
  // "rc.1" of "1.2.3-rc.1+build"; "" if there is none.
  const std::string& prerelease() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return prerelease_; }
  // "build" of "1.2.3-rc.1+build"; "" if there is none.
  const std::string& metadata() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return metadata_; }
  // The version as it was written: "v1.2".
  const std::string& text() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return text_; }
  // The version in full: "1.2.0".
  std::string Canonical() const;

  // The next patch, minor or major version, without pre-release and metadata; text() keeps a "v".
  // The patch version after a pre-release is the release itself: 1.2.3-rc.1 gives 1.2.3.
  // kOutOfRange where the number is the largest already.
  absl::StatusOr<Version> NextPatch() const;
  absl::StatusOr<Version> NextMinor() const;
  absl::StatusOr<Version> NextMajor() const;

  // With another pre-release or other metadata, "" for none; text() keeps a "v". kInvalidArgument
  // if it is not of the right form.
  absl::StatusOr<Version> WithPrerelease(absl::string_view prerelease) const;
  absl::StatusOr<Version> WithMetadata(absl::string_view metadata) const;

  // Precedence. Versions that differ only in metadata or spelling are equivalent, not identical.
  friend std::weak_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }

 private:
  // Sets text_ to the canonical form, behind a "v" if there was one.
  void Rewrite();

  uint64_t major_ = 0;
  uint64_t minor_ = 0;
  uint64_t patch_ = 0;
  std::string prerelease_;
  std::string metadata_;
  std::string text_;
};

// The precedence of two pre-releases ("" is the lowest), part by part between dots: a number is
// below a word, numbers compare as such, a shorter list is below a longer one.
std::weak_ordering ComparePrereleases(absl::string_view a, absl::string_view b);

}  // namespace sluice::semver
