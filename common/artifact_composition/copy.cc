// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/copy.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/archive/tar_tree.h"
#include "common/artifact_composition/path_glob.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/walk.h"
#include "common/helm/values_file.h"
#include "common/value/yaml.h"

namespace sluice::artifact_composition {
namespace {

// fluxcd/pkg/tar's default, which source-watcher extracts with.
constexpr uint64_t kMaxExtracted = uint64_t{100} << 20;
constexpr absl::string_view kTarget = "@artifact/";

bool IsTarball(absl::string_view path) {
  return absl::EndsWithIgnoreCase(path, ".tar.gz") || absl::EndsWithIgnoreCase(path, ".tgz");
}

// What does not belong to a copy. A pattern is tried on the whole path and on the path below the
// part of `from` that is no pattern; one without "/" on the last element too.
class Exclusion {
 public:
  static absl::StatusOr<Exclusion> Parse(const std::vector<std::string>& patterns) {
    Exclusion result;
    for (const std::string& text : patterns) {
      auto pattern = DoubleStar::Parse(text);
      if (absl::IsInvalidArgument(pattern.status())) {
        return absl::InvalidArgumentError(absl::StrCat("invalid exclude pattern '", text, "'"));
      }
      RETURN_IF_ERROR(pattern.status());
      result.patterns_.push_back({*std::move(pattern), !absl::StrContains(text, '/')});
    }
    return result;
  }

  bool Excludes(absl::string_view path, absl::string_view base) const {
    if (Matches(path)) return true;
    if (base.empty() || path == base) return false;
    absl::string_view below = path;
    return absl::ConsumePrefix(&below, base) && absl::ConsumePrefix(&below, "/") && Matches(below);
  }

 private:
  struct Pattern {
    DoubleStar glob;
    bool names_too;
  };

  bool Matches(absl::string_view path) const {
    for (const Pattern& pattern : patterns_) {
      if (pattern.glob.Matches(path)) return true;
      if (pattern.names_too && pattern.glob.Matches(fs::BaseName(path))) return true;
    }
    return false;
  }

  std::vector<Pattern> patterns_;
};

// The elements of a pattern before the first that has a special character.
std::string SelectionRoot(absl::string_view pattern) {
  std::string root;
  for (const absl::string_view element : absl::StrSplit(pattern, '/')) {
    if (IsPattern(element)) break;
    if (element.empty() || element == ".") continue;
    absl::StrAppend(&root, root.empty() ? "" : "/", element);
  }
  return root;
}

// The path where a match of `pattern` goes: "dir/**" leaves "dir/" out.
std::string GlobDestination(absl::string_view pattern, absl::string_view match,
                            absl::string_view directory) {
  if (absl::ConsumeSuffix(&pattern, "/**")) {
    absl::ConsumePrefix(&match, absl::StrCat(pattern, "/"));
  }
  return absl::StrCat(directory, directory.empty() || match.empty() ? "" : "/", match);
}

// One operation, with what its fields say.
class Copy {
 public:
  static absl::StatusOr<Copy> Parse(const api::CopyOperation& operation, const SourceTrees& sources,
                                    Composition& target) {
    const auto invalid = [&](absl::string_view what, const std::string& text,
                             absl::string_view why) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid copy ", what, " '", text, "': ", why));
    };
    Copy copy(operation, target);
    absl::string_view from = operation.from;
    if (!absl::ConsumePrefix(&from, "@")) {
      return invalid("source", operation.from, "source must start with '@'");
    }
    const size_t slash = from.find('/');
    if (slash == absl::string_view::npos) {
      return invalid("source", operation.from, "source format must be '@alias/pattern'");
    }
    copy.alias_ = std::string(from.substr(0, slash));
    copy.pattern_ = std::string(from.substr(slash + 1));
    absl::string_view to = operation.to;
    if (!absl::ConsumePrefix(&to, kTarget)) {
      return invalid("destination", operation.to, "destination must start with '@artifact/'");
    }
    auto destination = fs::CleanPath(to);
    if (!destination.ok()) {
      return invalid("destination", operation.to, destination.status().message());
    }
    copy.destination_ = *std::move(destination);
    const auto source = sources.find(copy.alias_);
    if (source == sources.end()) {
      return absl::NotFoundError(absl::StrCat("source alias '", copy.alias_, "' not found"));
    }
    copy.source_ = source->second;
    ASSIGN_OR_RETURN(copy.exclusion_, Exclusion::Parse(operation.exclude));
    return copy;
  }

