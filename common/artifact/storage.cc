// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/storage.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/disk/disk_tree.h"
#include "common/disk/temp_dir.h"
#include "common/disk/unpack_to.h"
#include "common/fs/clean_path.h"

namespace sluice::artifact {
namespace {

// How many files of one object a garbage collection looks at (spec/source.md §2.8).
constexpr size_t kMaxListed = 1000;
constexpr size_t kChunk = 256 * 1024;
// Flux locks an artifact through a file beside it. We write aside and rename instead, but a folder
// that Flux has used holds such files.
constexpr char kLockSuffix[] = ".lock";

std::string DirectoryOf(const api::SourceReference& source) {
  return absl::StrCat(absl::AsciiStrToLower(source.kind), "/", source.key.ns, "/", source.key.name);
}

std::string WithAlgorithm(crypto::Algorithm algorithm, const std::string& raw) {
  return absl::StrCat(crypto::AlgorithmName(algorithm), ":", absl::BytesToHexString(raw));
}

absl::StatusOr<std::string> DigestOfFile(int fd, crypto::Algorithm algorithm) {
  crypto::Digester digester(algorithm);
  std::string buffer(kChunk, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     disk::ReadSome(fd, buffer.data(), buffer.size(), "artifact"));
    if (count == 0) break;
    digester.Update(absl::string_view(buffer.data(), count));
  }
  return WithAlgorithm(algorithm, digester.Finish());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> Storage::Open(StorageOptions options, Clock& clock) {
  auto root = disk::RootedPath::Open(options.root);
  if (!root.ok()) {
    return Annotate(root.status(), absl::StrCat("unable to use --storage-path ", options.root));
  }
  return std::unique_ptr<Storage>(new Storage(std::move(options), std::move(root).value(), clock));
}

Storage::Storage(StorageOptions options, disk::RootedPath root, Clock& clock)
    : options_(std::move(options)), root_(std::move(root)), clock_(clock) {}

api::Artifact Storage::NewArtifact(const api::SourceReference& source, absl::string_view revision,
                                   absl::string_view file_name) const {
  api::Artifact artifact;
  artifact.path = absl::StrCat(DirectoryOf(source), "/", file_name);
  artifact.revision = std::string(revision);
  SetUrl(artifact);
  return artifact;
}

std::string Storage::UrlOf(absl::string_view path) const {
  const std::string& host = options_.advertised_host;
  const bool has_scheme = absl::StartsWith(host, "http://") || absl::StartsWith(host, "https://");
  return absl::StrCat(has_scheme ? "" : "http://", host, "/", absl::StripPrefix(path, "/"));
}

void Storage::SetUrl(api::Artifact& artifact) const { artifact.url = UrlOf(artifact.path); }

std::string Storage::UrlOnThisHost(absl::string_view url) const {
  const size_t scheme = url.find("://");
  const size_t path = url.find('/', scheme == absl::string_view::npos ? 0 : scheme + 3);
  return UrlOf(path == absl::string_view::npos ? "" : url.substr(path));
}

absl::Status Storage::Write(const Context& ctx, absl::FunctionRef<absl::Status(Sink)> produce,
                            api::Artifact& artifact) {
  RETURN_IF_ERROR(root_.CreateDirectories(fs::ParentPath(artifact.path)));
  ASSIGN_OR_RETURN(disk::FileWriter writer, root_.Create(artifact.path));
  crypto::Digester digester(options_.algorithm);
  int64_t size = 0;
  RETURN_IF_ERROR(produce([&](absl::string_view bytes) {
    RETURN_IF_ERROR(ctx.Check());
    digester.Update(bytes);
    size += static_cast<int64_t>(bytes.size());
    return writer.Write(bytes);
  }));
  RETURN_IF_ERROR(writer.Commit());
  artifact.digest = WithAlgorithm(options_.algorithm, digester.Finish());
  artifact.size = size;
  artifact.last_update_time = clock_.Now();
  return absl::OkStatus();
}

absl::Status Storage::Archive(const Context& ctx, const fs::Tree& tree, archive::LeaveOut leave_out,
                              api::Artifact& artifact) {
  return Write(
      ctx, [&](Sink sink) { return archive::Pack(tree, leave_out, sink); }, artifact);
}

absl::Status Storage::Store(const Context& ctx, NextPiece next, api::Artifact& artifact) {
  return Write(
      ctx,
      [&](Sink sink) -> absl::Status {
        while (true) {
          ASSIGN_OR_RETURN(const absl::string_view piece, next());
          if (piece.empty()) return absl::OkStatus();
          RETURN_IF_ERROR(sink(piece));
        }
      },
      artifact);
}

absl::StatusOr<std::string> Storage::Link(const api::Artifact& artifact,
                                          absl::string_view name) const {
  const std::string path = absl::StrCat(fs::ParentPath(artifact.path), "/", name);
  // Relative, so that the folder can be moved; Flux writes the absolute path.
  RETURN_IF_ERROR(root_.Link(path, fs::BaseName(artifact.path)));
  return UrlOf(path);
}

absl::StatusOr<disk::Handle> Storage::Open(const api::Artifact& artifact) const {
  return root_.OpenForReading(artifact.path);
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Storage::Unpack(
    const Context& ctx, const api::Artifact& artifact) const {
  ASSIGN_OR_RETURN(disk::Handle file, Open(artifact));
  struct Unpacked {
    disk::TempDir directory;
    std::unique_ptr<disk::DiskTree> tree;
  };
  ASSIGN_OR_RETURN(disk::TempDir directory, disk::TempDir::Create("sluice-tmp-artifact-"));
  disk::FileSource source(std::move(file));
  RETURN_IF_ERROR(
      disk::UnpackTo(ctx, source, {.symlinks = archive::Symlinks::kRefuse}, directory.root()));
  ASSIGN_OR_RETURN(auto tree, disk::DiskTree::Open(directory.path()));
  auto unpacked = std::make_shared<Unpacked>(Unpacked{std::move(directory), std::move(tree)});
  const fs::Tree* view = unpacked->tree.get();
  return std::shared_ptr<const fs::Tree>(std::move(unpacked), view);
}

absl::Status Storage::Verify(const api::Artifact& artifact) const {
  ASSIGN_OR_RETURN(const disk::Handle file, root_.OpenForReading(artifact.path));
  const std::string name = artifact.digest.substr(0, artifact.digest.find(':'));
  const auto algorithm = crypto::ParseAlgorithm(name);
  const auto digest = algorithm.ok() ? DigestOfFile(file.fd(), *algorithm)
                                     : absl::StatusOr<std::string>(algorithm.status());
  if (digest.ok() && *digest == artifact.digest) return absl::OkStatus();
  const absl::Status removed = root_.Remove(artifact.path);
  if (!removed.ok() && !absl::IsNotFound(removed)) {
    return Annotate(removed, "failed to remove artifact after digest mismatch");
  }
  return absl::DataLossError(
      digest.ok() ? absl::StrCat("computed digest doesn't match '", artifact.digest, "'")
                  : std::string(digest.status().message()));
}

absl::StatusOr<int> Storage::CollectGarbage(const Context& ctx, const api::SourceReference& source,
                                            const std::optional<api::Artifact>& current) {
  const std::string directory = DirectoryOf(source);
  auto listed = root_.List(directory);
  if (absl::IsNotFound(listed.status())) return 0;
  RETURN_IF_ERROR(listed.status());
  std::vector<disk::DiskEntry> files;
  size_t kept = 0;
  for (disk::DiskEntry& entry : *listed) {
    if (absl::StartsWith(entry.name, disk::kUnfinishedPrefix)) {
      // Nobody else works on this source.
      RETURN_IF_ERROR(root_.Remove(absl::StrCat(directory, "/", entry.name)));
      continue;
    }
    if (files.size() + kept >= kMaxListed) break;
    if (entry.type != disk::DiskEntry::Type::kFile || absl::EndsWith(entry.name, kLockSuffix)) {
      continue;
    }
    if (current.has_value() && absl::StrCat(directory, "/", entry.name) == current->path) {
      ++kept;
    } else {
      files.push_back(std::move(entry));
    }
  }
  std::sort(files.begin(), files.end(), [](const disk::DiskEntry& a, const disk::DiskEntry& b) {
    return a.modified < b.modified;
  });
  const absl::Time oldest = clock_.Now() - options_.retention_ttl;
  size_t left = files.size() + kept;
  int removed = 0;
  for (const disk::DiskEntry& file : files) {
    RETURN_IF_ERROR(ctx.Check());
    if (file.modified >= oldest && left <= static_cast<size_t>(options_.retention_records)) break;
    const std::string path = absl::StrCat(directory, "/", file.name);
    RETURN_IF_ERROR(root_.Remove(path));
    const absl::Status unlocked = root_.Remove(absl::StrCat(path, kLockSuffix));
    if (!unlocked.ok() && !absl::IsNotFound(unlocked)) return unlocked;
    --left;
    ++removed;
  }
  return removed;
}

absl::StatusOr<bool> Storage::RemoveAll(const api::SourceReference& source) {
  const std::string directory = DirectoryOf(source);
  const bool there = root_.Stat(directory).ok();
  RETURN_IF_ERROR(root_.RemoveTree(directory));
  return there;
}

std::string AdvertisedHost(absl::string_view listen_address) {
  const size_t colon = listen_address.rfind(':');
  std::string host(listen_address.substr(0, colon));
  const absl::string_view port =
      colon == absl::string_view::npos ? "" : listen_address.substr(colon);
  if (host.empty()) {
    host = "localhost";
  } else if (host == "0.0.0.0") {
    const char* name = std::getenv("HOSTNAME");
    char system_name[256] = {};
    if (name == nullptr && gethostname(system_name, sizeof(system_name) - 1) == 0) {
      name = system_name;
    }
    host = name == nullptr ? "localhost" : name;
  }
  return absl::StrCat(host, port);
}

}  // namespace sluice::artifact
