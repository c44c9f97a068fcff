// Regular expressions, in the words of Go's package regexp.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}

namespace sluice::cel {

class Regex {
 public:
  // kInvalidArgument as Go words it: "error parsing regexp: missing closing ): `(`".
  static absl::StatusOr<std::unique_ptr<Regex>> Compile(absl::string_view pattern);
  ~Regex();

  // Whether `text` contains a match.
  bool Matches(absl::string_view text) const;
  // The first match from `start` on in `text`; false if there is none.
  bool Find(absl::string_view text, size_t start, size_t* match_start, size_t* match_size) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> compiled);

  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace sluice::cel
