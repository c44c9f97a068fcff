// The two pattern languages of copy operations (fluxcd/source-watcher 2.2): `from` is Go's fs.Glob,
// whose "*" stays within one element; `exclude`, and `from` with the strategy Extract, is
// doublestar 4 (bmatcuk), in which an element "**" is any number of elements and {a,b} a choice.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/glob.h"
#include "common/fs/tree.h"

namespace sluice::artifact_composition {

// Whether `path` is a pattern: it holds one of *?[].
bool IsPattern(absl::string_view path);

// What of `tree` the pattern selects, in the order in which Go finds it; no error if it is nothing.
// kInvalidArgument, "syntax error in pattern", for one that is malformed.
absl::StatusOr<std::vector<std::string>> Expand(const fs::Tree& tree, absl::string_view pattern);

// A pattern of doublestar. Immutable, safe to share between threads.
class DoubleStar {
 public:
  // Alternatives that the choices of one pattern may multiply to.
  static constexpr size_t kMaxAlternatives = 256;

  // kInvalidArgument, "syntax error in pattern", for one that is malformed;
  // kResourceExhausted for one of too many alternatives or more than 4,095 bytes.
  static absl::StatusOr<DoubleStar> Parse(absl::string_view pattern);

  bool Matches(absl::string_view path) const;
  // What of `tree` it selects: in a directory first what it holds itself, then what those below it
  // do. The root is "".
  absl::StatusOr<std::vector<std::string>> Expand(const fs::Tree& tree) const;

 private:
  struct Element {
    bool any_depth;
    fs::Glob glob;
  };
  using Alternative = std::vector<Element>;

  std::vector<Alternative> alternatives_;
};

}  // namespace sluice::artifact_composition
