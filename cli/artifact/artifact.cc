// SPDX-License-Identifier: Apache-2.0
#include "cli/artifact/artifact.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/artifact/registry.h"
#include "cli/connection.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "common/base/status_macros.h"
#include "common/disk/temp_dir.h"
#include "common/disk/unpack_to.h"
#include "common/semver/constraint.h"
#include "common/text/regexp.h"

namespace sluice::cli {
namespace {

constexpr char kLayerFile[] = "layer";

struct ListOptions {
  RegistryOptions registry;
  std::string semver;
  std::string regex;
};

struct PullOptions {
  RegistryOptions registry;
  std::string output;
};

std::string AnnotationOf(const oci::Manifest& manifest, const char* key) {
  const auto found = manifest.annotations.find(key);
  return found == manifest.annotations.end() ? "" : found->second;
}

// What cosign puts beside an artifact.
bool IsAttachment(absl::string_view tag) {
  return absl::EndsWith(tag, ".sig") || absl::EndsWith(tag, ".att") || absl::EndsWith(tag, ".sbom");
}

absl::StatusOr<std::vector<std::string>> Filtered(std::vector<std::string> tags,
                                                  const ListOptions& options) {
  std::optional<semver::Constraint> range;
  std::optional<text::Regexp> pattern;
  if (!options.semver.empty()) {
    ASSIGN_OR_RETURN(range, semver::Constraint::Parse(options.semver));
  }
  if (!options.regex.empty()) {
    ASSIGN_OR_RETURN(pattern, text::Regexp::Compile(options.regex));
  }
  std::erase_if(tags, [&](const std::string& tag) {
    if (IsAttachment(tag) || (pattern.has_value() && !pattern->MatchesIn(tag))) return true;
    if (!range.has_value()) return false;
    const auto version = semver::Version::Parse(tag);
    return !version.ok() || !range->Matches(*version);
  });
  std::sort(tags.rbegin(), tags.rend());
  return tags;
}

absl::Status List(const Context& ctx, const ListOptions& options) {
  ASSIGN_OR_RETURN(const std::string name, ArtifactName(options.registry));
  ASSIGN_OR_RETURN(const oci::Repository repository, oci::ParseRepository(name));
  ASSIGN_OR_RETURN(const auto client, ConnectRegistry(options.registry));
  ASSIGN_OR_RETURN(std::vector<std::string> tags, client->ListTags(ctx, repository));
  ASSIGN_OR_RETURN(tags, Filtered(std::move(tags), options));
  Table table{{"artifact", "digest", "source", "revision"}, {}};
  for (const std::string& tag : tags) {
    ASSIGN_OR_RETURN(const oci::Image image,
                     client->GetImage(ctx, {repository, tag, ""}, oci::Platform()));
    table.rows.push_back({absl::StrCat("oci://", name, ":", tag),
                          image.descriptor.digest.ToString(), AnnotationOf(image.manifest, kSource),
                          AnnotationOf(image.manifest, kRevision)});
  }
  std::cout << FormatTable(table, /*with_header=*/true, StandardOutputStyle());
  return absl::OkStatus();
}

absl::Status Pull(const Context& ctx, const PullOptions& options) {
  if (options.output.empty()) return UsageError("output path cannot be empty");
  if (!std::filesystem::is_directory(options.output)) {
    return UsageError(absl::StrCat("invalid output path \"", options.output, "\": no folder"));
  }
  PrintProgress(Mark::kAction, absl::StrCat("pulling artifact from ", options.registry.url));
  ASSIGN_OR_RETURN(const oci::Image image, PullInto(ctx, options.registry, options.output));
  for (const auto& [what, key] : {std::pair("source ", kSource), {"revision ", kRevision}}) {
    const std::string text = AnnotationOf(image.manifest, key);
    if (!text.empty()) PrintProgress(Mark::kSuccess, absl::StrCat(what, text));
  }
  PrintProgress(Mark::kSuccess, absl::StrCat("digest ", image.descriptor.digest.ToString()));
  PrintProgress(Mark::kSuccess, absl::StrCat("artifact content extracted to ", options.output));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<oci::Image> PullInto(const Context& ctx, const RegistryOptions& options,
                                    const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string name, ArtifactName(options));
  ASSIGN_OR_RETURN(const oci::Reference reference, oci::ParseReference(name));
  ASSIGN_OR_RETURN(const auto client, ConnectRegistry(options));
  ASSIGN_OR_RETURN(oci::Image image, client->GetImage(ctx, reference, oci::Platform()));
  if (image.manifest.layers.empty()) {
    return absl::NotFoundError(absl::StrCat(options.url, ": no layers in the artifact"));
  }
  // Whole and right before anything of it is unpacked.
  ASSIGN_OR_RETURN(const disk::TempDir scratch, disk::TempDir::Create("sluice-pull-"));
  ASSIGN_OR_RETURN(disk::FileWriter layer, scratch.root().Create(kLayerFile));
  RETURN_IF_ERROR(
      client->FetchBlob(ctx, reference.repository, image.manifest.layers[0],
                        [&layer](absl::string_view bytes) { return layer.Write(bytes); }));
  RETURN_IF_ERROR(layer.Commit());
  ASSIGN_OR_RETURN(disk::Handle written, scratch.root().OpenForReading(kLayerFile));
  disk::FileSource packed(std::move(written));
  ASSIGN_OR_RETURN(const disk::RootedPath target, disk::RootedPath::Open(folder));
  RETURN_IF_ERROR(disk::UnpackTo(ctx, packed, {}, target));
  return image;
}

void AddList(Command& command) {
  const auto options = std::make_shared<ListOptions>();
  Command& list = command.Sub("list", "Lists what is in a registry")
                      .Sub("artifacts", "Lists the artifacts of a repository",
                           [options] { return RunLimited(*options, List); });
  list.Alias("artifact");
  AddRegistryFlags(list, options->registry);
  list.Text("--filter-semver", options->semver, "only versions of this range");
  list.Text("--filter-regex", options->regex, "only tags that this expression matches");
}

void AddPull(Command& command) {
  const auto options = std::make_shared<PullOptions>();
  Command& pull = command.Sub("pull", "Gets something out of a registry")
                      .Sub("artifact", "Unpacks an artifact into a folder",
                           [options] { return RunLimited(*options, Pull); });
  AddRegistryFlags(pull, options->registry);
  pull.Text("-o,--output", options->output, "existing folder");
}

}  // namespace sluice::cli
