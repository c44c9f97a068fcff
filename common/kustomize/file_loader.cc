// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/file_loader.h"

#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/kustomize/repo_spec.h"

namespace sluice::kustomize {
namespace {

constexpr int kMaxLinks = 40;

std::string JoinPath(absl::string_view folder, absl::string_view name) {
  return folder.empty() ? std::string(name) : absl::StrCat(folder, "/", name);
}

bool IsInOrBelow(absl::string_view path, absl::string_view folder) {
  if (folder.empty() || path == folder) return true;
  return absl::StartsWith(path, folder) && path[folder.size()] == '/';
}

}  // namespace

std::string CleanText(absl::string_view path) {
  std::vector<absl::string_view> kept;
  for (absl::string_view step : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (step == ".") continue;
    if (step == ".." && !kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else {
      kept.push_back(step);
    }
  }
  return absl::StrJoin(kept, "/");
}

bool IsRemoteFile(absl::string_view path) {
  return absl::StartsWithIgnoreCase(path, "http://") ||
         absl::StartsWithIgnoreCase(path, "https://");
}

std::string TreeReader::Display(absl::string_view path) const {
  if (path.empty() && !root_.empty()) return std::string(root_);
  return absl::StrCat(root_, "/", path);
}

absl::StatusOr<absl::string_view> TreeReader::Inside(absl::string_view absolute) const {
  absl::string_view inside = absolute;
  if (absl::ConsumePrefix(&inside, root_) && (inside.empty() || inside[0] == '/')) return inside;
  return absl::PermissionDeniedError(absl::StrCat("fs-security-constraint read ", absolute,
                                                  ": path '", absolute, "' is not in or below '",
                                                  Display(""), "'"));
}

absl::StatusOr<fs::EntryType> TreeReader::TypeOf(const std::string& path) {
  if (directories_.contains(path)) return fs::EntryType::kDirectory;
  inputs_.insert(path);
  ASSIGN_OR_RETURN(const fs::Entry entry, tree_.Stat(path));
  if (entry.type == fs::EntryType::kDirectory) directories_.insert(path);
  return entry.type;
}

absl::StatusOr<TreeReader::Place> TreeReader::Resolve(absl::string_view path) {
  std::deque<std::string> left = absl::StrSplit(path, '/', absl::SkipEmpty());
  Place place;
  place.is_directory = true;
  int links = 0;
  while (!left.empty()) {
    const std::string step = std::move(left.front());
    left.pop_front();
    if (step == ".") continue;
    if (step == "..") {
      if (place.path.empty()) {
        return absl::PermissionDeniedError(absl::StrCat("fs-security-constraint read ", path,
                                                        ": path '", path, "' is not in or below '",
                                                        Display(""), "'"));
      }
      place.path = std::string(fs::ParentPath(place.path));
      place.is_directory = true;
      continue;
    }
    std::string next = JoinPath(place.path, step);
    const absl::StatusOr<fs::EntryType> type =
        place.is_directory ? TypeOf(next)
                           : absl::StatusOr<fs::EntryType>(absl::NotFoundError("not a directory"));
    if (!type.ok()) {
      if (!absl::IsNotFound(type.status())) return type.status();
      const std::string full = Display(next);
      return absl::NotFoundError(
          absl::StrCat("lstat ", full, ": ",
                       place.is_directory ? "no such file or directory" : "not a directory"));
    }
    if (*type == fs::EntryType::kSymlink) {
      if (++links > kMaxLinks) {
        return absl::InvalidArgumentError(
            absl::StrCat("lstat ", Display(next), ": too many levels of symbolic links"));
      }
      ASSIGN_OR_RETURN(const std::string target, tree_.ReadLink(next));
      std::deque<std::string> steps = absl::StrSplit(target, '/', absl::SkipEmpty());
      if (absl::StartsWith(target, "/")) {
        const absl::StatusOr<absl::string_view> inside = Inside(target);
        if (options_.tree_root.empty() || !inside.ok()) {
          return absl::PermissionDeniedError(absl::StrCat("fs-security-constraint read ", next,
                                                          ": link '", Display(next),
                                                          "' leads out of '", Display(""), "'"));
        }
        steps = absl::StrSplit(*inside, '/', absl::SkipEmpty());
        place.path.clear();
      }
      left.insert(left.begin(), steps.begin(), steps.end());
      place.is_directory = true;
      continue;
    }
    place.path = std::move(next);
    place.is_directory = *type == fs::EntryType::kDirectory;
  }
  return place;
}

absl::StatusOr<std::string> TreeReader::Read(absl::string_view path) {
  const BuildLimits& limits = options_.limits;
  inputs_.insert(std::string(path));
  absl::StatusOr<std::string> content = tree_.Read(path, limits.max_file_bytes);
  if (!content.ok()) return Annotate(content.status(), absl::StrCat("open ", Display(path)));
  total_bytes_ += content->size();
  if (total_bytes_ > limits.max_total_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the files of this build exceed ", limits.max_total_bytes, " bytes, at ", Display(path)));
  }
  return content;
}

absl::StatusOr<std::string> FileLoader::Join(absl::string_view path) const {
  if (!absl::StartsWith(path, "/")) return CleanText(JoinPath(root_, path));
  ASSIGN_OR_RETURN(const absl::string_view inside, reader_.Inside(path));
  return CleanText(inside);
}

absl::StatusOr<std::unique_ptr<FileLoader>> FileLoader::Confirm(TreeReader& reader,
                                                                const FileLoader* referrer,
                                                                absl::string_view path) {
  absl::StatusOr<TreeReader::Place> place = reader.Resolve(path);
  if (!place.ok()) {
    return Annotate(place.status(), absl::StrCat("must build at directory: not a valid directory: "
                                                 "evalsymlink failure on '",
                                                 reader.Display(path), "' "));
  }
  if (!place->is_directory) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must build at directory: '", reader.Display(place->path), "': file is not directory"));
  }
  return std::unique_ptr<FileLoader>(new FileLoader(reader, referrer, std::move(place->path)));
}

absl::StatusOr<std::unique_ptr<FileLoader>> FileLoader::AtRoot(TreeReader& reader,
                                                               absl::string_view path) {
  return Confirm(reader, nullptr, CleanText(path));
}

absl::StatusOr<std::string> FileLoader::Load(absl::string_view path) const {
  if (IsRemoteFile(path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path,
                     "' is remote and this build fetches nothing; put a copy of the "
                     "file beside the kustomization and name that"));
  }
  ASSIGN_OR_RETURN(const std::string joined, Join(path));
  absl::StatusOr<TreeReader::Place> place = reader_.Resolve(joined);
  if (!place.ok()) {
    if (!absl::IsNotFound(place.status())) return place.status();
    return Annotate(place.status(),
                    absl::StrCat("evalsymlink failure on '", reader_.Display(joined), "' "));
  }
  if (place->is_directory) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", reader_.Display(place->path), "' must resolve to a file"));
  }
  if (reader_.options().load_restriction == LoadRestriction::kRootOnly &&
      !IsInOrBelow(fs::ParentPath(place->path), root_)) {
    return absl::PermissionDeniedError(absl::StrCat("security; file '",
                                                    reader_.Display(place->path),
                                                    "' is not in or below '", DisplayRoot(), "'"));
  }
  return reader_.Read(place->path);
}

