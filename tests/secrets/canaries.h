// Canaries: texts that are nowhere but where they were put, and the search for them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::secrets {

class Canaries {
 public:
  // A new one for this path, with characters that JSON, YAML, URLs and shells write differently.
  std::string New(const std::string& path);
  // The same for places that take letters, digits and dashes only.
  std::string NewPlain(const std::string& path);
  // One that was made elsewhere; `core` is a part of it, of letters and digits.
  void Add(const std::string& path, const std::string& core) { cores_[path] = core; }

  size_t size() const { return cores_.size(); }
  // The paths whose canary stands in `text`: as it is, within a longer text in Base64 of either
  // alphabet, or in hexadecimal digits. As it begins with letters and digits, it is found also in
  // URLs, escaped and cut short.
  std::vector<std::string> In(absl::string_view text) const;

 private:
  std::map<std::string, std::string> cores_;  // by path
};

}  // namespace sluice::secrets
