// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/template_output.h"

#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/rooted_path.h"
#include "common/fs/clean_path.h"
#include "common/fs/glob.h"
#include "common/helm/manifests.h"

namespace sluice::cli {
namespace {

constexpr absl::string_view kSource = "# Source: ";
constexpr uint32_t kFileMode = 0644;
constexpr uint32_t kDirectoryMode = 0755;

// The path in its chart of the first "# Source: CHART/PATH" line of a document; none without one.
std::optional<absl::string_view> SourceOf(absl::string_view document) {
  for (size_t at = document.find(kSource); at != absl::string_view::npos;
       at = document.find(kSource, at + 1)) {
    absl::string_view path = document.substr(at + kSource.size());
    path = path.substr(0, path.find('\n'));
    const size_t slash = path.find('/');
    if (slash != 0 && slash != absl::string_view::npos && slash + 1 < path.size()) {
      return path.substr(slash + 1);
    }
  }
  return std::nullopt;
}

// The texts that go into files, in order of writing.
class Files {
 public:
  void Add(const std::string& folder, const std::string& path, absl::string_view content) {
    const std::string name = folder.empty() ? path : absl::StrCat(folder, "/", path);
    absl::StrAppend(&texts_[name], "---\n# Source: ", path, "\n", content, "\n");
    written_.push_back(name);
  }

  absl::StatusOr<std::string> Write(const std::string& directory) const {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("mkdir ", directory, ": ", error.message()));
    }
    ASSIGN_OR_RETURN(const disk::RootedPath root, disk::RootedPath::Open(directory));
    for (const auto& [name, text] : texts_) {
      ASSIGN_OR_RETURN(const std::string path, fs::CleanPath(name));
      RETURN_IF_ERROR(root.CreateDirectories(std::string(fs::ParentPath(path)), kDirectoryMode));
      RETURN_IF_ERROR(root.WriteFile(path, text, kFileMode));
    }
    std::string printed;
    for (const std::string& name : written_) {
      absl::StrAppend(&printed, "wrote ", directory, "/", name, "\n");
    }
    return printed;
  }

 private:
  std::map<std::string, std::string> texts_;
  std::vector<std::string> written_;  // one that was appended to once more
};

}  // namespace

absl::StatusOr<std::string> ShowOnly(absl::string_view printed,
                                     const std::vector<std::string>& patterns,
                                     helm::Dialect dialect) {
  const std::vector<std::string> documents = helm::SplitManifests(printed, dialect);
  std::string shown;
  for (const std::string& pattern : patterns) {
    const fs::Glob glob(pattern);
    bool found = false;
    for (const std::string& document : documents) {
      const std::optional<absl::string_view> source = SourceOf(document);
      if (!source.has_value() || !glob.Matches(*source)) continue;
      found = true;
      absl::StrAppend(&shown, "---\n", document, "\n");
    }
    if (!found) {
      return absl::NotFoundError(absl::StrCat("could not find template ", pattern, " in chart"));
    }
  }
  return shown;
}

absl::StatusOr<std::string> WriteFiles(const helm::RenderedRelease& release,
                                       const std::string& directory,
                                       const std::string& release_name, bool hooks, bool tests) {
  Files files;
  for (const helm::ChartFile& crd : release.crds) files.Add("", crd.name, crd.data);
  for (const helm::Manifest& manifest : release.manifests) {
    files.Add(release_name, manifest.path, manifest.content);
  }
  for (const helm::Hook& hook : release.hooks) {
    if (!hooks || (!tests && hook.runs_at(helm::HookEvent::kTest))) continue;
    files.Add(release_name, hook.path, hook.manifest);
  }
  ASSIGN_OR_RETURN(std::string printed, files.Write(directory));
  // Helm prints the manifest, which is empty then.
  return printed + "\n";
}

}  // namespace sluice::cli
