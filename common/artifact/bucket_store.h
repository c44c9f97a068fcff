// BucketStore: files as objects of a bucket, so that replicas share them and each can serve them.
//
//   <prefix><kind>/<namespace>/<name>/<file>          a file, one object, written at once
//   <prefix><kind>/<namespace>/<name>/.links/<name>   a link: its content is the file's name
//
// Reading goes through a local folder that holds what was read or written last, by key and ETag: an
// object is downloaded once, and each reading asks the bucket which ETag is the present one. The
// folder is a cache and begins empty.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/artifact/file_store.h"
#include "common/bucket/object_store.h"
#include "common/disk/rooted_path.h"

namespace sluice::artifact {

struct BucketStoreOptions {
  std::string bucket;
  std::string prefix;                            // of all keys: "" or "…/"
  std::string cache_directory;                   // made if it is missing, and emptied
  uint64_t max_cache_bytes = uint64_t{1} << 30;  // of files that nobody has open
};

// Errors of the bucket are kUnavailable or what it says, never kNotFound for an object that may be
// there.
class BucketStore : public FileStore {
 public:
  // The error of the cache's folder.
  static absl::StatusOr<std::unique_ptr<BucketStore>> Open(
      BucketStoreOptions options, std::unique_ptr<bucket::WritableStore> objects);

  bool shared() const override { return true; }
  absl::StatusOr<std::unique_ptr<FileWriter>> Create(const Context& ctx,
                                                     const std::string& path) override;
  absl::StatusOr<StoredFile> Open(const Context& ctx, const std::string& path) override;
  absl::Status Link(const Context& ctx, const std::string& path,
                    const std::string& target) override;
  absl::StatusOr<Listing> List(const Context& ctx, const std::string& directory,
                               size_t limit) override;
  // Uploads that were begun are not objects.
  absl::Status RemoveUnfinished(const Context&, const std::string&) override {
    return absl::OkStatus();
  }
  absl::Status Remove(const Context& ctx, const std::string& path) override;
  absl::StatusOr<bool> RemoveAll(const Context& ctx, const std::string& directory) override;

  // The bytes in the cache.
  uint64_t cached_bytes() const;

 private:
  class Writer;

  BucketStore(BucketStoreOptions options, disk::RootedPath cache,
              std::unique_ptr<bucket::WritableStore> objects);

  std::string KeyOf(absl::string_view path) const;
  // The object itself, no link.
  absl::StatusOr<StoredFile> OpenObject(const Context& ctx, const std::string& path);
  // A file of the cache, nullopt if it is not there (any more).
  std::optional<disk::Handle> FromCache(const std::string& name);
  // Fetches `key` into the cache, and opens it; its ETag may be a newer one than asked for.
  absl::StatusOr<disk::Handle> Fetch(const Context& ctx, const std::string& key, std::string& etag);
  // Counts the file `name` of the cache and takes out what is too much, oldest use first.
  void Admit(const std::string& name, uint64_t size);

  const BucketStoreOptions options_;
  const disk::RootedPath cache_;
  const std::unique_ptr<bucket::WritableStore> objects_;

  struct Cached {
    uint64_t size;
    std::list<std::string>::iterator use;
  };
  mutable absl::Mutex mutex_;
  std::list<std::string> by_use_ ABSL_GUARDED_BY(mutex_);  // oldest first
  std::map<std::string, Cached> cached_ ABSL_GUARDED_BY(mutex_);
  uint64_t cached_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> fetching_ ABSL_GUARDED_BY(mutex_);  // keys
  absl::CondVar fetched_;
};

}  // namespace sluice::artifact
