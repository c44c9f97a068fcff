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

void Storage::SetUrl(api::Artifact& artifact) const {
  const std::string& host = options_.advertised_host;
  const bool has_scheme = absl::StartsWith(host, "http://") || absl::StartsWith(host, "https://");
  artifact.url =
      absl::StrCat(has_scheme ? "" : "http://", host, "/", absl::StripPrefix(artifact.path, "/"));
}

absl::Status Storage::Archive(const Context& ctx, const fs::Tree& tree, archive::LeaveOut leave_out,
                              api::Artifact& artifact) {
  RETURN_IF_ERROR(root_.CreateDirectories(fs::ParentPath(artifact.path)));
  ASSIGN_OR_RETURN(disk::FileWriter writer, root_.Create(artifact.path));
  crypto::Digester digester(options_.algorithm);
  int64_t size = 0;
  RETURN_IF_ERROR(archive::Pack(tree, leave_out, [&](absl::string_view bytes) {
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
    if (files.size() + kept >= kMaxListed) break;
    if (entry.type != disk::DiskEntry::Type::kFile) continue;
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
    RETURN_IF_ERROR(root_.Remove(absl::StrCat(directory, "/", file.name)));
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