  absl::Status Run(const Context& ctx) const {
    return IsPattern(pattern_) ? CopyMatches(ctx) : CopyOne(ctx);
  }

 private:
  Copy(const api::CopyOperation& operation, Composition& target)
      : operation_(operation), target_(target) {}

  bool extracts() const { return operation_.strategy == api::CopyStrategy::kExtract; }

  absl::StatusOr<std::vector<std::string>> Matches() const {
    absl::StatusOr<std::vector<std::string>> matches = std::vector<std::string>();
    if (extracts()) {
      const auto pattern = DoubleStar::Parse(pattern_);
      matches = pattern.ok() ? pattern->Expand(*source_) : pattern.status();
    } else {
      matches = Expand(*source_, pattern_);
    }
    if (!matches.ok()) {
      return Annotate(matches.status(), absl::StrCat("invalid glob pattern '", pattern_, "'"));
    }
    return matches;
  }

  absl::Status CopyMatches(const Context& ctx) const {
    ASSIGN_OR_RETURN(const std::vector<std::string> matches, Matches());
    if (matches.empty()) {
      return absl::NotFoundError(
          absl::StrCat("no files match pattern '", pattern_, "' in source '", alias_, "'"));
    }
    const std::string base = SelectionRoot(pattern_);
    bool any = false;
    for (const std::string& match : matches) {
      RETURN_IF_ERROR(ctx.Check());
      if (match.empty() || exclusion_.Excludes(match, base)) continue;
      any = true;
      if (extracts()) {
        if (!IsTarball(match)) continue;
        const absl::Status extracted = Extract(match);
        if (!extracted.ok()) {
          return Annotate(extracted, absl::StrCat("failed to extract tarball '", match, "' to '",
                                                  destination_, "'"));
        }
        continue;
      }
      const std::string to = GlobDestination(pattern_, match, destination_);
      const absl::Status copied = CopyTo(ctx, match, to, base);
      if (!copied.ok()) {
        return Annotate(copied, absl::StrCat("failed to copy file '", match, "' to '", to, "'"));
      }
    }
    if (!any) {
      return absl::NotFoundError(absl::StrCat("all files matching pattern '", pattern_,
                                              "' in source '", alias_, "' were excluded"));
    }
    return absl::OkStatus();
  }

