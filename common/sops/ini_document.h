// INI files as Go's gopkg.in/ini.v1 (1.67) reads and writes them, since what SOPS encrypted and
// prints again depends on it: sections may come twice, a key once in each.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::sops {

struct IniKey {
  std::string name;
  std::string value;
  std::string comment;  // the lines before it, with their marks
};

struct IniSection {
  std::string name;  // "DEFAULT" for what stands before the first
  std::string comment;
  std::vector<IniKey> keys;
  absl::flat_hash_map<std::string, size_t> positions;  // of the keys, by name
};

// "DEFAULT" comes first, always. kInvalidArgument, without the line, for a line that is neither
// key, section nor comment.
absl::StatusOr<std::vector<IniSection>> ParseIni(absl::string_view text);

// Adds a key, or replaces its value.
IniKey& SetIniKey(IniSection& section, absl::string_view name, absl::string_view value);

// Keys of a section are aligned at their "=", sections have an empty line between them.
std::string FormatIni(const std::vector<IniSection>& sections);

}  // namespace sluice::sops
