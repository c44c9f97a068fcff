// Shell patterns as Go's path.Match (1.26) has them, on which ignore rules, `.helmignore` and the
// trimming operators of variable substitution are built.
//
//   *        any bytes, none too      [a-z]    one of the characters, [^a-z] any other
//   ?        one character            \c       c itself
//
// A character is one of UTF-8, or one byte that is not part of it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::fs {

// Immutable, safe to share between threads.
class Glob {
 public:
  enum class Slash : uint8_t {
    kSeparator,  // neither * nor ? matches "/" (but a class may, as in Go)
    kOrdinary,
  };

  explicit Glob(absl::string_view pattern, Slash slash = Slash::kSeparator);

  // Whether the pattern has a class that is empty, not closed or not well formed, or ends in a
  // lone backslash. Go reports that as an error; here it matches nothing.
  bool malformed() const { return malformed_; }

  // Whether all of `name` matches. The work is bounded by the product of both lengths; what was
  // done is added to `*steps` unless that is null, for callers that match in a loop.
  bool Matches(absl::string_view name, size_t* steps = nullptr) const;

 private:
  enum class Kind : uint8_t { kByte, kAnyCharacter, kClass, kStar };
  struct Token {
    Kind kind;
    char byte = 0;         // kByte
    bool negated = false;  // kClass
    uint32_t first = 0;    // kClass: its ranges in ranges_
    uint32_t last = 0;     // one after them
  };

  bool ParseClass(absl::string_view& rest);
  // The bytes of `text` that `token`, no star, takes; 0 if it does not match.
  size_t Take(const Token& token, absl::string_view text) const;

  Slash slash_;
  bool malformed_ = false;
  bool literal_ = true;  // every token is a kByte
  std::string bytes_;    // of them, if so
  std::vector<Token> tokens_;
  std::vector<std::pair<char32_t, char32_t>> ranges_;
};

}  // namespace sluice::fs
