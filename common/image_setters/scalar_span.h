// Where the bytes of a scalar are: the node tree knows where it begins, and here is found where it
// ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/yaml_node.h"

namespace sluice::image_setters {

// Bytes [begin, end) and what is to stand there.
struct Splice {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

// The positions of one YAML text. Refers to the text, which must outlive it.
class Layout {
 public:
  // Without a byte order mark.
  explicit Layout(absl::string_view text);

  // The changes that make the scalar `node`, inside a block collection at column
  // `indent` (-1: none), stand for `value`, which is printable ASCII without quotes and
  // backslashes. Its style stays, but plain text becomes quoted where YAML would read something
  // else than a string. Nothing if the scalar is not where the tree says.
  std::optional<std::vector<Splice>> Rewrite(const value::YamlNode& node, int indent,
                                             absl::string_view value) const;

 private:
  // Of a place in lines and characters from 1; text_.size() if there is none.
  size_t OffsetOf(int line, int column) const;
  // Behind the anchor and tag at `offset`.
  size_t SkipProperties(size_t offset) const;
  size_t LineBreakAt(size_t offset) const;  // its bytes; 0: none
  size_t LineEnd(size_t offset) const;
  std::optional<size_t> PlainEnd(size_t begin, absl::string_view value) const;
  std::optional<size_t> QuotedEnd(size_t begin, char quote) const;
  std::optional<std::vector<Splice>> RewriteBlock(size_t begin, int indent,
                                                  absl::string_view value) const;

  const absl::string_view text_;
  std::vector<size_t> lines_;  // where each begins
};

}  // namespace sluice::image_setters
