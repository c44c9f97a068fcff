// The characters of a YAML stream: decoded, checked and closed with a terminator, so that the
// scanner can look ahead without bounds checks.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::value {

struct YamlSource {
  // Takes UTF-8, or UTF-16 after a byte order mark; the mark is dropped.
  explicit YamlSource(absl::string_view input);

  std::string text;  // UTF-8, then eight NULs
  size_t size = 0;   // without the NULs
  bool ascii = true;
  // What is wrong with the character that follows text[0, size), if anything is. go-yaml reads 512
  // bytes ahead, so an earlier fault of syntax is only seen if it is that much earlier; `text` ends
  // where go-yaml would notice.
  const char* problem = nullptr;
};

}  // namespace sluice::value
