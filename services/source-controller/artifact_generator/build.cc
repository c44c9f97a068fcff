// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/artifact_generator/build.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/artifact_composition/composition.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/walk.h"
#include "common/gitignore/rules.h"

namespace sluice::source_controller {
namespace {

bool IsLeftOut(absl::string_view path, const fs::Entry& entry) {
  static const auto* const kRules = [] {
    auto* rules = new gitignore::Rules(gitignore::VersionControlRules());
    // Far below the limits of what Add() takes.
    (void)rules->Add(gitignore::DefaultRules());
    return rules;
  }();
  return kRules->Ignores(path, entry.type == fs::EntryType::kDirectory);
}

// A digest of what the archive of `tree` will hold: paths, modes and contents.
absl::StatusOr<std::string> ContentName(const Context& ctx, const fs::Tree& tree) {
  crypto::Digester all(crypto::Algorithm::kSha256);
  RETURN_IF_ERROR(
      fs::Walk(tree, "", {},
               [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
                 RETURN_IF_ERROR(ctx.Check());
                 if (IsLeftOut(path, entry)) return fs::Visit::kContinue;
                 std::string content = "directory";
                 if (entry.type == fs::EntryType::kFile) {
                   crypto::Digester file(crypto::Algorithm::kSha256);
                   RETURN_IF_ERROR(tree.ReadPieces(path, [&file](absl::string_view bytes) {
                     file.Update(bytes);
                     return absl::OkStatus();
                   }));
                   content = absl::BytesToHexString(file.Finish());
                 }
                 // Nothing that a path can hold is mistaken for what follows it: its size comes
                 // first.
                 all.Update(absl::StrCat(path.size(), " ", path, entry.executable ? " x " : " - ",
                                         content, "\n"));
                 return fs::Visit::kContinue;
               }));
  return absl::BytesToHexString(all.Finish());
}

}  // namespace

absl::StatusOr<api::Artifact> BuildArtifact(const Context& ctx, artifact::Storage& storage,
                                            const api::OutputArtifact& output,
                                            const artifact_composition::SourceTrees& sources,
                                            const api::SourceReference& target,
                                            const std::optional<api::Artifact>& before) {
  artifact_composition::Composition composition;
  if (const absl::Status copied =
          artifact_composition::ApplyCopies(ctx, output.copy, sources, composition);
      !copied.ok()) {
    return Annotate(copied, "failed to apply copy operations");
  }
  const auto name = ContentName(ctx, composition);
  if (!name.ok()) return Annotate(name.status(), "failed to hash the content");
  api::Artifact artifact = storage.NewArtifact(target, "", absl::StrCat(*name, ".tar.gz"));
  if (before.has_value() && before->path == artifact.path && storage.Verify(ctx, *before).ok()) {
    artifact = *before;
    artifact.metadata.clear();
    storage.SetUrl(artifact);
  } else if (const absl::Status archived = storage.Archive(ctx, composition, IsLeftOut, artifact);
             !archived.ok()) {
    return Annotate(archived, "failed to create artifact");
  }
  artifact.revision = absl::StrCat("latest@", artifact.digest);
  return artifact;
}

}  // namespace sluice::source_controller
