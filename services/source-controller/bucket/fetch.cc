// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/bucket/fetch.h"

#include <atomic>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/archive/unpack.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/gitignore/rules.h"
#include "common/log/log.h"

namespace sluice::source_controller {
namespace {

// More cannot be archived either.
constexpr size_t kMaxObjects = 1'000'000;
// What an index takes in memory: names, and some 128 bytes for each.
constexpr size_t kMaxIndexBytes = size_t{48} << 20;
constexpr size_t kIndexEntryBytes = 128;

// What the artifact's consumers unpack at the most, so that more is of no use.
class DownloadBudget {
 public:
  absl::Status Take(size_t bytes) {
    if (left_.fetch_sub(static_cast<int64_t>(bytes)) >= static_cast<int64_t>(bytes)) {
      return absl::OkStatus();
    }
    return absl::ResourceExhaustedError(absl::StrCat("the objects have more than ",
                                                     archive::UnpackOptions().max_bytes,
                                                     " bytes; narrow spec.prefix or spec.ignore"));
  }

 private:
  std::atomic<int64_t> left_ = static_cast<int64_t>(archive::UnpackOptions().max_bytes);
};

// Puts the object `key` at `path`; its ETag.
absl::StatusOr<std::string> Fetch(const Context& ctx, bucket::ObjectStore& store,
                                  const std::string& bucket, const std::string& key,
                                  const disk::RootedPath& directory, const std::string& path,
                                  uint64_t limit, DownloadBudget& budget) {
  RETURN_IF_ERROR(directory.CreateDirectories(fs::ParentPath(path)));
  ASSIGN_OR_RETURN(disk::FileWriter file, directory.Create(path));
  uint64_t size = 0;
  const auto write = [&](absl::string_view bytes) -> absl::Status {
    size += bytes.size();
    if (size > limit) {
      return absl::ResourceExhaustedError(absl::StrCat("it has more than ", limit, " bytes"));
    }
    RETURN_IF_ERROR(budget.Take(bytes.size()));
    return file.Write(bytes);
  };
  ASSIGN_OR_RETURN(std::string etag, store.Get(ctx, bucket, key, write));
  RETURN_IF_ERROR(file.Commit());
  return etag;
}

}  // namespace

std::string IndexRevision(const ObjectIndex& index, crypto::Algorithm algorithm) {
  crypto::Digester digester(algorithm);
  for (const auto& [key, etag] : index) digester.Update(absl::StrCat(key, " ", etag, "\n"));
  return absl::StrCat(crypto::AlgorithmName(algorithm), ":",
                      absl::BytesToHexString(digester.Finish()));
}

bool IsRevisionOf(const ObjectIndex& index, const std::string& revision) {
  const auto algorithm = crypto::ParseAlgorithm(revision.substr(0, revision.find(':')));
  return algorithm.ok() && IndexRevision(index, *algorithm) == revision;
}

absl::StatusOr<ObjectIndex> ListObjects(const Context& whole, bucket::ObjectStore& store,
                                        const api::BucketSpec& spec,
                                        const disk::RootedPath& directory) {
  const Context ctx = whole.WithTimeout(spec.timeout);
  const std::string& bucket = spec.bucket_name;
  const auto exists = store.BucketExists(ctx, bucket);
  if (!exists.ok()) {
    return Annotate(exists.status(),
                    absl::StrCat("failed to confirm existence of '", bucket, "' bucket"));
  }
  if (!*exists) return absl::NotFoundError(absl::StrCat("bucket '", bucket, "' not found"));

  const std::string ignore_file(gitignore::kIgnoreFile);
  gitignore::Rules rules;
  DownloadBudget budget;
  const auto fetched = Fetch(ctx, store, bucket, ignore_file, directory, ignore_file,
                             gitignore::kMaxIgnoreFileBytes, budget);
  if (fetched.ok()) {
    ASSIGN_OR_RETURN(const std::string text,
                     directory.Read(ignore_file, gitignore::kMaxIgnoreFileBytes));
    RETURN_IF_ERROR(rules.Add(text));
  } else if (!absl::IsNotFound(fetched.status())) {
    return Annotate(fetched.status(),
                    absl::StrCat("failed to get Etag for '", ignore_file, "' object"));
  }
  RETURN_IF_ERROR(rules.Add(spec.ignore.value_or("")));

  ObjectIndex index;
  size_t index_bytes = 0;
  const absl::Status listed =
      store.List(ctx, bucket, spec.prefix, [&](std::string key, std::string etag) -> absl::Status {
        if (absl::EndsWith(key, "/") || key == ignore_file) return absl::OkStatus();
        ASSIGN_OR_RETURN(const std::string path, fs::SecureJoin("", key));
        if (path.empty() || rules.Ignores(path, /*is_directory=*/false)) return absl::OkStatus();
        if (index.size() == kMaxObjects) {
          return absl::ResourceExhaustedError(
              absl::StrCat("more than ", kMaxObjects, " objects; narrow spec.prefix"));
        }
        index_bytes += key.size() + etag.size() + kIndexEntryBytes;
        if (index_bytes > kMaxIndexBytes) {
          return absl::ResourceExhaustedError(absl::StrCat(
              "the names of ", index.size(), " objects need too much memory; narrow spec.prefix"));
        }
        key.shrink_to_fit();
        index[std::move(key)] = std::move(etag);
        return absl::OkStatus();
      });
  if (!listed.ok()) {
    return Annotate(listed,
                    absl::StrCat("indexation of objects from bucket '", bucket, "' failed"));
  }
  return index;
}

absl::Status DownloadObjects(const Context& whole, bucket::ObjectStore& store,
                             const api::BucketSpec& spec, const disk::RootedPath& directory,
                             ObjectIndex& index) {
  const Context ctx = whole.WithTimeout(spec.timeout);
  struct Object {
    std::string key;
    std::string path;
    absl::StatusOr<std::string> etag = absl::CancelledError("not downloaded");
  };
  std::vector<Object> objects;
  for (const auto& [key, etag] : index) {
    ASSIGN_OR_RETURN(std::string path, fs::SecureJoin("", key));
    objects.push_back({key, std::move(path)});
  }
  DownloadBudget budget;
  ParallelFor(objects.size(), kParallelDownloads, [&](size_t i) {
    Object& object = objects[i];
    object.etag = Fetch(ctx, store, spec.bucket_name, object.key, directory, object.path,
                        archive::UnpackOptions().max_file_bytes, budget);
    return object.etag.ok() || absl::IsNotFound(object.etag.status());
  });
  absl::Status error;
  for (const Object& object : objects) {
    if (object.etag.ok()) {
      index[object.key] = *object.etag;
    } else if (absl::IsNotFound(object.etag.status())) {
      log::Info(ctx, "indexed object disappeared", {{"object", object.key}});
      index.erase(object.key);
    } else if (error.ok() || absl::IsCancelled(error)) {
      error = Annotate(object.etag.status(),
                       absl::StrCat("fetch from bucket '", spec.bucket_name,
                                    "' failed: failed to get '", object.key, "' object"));
    }
  }
  return error;
}

}  // namespace sluice::source_controller
