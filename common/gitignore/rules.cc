// SPDX-License-Identifier: Apache-2.0
#include "common/gitignore/rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/walk.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gitignore {
namespace {

bool IsBlank(absl::string_view line) {
  while (!line.empty()) {
    const text::Decoded first = text::DecodeFirst(line);
    if (!text::IsSpace(first.character)) return false;
    line.remove_prefix(first.size);
  }
  return true;
}

absl::Status TooMany() {
  return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxPatterns, " ignore patterns"));
}

Rules BuiltIn(absl::string_view text) {
  Rules rules;
  rules.Add(text).IgnoreError();  // far below the limits
  return rules;
}

// The path of the file that the entry `path` is or leads to, "" if there is none.
absl::StatusOr<std::string> Resolve(const fs::Tree& tree, std::string path) {
  constexpr int kMaxLinks = 8;
  for (int links = 0; links <= kMaxLinks; ++links) {
    const absl::StatusOr<fs::Entry> entry = tree.Stat(path);
    if (absl::IsNotFound(entry.status())) return "";
    RETURN_IF_ERROR(entry.status());
    if (entry->type == fs::EntryType::kFile) return path;
    if (entry->type == fs::EntryType::kDirectory) return "";
    ASSIGN_OR_RETURN(const std::string target, tree.ReadLink(path));
    absl::StatusOr<std::string> next = fs::JoinPath(fs::ParentPath(path), target);
    if (!next.ok()) return Annotate(next.status(), absl::StrCat("link ", path));
    path = *std::move(next);
  }
  return absl::InvalidArgumentError(absl::StrCat("link ", path, ": too many links"));
}

}  // namespace

absl::Status Rules::Add(absl::string_view text, absl::string_view scope) {
  if (text.size() > kMaxIgnoreFileBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ignore patterns are larger than ", kMaxIgnoreFileBytes, " bytes"));
  }
  RETURN_IF_ERROR(fs::CheckCleanPath(scope));
  std::vector<Pattern> added;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.size() > kMaxLineBytes) break;
    absl::ConsumeSuffix(&line, "\r");
    if (absl::StartsWith(line, "#") || IsBlank(line)) continue;
    if (patterns_.size() + added.size() >= kMaxPatterns) return TooMany();
    added.emplace_back(line, scope);
  }
  std::move(added.begin(), added.end(), std::back_inserter(patterns_));
  return absl::OkStatus();
}

absl::Status Rules::Add(const Rules& rules) {
  if (patterns_.size() + rules.patterns_.size() > kMaxPatterns) return TooMany();
  patterns_.insert(patterns_.end(), rules.patterns_.begin(), rules.patterns_.end());
  return absl::OkStatus();
}

bool Rules::Ignores(absl::string_view path, bool is_directory) const {
  if (path.empty()) return false;
  const std::vector<absl::string_view> elements = absl::StrSplit(path, '/');
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->Matches(elements, is_directory)) return !pattern->negated();
  }
  return false;
}

const Rules& VersionControlRules() {
  static const Rules* const rules =
      new Rules(BuiltIn(".git/\n.gitignore\n.gitmodules\n.gitattributes"));
  return *rules;
}

const Rules& DefaultRules() {
  static const Rules* const rules = new Rules(
      BuiltIn("*.jpg\n*.jpeg\n*.gif\n*.png\n*.wmv\n*.flv\n*.tar.gz\n*.zip\n"
              ".github/\n.circleci/\n.travis.yml\n.gitlab-ci.yml\nappveyor.yml\n.drone.yml\n"
              "cloudbuild.yaml\ncodeship-services.yml\ncodeship-steps.yml\n"
              "**/.goreleaser.yml\n**/.sops.yaml\n**/.flux.yaml"));
  return *rules;
}

absl::StatusOr<Rules> ReadIgnoreFiles(const fs::Tree& tree) {
  Rules rules;
  const auto read = [&](absl::string_view path,
                        const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
    if (entry.type != fs::EntryType::kDirectory) return fs::Visit::kContinue;
    if (entry.name == ".git") return fs::Visit::kSkipDirectory;
    ASSIGN_OR_RETURN(const std::string file, fs::JoinPath(path, kIgnoreFile));
    ASSIGN_OR_RETURN(const std::string target, Resolve(tree, file));
    if (target.empty()) return fs::Visit::kContinue;
    ASSIGN_OR_RETURN(const std::string text, tree.Read(target, kMaxIgnoreFileBytes));
    RETURN_IF_ERROR(Annotate(rules.Add(text, path), file));
    return fs::Visit::kContinue;
  };
  RETURN_IF_ERROR(fs::Walk(tree, "", {}, read));
  return rules;
}

absl::StatusOr<Rules> ArtifactRules(const fs::Tree& tree, absl::string_view spec_ignore) {
  ASSIGN_OR_RETURN(Rules custom, ReadIgnoreFiles(tree));
  RETURN_IF_ERROR(Annotate(custom.Add(spec_ignore), "spec.ignore"));
  Rules rules = VersionControlRules();
  RETURN_IF_ERROR(rules.Add(custom.empty() ? DefaultRules() : custom));
  return rules;
}

}  // namespace sluice::gitignore
