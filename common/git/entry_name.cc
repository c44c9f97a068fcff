// SPDX-License-Identifier: Apache-2.0
#include "common/git/entry_name.h"

#include <string>

#include "absl/strings/match.h"

namespace sluice::git {
namespace {

// The characters that HFS+ ignores in names, in UTF-8: U+200C to U+200F, U+202A to U+202E, U+206A
// to U+206F, U+FEFF. All have three bytes.
bool IsIgnoredByHfs(absl::string_view bytes) {
  if (bytes.size() < 3) return false;
  const auto at = [&bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (at(0) == 0xef) return at(1) == 0xbb && at(2) == 0xbf;
  if (at(0) != 0xe2) return false;
  if (at(1) == 0x80) return (at(2) >= 0x8c && at(2) <= 0x8f) || (at(2) >= 0xaa && at(2) <= 0xae);
  return at(1) == 0x81 && at(2) >= 0xaa && at(2) <= 0xaf;
}

bool IsDotGitOnHfs(absl::string_view name) {
  std::string kept;
  while (!name.empty()) {
    if (IsIgnoredByHfs(name)) {
      name.remove_prefix(3);
      continue;
    }
    kept.push_back(name.front());
    if (kept.size() > 4) return false;
    name.remove_prefix(1);
  }
  return absl::EqualsIgnoreCase(kept, ".git");
}

bool IsDotGitOnNtfs(absl::string_view name) {
  for (const absl::string_view alias : {".git", "git~1"}) {
    if (!absl::StartsWithIgnoreCase(name, alias)) continue;
    const absl::string_view rest = name.substr(alias.size());
    const size_t end = rest.find_first_not_of(". ");
    if (end == absl::string_view::npos || rest[end] == ':' || rest[end] == '\\') return true;
  }
  return false;
}

}  // namespace

bool IsSafeEntryName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
         !IsDotGitOnNtfs(name) && !IsDotGitOnHfs(name);
}

}  // namespace sluice::git
