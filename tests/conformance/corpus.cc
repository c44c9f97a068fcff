// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/corpus.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::conformance {

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path.string()));
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::filesystem::path> CaseFolders(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (std::filesystem::exists(entry.path() / "cmd.json")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

absl::StatusOr<Value> LoadCases(const std::filesystem::path& path) {
  const std::filesystem::path file =
      std::filesystem::is_directory(path) ? path / "cases.json" : path;
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<Value> cases = value::ParseJson(text);
  if (!cases.ok()) return Annotate(cases.status(), file.string());
  if (!cases->is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": not a list of cases"));
  }
  return cases;
}

}  // namespace sluice::conformance
