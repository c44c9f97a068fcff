// Charts from folders.

// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/helm/ignore_rules.h"
#include "common/helm/loader.h"
#include "common/helm/tree_files.h"
#include "common/text/quote.h"

namespace sluice::helm {
namespace {

constexpr int kMaxLinks = 40;  // followed for one file

// Where something is and what it is, links followed.
struct Found {
  std::string path;
  fs::Entry entry;
};

class TreeReader {
 public:
  TreeReader(const fs::Tree& tree, const LoadOptions& options, IgnoreRules rules)
      : tree_(tree), options_(options), rules_(std::move(rules)) {}

  // What is in the folder at `source`, as files of `folder` in the chart.
  absl::Status ReadFolder(const std::string& folder, const std::string& source, size_t depth) {
    if (depth > fs::kMaxDepth) {
      return absl::ResourceExhaustedError(
          absl::StrCat(folder, ": folders are nested deeper than ", fs::kMaxDepth));
    }
    ASSIGN_OR_RETURN(const std::vector<fs::Entry> entries, tree_.List(source));
    for (const fs::Entry& entry : entries) {
      const std::string name = folder.empty() ? entry.name : absl::StrCat(folder, "/", entry.name);
      std::string path = source.empty() ? entry.name : absl::StrCat(source, "/", entry.name);
      ASSIGN_OR_RETURN(const Found found, Follow({std::move(path), entry}));
      const bool is_directory = found.entry.type == fs::EntryType::kDirectory;
      if (rules_.Ignores(name, is_directory)) continue;
      if (is_directory) {
        RETURN_IF_ERROR(ReadFolder(name, found.path, depth + 1));
      } else {
        RETURN_IF_ERROR(ReadFile(name, found));
      }
    }
    return absl::OkStatus();
  }

  std::vector<ChartFile> files() && { return std::move(files_); }

 private:
  absl::StatusOr<Found> Follow(Found found) {
    for (int links = 0; found.entry.type == fs::EntryType::kSymlink; ++links) {
      if (links == kMaxLinks) {
        return absl::FailedPreconditionError(absl::StrCat(found.path, ": too many links"));
      }
      ASSIGN_OR_RETURN(const std::string target, tree_.ReadLink(found.path));
      absl::StatusOr<std::string> path = fs::JoinPath(fs::ParentPath(found.path), target);
      if (!path.ok()) {
        return absl::FailedPreconditionError(
            absl::StrCat("the link ", found.path, " leads out of the chart: ", target));
      }
      ASSIGN_OR_RETURN(found.entry, tree_.Stat(*path));
      found.path = *std::move(path);
    }
    return found;
  }

  absl::Status ReadFile(const std::string& name, const Found& found) {
    if (files_.size() >= options_.limits.files) {
      return absl::ResourceExhaustedError("the chart has too many files");
    }
    if (found.entry.size > options_.limits.file_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("chart file ", text::Quote(fs::BaseName(name)),
                       " is larger than the maximum file size ", options_.limits.file_bytes));
    }
    absl::StatusOr<std::string> content = tree_.Read(found.path, options_.limits.file_bytes);
    if (!content.ok()) return Annotate(content.status(), absl::StrCat("error reading ", name));
    bytes_ += content->size();
    if (bytes_ > options_.limits.chart_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the chart is larger than the maximum size ", options_.limits.chart_bytes));
    }
    files_.push_back({name, std::string(absl::StripPrefix(*content, "\xEF\xBB\xBF"))});
    return absl::OkStatus();
  }

  const fs::Tree& tree_;
  const LoadOptions& options_;
  const IgnoreRules rules_;
  std::vector<ChartFile> files_;
  uint64_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<ChartFile>> ReadTreeFiles(const fs::Tree& tree,
                                                     const LoadOptions& options) {
  std::string ignore_file;
  if (tree.Stat(".helmignore").ok()) {
    ASSIGN_OR_RETURN(ignore_file, tree.Read(".helmignore", options.limits.file_bytes));
  }
  ASSIGN_OR_RETURN(IgnoreRules rules, IgnoreRules::Parse(ignore_file));
  TreeReader reader(tree, options, std::move(rules));
  RETURN_IF_ERROR(reader.ReadFolder("", "", 0));
  return std::move(reader).files();
}

absl::StatusOr<std::shared_ptr<const Chart>> LoadTree(const fs::Tree& tree,
                                                      const LoadOptions& options) {
  ASSIGN_OR_RETURN(std::vector<ChartFile> files, ReadTreeFiles(tree, options));
  return LoadFiles(std::move(files), options);
}

}  // namespace sluice::helm
