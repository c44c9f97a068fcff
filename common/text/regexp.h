// Regular expressions as Go's package regexp reads and matches them: RE2's syntax, linear time.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::text {

// Immutable, cheap to copy; safe to use from several threads.
class Regexp {
 public:
  // What a compiled expression may take when the caller does not say, bytes.
  static constexpr int64_t kDefaultMemory = int64_t{8} << 20;

  // kInvalidArgument with regexp.Compile's text: "error parsing regexp: missing closing ]: `[`",
  // and "… expression too large: …" for one that needs more than `max_memory` bytes.
  static absl::StatusOr<Regexp> Compile(absl::string_view expression,
                                        int64_t max_memory = kDefaultMemory);

  // Whether some part of `text` matches.
  bool MatchesIn(absl::string_view text) const;

  // The first match at or behind `start`, which is at most text.size(); false if there is none.
  // groups[0] becomes the whole match and groups[i] group i, as parts of `text`; one that took no
  // part has no data. `groups` holds at most group_count() + 1.
  bool Find(absl::string_view text, size_t start, std::span<absl::string_view> groups) const;

  // Appends `replacement` with $1, ${1}, $name and ${name} filled in from the groups that Find()
  // gave, as Go's Expand: the longest run of letters, digits and "_" is the name, what names no
  // group that took part is empty, "$$" is a dollar sign.
  void Expand(absl::string_view replacement, std::span<const absl::string_view> groups,
              std::string& out) const;

  size_t group_count() const;
  // The number of a group with this name.
  std::optional<size_t> GroupNamed(absl::string_view name) const;

  // The expression as it was written.
  const std::string& text() const;

 private:
  struct Compiled;
  explicit Regexp(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace sluice::text
