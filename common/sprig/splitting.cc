// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/splitting.h"

#include <algorithm>
#include <string>

#include "common/text/utf8.h"

namespace sluice::sprig {

std::vector<absl::string_view> Characters(absl::string_view text, size_t most) {
  std::vector<absl::string_view> parts;
  while (!text.empty()) {
    const size_t size = parts.size() + 1 == most ? text.size() : text::DecodeFirst(text).size;
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

std::vector<absl::string_view> SplitText(absl::string_view text, absl::string_view separator,
                                         int64_t most) {
  if (most == 0) return {};
  const size_t limit = most < 0 ? std::string::npos : static_cast<size_t>(most);
  if (separator.empty()) return Characters(text, limit);
  std::vector<absl::string_view> parts;
  while (parts.size() + 1 < limit) {
    const size_t at = text.find(separator);
    if (at == absl::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

size_t CountParts(absl::string_view text, absl::string_view separator, int64_t most) {
  if (most == 0) return 0;
  const size_t limit = most < 0 ? std::string::npos : static_cast<size_t>(most);
  // Characters, or at most so many.
  if (separator.empty()) return std::min(text.size(), limit);
  size_t parts = 1;
  for (size_t at = text.find(separator); at != absl::string_view::npos && parts < limit;
       at = text.find(separator, at + separator.size())) {
    ++parts;
  }
  return parts;
}

}  // namespace sluice::sprig