  absl::Status CopyOne(const Context& ctx) const {
    const auto path = fs::CleanPath(pattern_);
    if (!path.ok()) {
      return Annotate(path.status(), absl::StrCat("failed to stat source '", pattern_, "'"));
    }
    const auto entry = source_->Stat(*path);
    if (absl::IsNotFound(entry.status())) {
      return absl::NotFoundError(absl::StrCat("source '", *path, "' does not exist"));
    }
    RETURN_IF_ERROR(entry.status());
    if (entry->type == fs::EntryType::kDirectory) {
      if (extracts()) {
        return absl::InvalidArgumentError(
            absl::StrCat("extract strategy is not supported for directories, got '", *path, "'"));
      }
      return CopyDirectory(ctx, *path, Join(destination_, fs::BaseName(*path)), *path);
    }
    if (exclusion_.Excludes(*path, "")) return absl::OkStatus();
    if (extracts()) {
      if (!IsTarball(*path)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "extract strategy requires tarball file (.tar.gz or .tgz), got '", *path, "'"));
      }
      return Extract(*path);
    }
    const auto there = target_.Stat(destination_);
    const bool into = absl::EndsWith(operation_.to, "/") ||
                      (there.ok() && there->type == fs::EntryType::kDirectory);
    return CopyFile(*path, into ? Join(destination_, fs::BaseName(*path)) : destination_);
  }

  absl::Status CopyTo(const Context& ctx, const std::string& from, const std::string& to,
                      const std::string& base) const {
    ASSIGN_OR_RETURN(const fs::Entry entry, source_->Stat(from));
    if (entry.type == fs::EntryType::kDirectory) return CopyDirectory(ctx, from, to, base);
    return CopyFile(from, to);
  }

  // Files of a directory are never merged.
  absl::Status CopyDirectory(const Context& ctx, const std::string& from, const std::string& to,
                             const std::string& base) const {
    RETURN_IF_ERROR(target_.AddDirectory(to));
    return fs::Walk(
        *source_, from, {},
        [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
          RETURN_IF_ERROR(ctx.Check());
          if (path == from) return fs::Visit::kContinue;
          if (exclusion_.Excludes(path, base)) return fs::Visit::kSkipDirectory;
          const std::string place = Join(to, path.substr(from.empty() ? 0 : from.size() + 1));
          if (entry.type == fs::EntryType::kDirectory) {
            RETURN_IF_ERROR(target_.AddDirectory(place));
          } else if (entry.type == fs::EntryType::kFile) {
            RETURN_IF_ERROR(target_.AddFile(place, source_, path));
          }
          return fs::Visit::kContinue;
        });
  }

  absl::Status CopyFile(const std::string& from, const std::string& to) const {
    if (operation_.strategy == api::CopyStrategy::kMerge && target_.Stat(to).ok()) {
      return Merge(from, to);
    }
    return target_.AddFile(to, source_, from);
  }

  absl::Status Merge(const std::string& from, const std::string& to) const {
    const auto load = [](const fs::Tree& tree, const std::string& path) -> absl::StatusOr<Value> {
      ASSIGN_OR_RETURN(const std::string text, tree.Read(path));
      // Helm 4's reading is source-watcher's: all documents are merged, numbers are doubles.
      return helm::ParseValuesFile(text, helm::Dialect::kHelm4);
    };
    ASSIGN_OR_RETURN(const Value over, load(*source_, from));
    ASSIGN_OR_RETURN(const Value under, load(target_, to));
    ASSIGN_OR_RETURN(std::string merged, value::MarshalYaml(helm::MergeTables(under, over)));
    return target_.AddContent(to, std::move(merged));
  }

  absl::Status Extract(const std::string& path) const {
    ASSIGN_OR_RETURN(const std::string bytes, source_->Read(path, kMaxExtracted));
    ASSIGN_OR_RETURN(std::shared_ptr<const fs::Tree> tree,
                     archive::TarTree::Open(bytes, {.symlinks = archive::Symlinks::kRefuse,
                                                    .max_bytes = kMaxExtracted}));
    RETURN_IF_ERROR(target_.AddDirectory(destination_));
    return fs::Walk(
        *tree, "", {},
        [&](absl::string_view inner, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
          const std::string place = Join(destination_, inner);
          if (entry.type == fs::EntryType::kDirectory) {
            RETURN_IF_ERROR(target_.AddDirectory(place));
          } else {
            RETURN_IF_ERROR(target_.AddFile(place, tree, inner));
          }
          return fs::Visit::kContinue;
        });
  }

  static std::string Join(absl::string_view directory, absl::string_view path) {
    return absl::StrCat(directory, directory.empty() || path.empty() ? "" : "/", path);
  }

  const api::CopyOperation& operation_;
  Composition& target_;
  std::string alias_;
  std::string pattern_;
  std::string destination_;  // clean
  std::shared_ptr<const fs::Tree> source_;
  Exclusion exclusion_;
};

}  // namespace

absl::Status ApplyCopies(const Context& ctx, const std::vector<api::CopyOperation>& operations,
                         const SourceTrees& sources, Composition& target) {
  for (const api::CopyOperation& operation : operations) {
    RETURN_IF_ERROR(ctx.Check());
    const auto copy = Copy::Parse(operation, sources, target);
    const absl::Status status = copy.ok() ? copy->Run(ctx) : copy.status();
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("failed to apply copy operation from '", operation.from,
                                           "' to '", operation.to, "'"));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::artifact_composition
