// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/bucket_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::artifact {
namespace {

constexpr char kLinks[] = ".links";
constexpr char kUnfinished[] = "unfinished";
constexpr size_t kMaxName = 1024;

std::string CacheName(absl::string_view key, absl::string_view etag) {
  return crypto::Sha256Hex(absl::StrCat(key, "\n", etag));
}

std::string LinkPath(absl::string_view path) {
  return absl::StrCat(fs::ParentPath(path), "/", kLinks, "/", fs::BaseName(path));
}

absl::Status Explain(const absl::Status& status, absl::string_view what, absl::string_view path) {
  return Annotate(status, absl::StrCat(what, " ", path, " in the storage bucket"));
}

}  // namespace

// Writes into the cache and the bucket side by side.
class BucketStore::Writer : public FileWriter {
 public:
  Writer(BucketStore& store, std::string key, disk::FileWriter local)
      : store_(store),
        key_(std::move(key)),
        local_(std::move(local)),
        upload_(store.objects_->Create(store.options_.bucket, key_)) {}

  absl::Status Write(const Context& ctx, absl::string_view bytes) override {
    size_ += bytes.size();
    RETURN_IF_ERROR(local_.Write(bytes));
    return Explain(upload_->Write(ctx, bytes), "writing", key_);
  }

  absl::Status Commit(const Context& ctx) override {
    const auto etag = upload_->Commit(ctx);
    if (!etag.ok()) return Explain(etag.status(), "writing", key_);
    // A cache that cannot be written only costs a download.
    const std::string name = CacheName(key_, *etag);
    if (local_.CommitAs(name).ok()) store_.Admit(name, size_);
    return absl::OkStatus();
  }

 private:
  BucketStore& store_;
  const std::string key_;
  disk::FileWriter local_;
  const std::unique_ptr<bucket::Upload> upload_;
  uint64_t size_ = 0;
};

absl::StatusOr<std::unique_ptr<BucketStore>> BucketStore::Open(
    BucketStoreOptions options, std::unique_ptr<bucket::WritableStore> objects) {
  const std::string& directory = options.cache_directory;
  ASSIGN_OR_RETURN(const disk::RootedPath parent,
                   disk::RootedPath::Open(fs::ParentPath(directory)));
  RETURN_IF_ERROR(parent.CreateDirectories(fs::BaseName(directory)));
  ASSIGN_OR_RETURN(disk::RootedPath cache, disk::RootedPath::Open(directory));
  // What an earlier process left, half a download maybe, is not told from what is good.
  RETURN_IF_ERROR(cache.RemoveTree(""));
  return std::unique_ptr<BucketStore>(
      new BucketStore(std::move(options), std::move(cache), std::move(objects)));
}

BucketStore::BucketStore(BucketStoreOptions options, disk::RootedPath cache,
                         std::unique_ptr<bucket::WritableStore> objects)
    : options_(std::move(options)), cache_(std::move(cache)), objects_(std::move(objects)) {}

std::string BucketStore::KeyOf(absl::string_view path) const {
  return absl::StrCat(options_.prefix, path);
}

absl::StatusOr<std::unique_ptr<FileWriter>> BucketStore::Create(const Context&,
                                                                const std::string& path) {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  ASSIGN_OR_RETURN(disk::FileWriter local, cache_.Create(kUnfinished));
  return std::make_unique<Writer>(*this, KeyOf(path), std::move(local));
}

absl::StatusOr<StoredFile> BucketStore::Open(const Context& ctx, const std::string& path) {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  auto file = OpenObject(ctx, path);
  if (!absl::IsNotFound(file.status())) return file;
  std::string target;
  const auto link = objects_->Get(ctx, options_.bucket, KeyOf(LinkPath(path)),
                                  [&target](absl::string_view bytes) -> absl::Status {
                                    target.append(bytes.data(), bytes.size());
                                    if (target.size() <= kMaxName) return absl::OkStatus();
                                    return absl::DataLossError("the link is too long");
                                  });
  if (absl::IsNotFound(link.status())) return file;
  if (!link.ok()) return Explain(link.status(), "reading", path);
  // Somebody else may have written it.
  if (!fs::IsCleanPath(target) || fs::BaseName(target) != target) return file;
  return OpenObject(ctx, absl::StrCat(fs::ParentPath(path), "/", target));
}

absl::StatusOr<StoredFile> BucketStore::OpenObject(const Context& ctx, const std::string& path) {
  const std::string key = KeyOf(path);
  const auto found = objects_->Find(ctx, options_.bucket, key);
  if (absl::IsNotFound(found.status())) {
    return fs::NoSuchEntry("open", path);
  }
  if (!found.ok()) return Explain(found.status(), "reading", path);
  std::string etag = found->etag;
  StoredFile file = {std::string(fs::BaseName(path)), {}, 0, found->modified};
  ASSIGN_OR_RETURN(file.handle, Fetch(ctx, key, etag));
  struct stat info;
  if (fstat(file.handle.fd(), &info) != 0) return disk::ErrnoStatus(errno, "stat", path);
  file.size = static_cast<uint64_t>(info.st_size);
  return file;
}

