// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/object_store.h"

namespace sluice::bucket {

std::string WithoutQueries(absl::string_view text) {
  std::string result;
  while (true) {
    const size_t url = text.find("://");
    if (url == absl::string_view::npos) break;
    const size_t end = std::min(text.find_first_of(" \t\n\"'<>", url), text.size());
    const size_t question = text.find('?', url);
    const size_t kept = std::min(question, end);
    result.append(text.data(), kept);
    text.remove_prefix(end);
  }
  result.append(text.data(), text.size());
  return result;
}

}  // namespace sluice::bucket
