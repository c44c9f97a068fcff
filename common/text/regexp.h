// Regular expressions as Go's package regexp reads and matches them: RE2's syntax, linear time.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::text {

// Immutable, cheap to copy; safe to use from several threads.
class Regexp {
 public:
  // kInvalidArgument with regexp.Compile's text: "error parsing regexp: missing closing ]: `[`".
  static absl::StatusOr<Regexp> Compile(absl::string_view expression);

  // Whether some part of `text` matches.
  bool MatchesIn(absl::string_view text) const;

  // The expression as it was written.
  const std::string& text() const;

 private:
  struct Compiled;
  explicit Regexp(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace sluice::text
