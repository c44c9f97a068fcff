// The patterns of .Files.Glob, those of gobwas/glob 0.2.3 with "/" between elements.
//
//   *  ?      any text, any character, but no "/"     [abc] [a-z] [!a]  one of these, or none
//   **        any text                                {a,b}             one of these patterns
//   \c        c itself

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::helm {

class FileGlob {
 public:
  // kInvalidArgument if it is no pattern.
  static absl::StatusOr<FileGlob> Parse(absl::string_view pattern);

  // Whether all of `name` matches. False, too, for what would take too many steps to find out.
  bool Matches(absl::string_view name) const;

 private:
  enum class Kind : uint8_t { kText, kAny, kSuper, kSingle, kSet, kChoice };
  struct Token;
  using Sequence = std::vector<Token>;
  struct Token {
    Kind kind = Kind::kText;
    std::u32string text = {};  // kText; the characters of a set
    char32_t low = 0;          // of a set that is a range
    char32_t high = 0;
    bool negated = false;
    std::vector<Sequence> choices = {};
  };
  class Parser;
  class Matcher;

  Sequence tokens_;
};

}  // namespace sluice::helm