std::optional<disk::Handle> BucketStore::FromCache(const std::string& name) {
  auto handle = cache_.OpenForReading(name);
  absl::MutexLock lock(&mutex_);
  const auto it = cached_.find(name);
  if (!handle.ok() || it == cached_.end()) return std::nullopt;
  by_use_.splice(by_use_.end(), by_use_, it->second.use);
  return *std::move(handle);
}

absl::StatusOr<disk::Handle> BucketStore::Fetch(const Context& ctx, const std::string& key,
                                                std::string& etag) {
  {
    // One download of an object at a time: who comes meanwhile finds it in the cache.
    const auto on_cancel = ctx.OnCancel([this] {
      absl::MutexLock lock(&mutex_);
      fetched_.SignalAll();
    });
    absl::MutexLock lock(&mutex_);
    while (!fetching_.insert(key).second) {
      RETURN_IF_ERROR(ctx.Check());
      fetched_.WaitWithTimeout(&mutex_, ctx.remaining());
    }
  }
  const absl::Cleanup done = [&] {
    absl::MutexLock lock(&mutex_);
    fetching_.erase(key);
    fetched_.SignalAll();
  };
  if (auto cached = FromCache(CacheName(key, etag))) return *std::move(cached);
  ASSIGN_OR_RETURN(disk::FileWriter writer, cache_.Create(kUnfinished));
  uint64_t size = 0;
  const auto got =
      objects_->Get(ctx, options_.bucket, key, [&](absl::string_view bytes) -> absl::Status {
        size += bytes.size();
        return writer.Write(bytes);
      });
  if (!got.ok()) return Explain(got.status(), "reading", key);
  etag = *got;
  const std::string name = CacheName(key, etag);
  RETURN_IF_ERROR(writer.CommitAs(name));
  // Before it counts, so that it cannot be taken out again before it is open.
  ASSIGN_OR_RETURN(disk::Handle handle, cache_.OpenForReading(name));
  Admit(name, size);
  return handle;
}

void BucketStore::Admit(const std::string& name, uint64_t size) {
  absl::MutexLock lock(&mutex_);
  if (const auto known = cached_.find(name); known != cached_.end()) {
    cached_bytes_ -= known->second.size;
    by_use_.erase(known->second.use);
    cached_.erase(known);
  }
  cached_[name] = {size, by_use_.insert(by_use_.end(), name)};
  cached_bytes_ += size;
  while (cached_bytes_ > options_.max_cache_bytes) {
    const auto oldest = cached_.find(by_use_.front());
    // Who has it open keeps it.
    cache_.Remove(oldest->first).IgnoreError();
    cached_bytes_ -= oldest->second.size;
    cached_.erase(oldest);
    by_use_.pop_front();
  }
}

uint64_t BucketStore::cached_bytes() const {
  absl::MutexLock lock(&mutex_);
  return cached_bytes_;
}

absl::Status BucketStore::Link(const Context& ctx, const std::string& path,
                               const std::string& target) {
  const std::string key = KeyOf(LinkPath(path));
  const auto upload = objects_->Create(options_.bucket, key);
  absl::Status status = upload->Write(ctx, target);
  if (status.ok()) status = upload->Commit(ctx).status();
  return Explain(status, "writing", key);
}

absl::StatusOr<FileStore::Listing> BucketStore::List(const Context& ctx,
                                                     const std::string& directory, size_t limit) {
  const std::string prefix = absl::StrCat(KeyOf(directory), "/");
  Listing listing;
  const auto now = objects_->ListObjects(
      ctx, options_.bucket, prefix, [&](bucket::ObjectInfo object) -> absl::Status {
        absl::string_view name = object.key;
        if (!absl::ConsumePrefix(&name, prefix) || name.empty() ||
            name.find('/') != absl::string_view::npos) {
          return absl::OkStatus();
        }
        if (listing.files.size() < limit) {
          listing.files.push_back({std::string(name), object.modified});
        }
        return absl::OkStatus();
      });
  if (!now.ok()) return Explain(now.status(), "listing", directory);
  listing.now = *now;
  return listing;
}

absl::Status BucketStore::Remove(const Context& ctx, const std::string& path) {
  return Explain(objects_->Delete(ctx, options_.bucket, KeyOf(path)), "deleting", path);
}

absl::StatusOr<bool> BucketStore::RemoveAll(const Context& ctx, const std::string& directory) {
  std::vector<std::string> keys;
  const auto listed =
      objects_->ListObjects(ctx, options_.bucket, absl::StrCat(KeyOf(directory), "/"),
                            [&keys](bucket::ObjectInfo object) {
                              keys.push_back(std::move(object.key));
                              return absl::OkStatus();
                            });
  if (!listed.ok()) return Explain(listed.status(), "listing", directory);
  for (const std::string& key : keys) {
    const absl::Status deleted = objects_->Delete(ctx, options_.bucket, key);
    if (!deleted.ok()) return Explain(deleted, "deleting", key);
  }
  return !keys.empty();
}

}  // namespace sluice::artifact
