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
#include "common/artifact/disk_store.h"
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
  auto files = DiskStore::Open(options.root, clock);
  if (!files.ok()) {
    return Annotate(files.status(), absl::StrCat("unable to use --storage-path ", options.root));
  }
  return std::make_unique<Storage>(std::move(options), *std::move(files), clock);
}

Storage::Storage(StorageOptions options, std::unique_ptr<FileStore> files, Clock& clock)
    : options_(std::move(options)), files_(std::move(files)), clock_(clock) {}

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
  ASSIGN_OR_RETURN(const std::unique_ptr<FileWriter> writer, files_->Create(ctx, artifact.path));
  crypto::Digester digester(options_.algorithm);
  int64_t size = 0;
  RETURN_IF_ERROR(produce([&](absl::string_view bytes) {
    digester.Update(bytes);
    size += static_cast<int64_t>(bytes.size());
    return writer->Write(ctx, bytes);
  }));
  RETURN_IF_ERROR(writer->Commit(ctx));
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

absl::StatusOr<std::string> Storage::Link(const Context& ctx, const api::Artifact& artifact,
                                          absl::string_view name) const {
  const std::string path = absl::StrCat(fs::ParentPath(artifact.path), "/", name);
  RETURN_IF_ERROR(files_->Link(ctx, path, std::string(fs::BaseName(artifact.path))));
  return UrlOf(path);
}

absl::StatusOr<disk::Handle> Storage::Open(const Context& ctx,
                                           const api::Artifact& artifact) const {
  ASSIGN_OR_RETURN(StoredFile file, files_->Open(ctx, artifact.path));
  return std::move(file.handle);
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Storage::Unpack(
    const Context& ctx, const api::Artifact& artifact) const {
  ASSIGN_OR_RETURN(disk::Handle file, Open(ctx, artifact));
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

absl::Status Storage::Verify(const Context& ctx, const api::Artifact& artifact) const {
  ASSIGN_OR_RETURN(const disk::Handle file, Open(ctx, artifact));
  const std::string name = artifact.digest.substr(0, artifact.digest.find(':'));
  const auto algorithm = crypto::ParseAlgorithm(name);
  const auto digest = algorithm.ok() ? DigestOfFile(file.fd(), *algorithm)
                                     : absl::StatusOr<std::string>(algorithm.status());
  if (digest.ok() && *digest == artifact.digest) return absl::OkStatus();
  const absl::Status removed =
      files_->shared() ? absl::OkStatus() : files_->Remove(ctx, artifact.path);
  if (!removed.ok()) {
    return Annotate(removed, "failed to remove artifact after digest mismatch");
  }
  return absl::DataLossError(
      digest.ok() ? absl::StrCat("computed digest doesn't match '", artifact.digest, "'")
                  : std::string(digest.status().message()));
}

absl::StatusOr<int> Storage::CollectGarbage(const Context& ctx, const api::SourceReference& source,
                                            const std::optional<api::Artifact>& current) {
  const std::string directory = DirectoryOf(source);
  RETURN_IF_ERROR(files_->RemoveUnfinished(ctx, directory));  // nobody else works on this source
  ASSIGN_OR_RETURN(FileStore::Listing listing, files_->List(ctx, directory, kMaxListed));
  std::vector<FileStore::Listed>& files = listing.files;
  absl::Time newest = absl::InfiniteFuture();  // what may be deleted is older
  size_t kept = 0;
  if (current.has_value()) {
    const auto it = std::find_if(files.begin(), files.end(), [&](const auto& file) {
      return absl::StrCat(directory, "/", file.name) == current->path;
    });
    if (it != files.end()) {
      if (files_->shared()) newest = it->modified;
      files.erase(it);
      kept = 1;
    } else if (files_->shared()) {
      return 0;  // what the status names is gone: it is old, or all of it is to be made again
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.modified < b.modified; });
  const absl::Time oldest = listing.now - options_.retention_ttl;
  size_t left = files.size() + kept;
  int removed = 0;
  for (const FileStore::Listed& file : files) {
    RETURN_IF_ERROR(ctx.Check());
    const bool is_old = file.modified < oldest;
    const bool too_many =
        !files_->shared() && left > static_cast<size_t>(options_.retention_records);
    if (file.modified >= newest || (!is_old && !too_many)) break;
    RETURN_IF_ERROR(files_->Remove(ctx, absl::StrCat(directory, "/", file.name)));
    --left;
    ++removed;
  }
  return removed;
}

absl::StatusOr<bool> Storage::RemoveAll(const Context& ctx, const api::SourceReference& source) {
  return files_->RemoveAll(ctx, DirectoryOf(source));
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