absl::StatusOr<std::string> FileLoader::Folder(absl::string_view path) const {
  ASSIGN_OR_RETURN(const std::string joined, Join(path));
  ASSIGN_OR_RETURN(TreeReader::Place place, reader_.Resolve(joined));
  if (place.is_directory) return std::move(place.path);
  return absl::InvalidArgumentError(
      absl::StrCat("'", reader_.Display(place.path), "': file is not directory"));
}

absl::StatusOr<std::unique_ptr<FileLoader>> FileLoader::At(absl::string_view path) const {
  if (path.empty()) return absl::InvalidArgumentError("new root cannot be empty");
  if (ParseRepoSpec(path).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", path,
                     "' is a remote base and this build fetches nothing; make it a "
                     "source of its own, or copy it beside the kustomization"));
  }
  if (absl::StartsWith(path, "/")) {
    return absl::InvalidArgumentError(absl::StrCat("new root '", path, "' cannot be absolute"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<FileLoader> loader,
                   Confirm(reader_, this, CleanText(JoinPath(root_, path))));
  for (const FileLoader* visited = this; visited != nullptr; visited = visited->referrer_) {
    if (IsInOrBelow(visited->root_, loader->root_)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cycle detected: candidate root '", loader->DisplayRoot(), "' contains visited root '",
          visited->DisplayRoot(), "'; one of the two must not refer to the other"));
    }
  }
  if (loader->depth_ > reader_.options().limits.max_depth) {
    return absl::ResourceExhaustedError(absl::StrCat("kustomizations nest deeper than ",
                                                     reader_.options().limits.max_depth,
                                                     " levels at '", loader->DisplayRoot(), "'"));
  }
  return loader;
}

}  // namespace sluice::kustomize
