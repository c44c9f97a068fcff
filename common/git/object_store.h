// ObjectStore: the objects of a Git repository on disk, through libgit2.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/git/object_id.h"
#include "common/git/objects.h"

namespace sluice::git {

struct ObjectHeader {
  ObjectType type = ObjectType::kBlob;
  uint64_t size = 0;
};

struct Object {
  ObjectType type = ObjectType::kBlob;
  std::string bytes;
};

// The most that a commit, tag or tree may have.
inline constexpr size_t kMaxStructuredObject = size_t{32} << 20;

// Receives a pack: indexes it as it comes and makes its objects readable when it is whole. Memory
// is some 100 bytes per object, besides the largest object that is stored as a difference.
// Destroyed before Finish(), it leaves nothing behind. Not thread-safe; the store must outlive it.
class PackWriter {
 public:
  virtual ~PackWriter() = default;
  // kDataLoss for bytes that are no pack, ctx.Check()'s error, kInternal if the disk fails.
  virtual absl::Status Append(const Context& ctx, absl::string_view bytes) = 0;
  // kDataLoss if the pack is not whole or its checksum is wrong.
  virtual absl::Status Finish(const Context& ctx) = 0;
};

// Thread-safe. Objects are checked against their names when they are read.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // `directory` is a repository's "objects". kNotFound or kInternal.
  static absl::StatusOr<std::unique_ptr<ObjectStore>> Open(const std::string& directory);

  // kNotFound "object <id> not found", kDataLoss if the repository is damaged.
  virtual absl::StatusOr<ObjectHeader> Header(const ObjectId& id) const = 0;
  // Also kResourceExhausted if the object has more than `limit` bytes.
  virtual absl::StatusOr<Object> Read(const ObjectId& id, size_t limit) const = 0;
  // Hands the bytes of a blob to `use`, whose error it returns, without a copy. Errors as Read()'s;
  // kFailedPrecondition if it is no blob.
  using Use = absl::FunctionRef<absl::Status(absl::string_view bytes)>;
  virtual absl::Status UseBlob(const ObjectId& id, Use use) const = 0;
  virtual bool Exists(const ObjectId& id) const = 0;

  // Stores an object by itself (not in a pack); no error if it is there already.
  virtual absl::StatusOr<ObjectId> Write(ObjectType type, absl::string_view bytes) = 0;
  virtual absl::StatusOr<std::unique_ptr<PackWriter>> ReceivePack() = 0;

  // A pack of exactly `objects`, handed to `sink` in pieces; an error of `sink` ends it. Needs
  // memory for what is compared to find differences.
  virtual absl::Status WritePack(
      const std::vector<ObjectId>& objects,
      absl::FunctionRef<absl::Status(absl::string_view bytes)> sink) const = 0;
};

// Objects by type: as Read(), and kFailedPrecondition if `id` is an object of another type.
absl::StatusOr<Commit> ReadCommit(const ObjectStore& store, const ObjectId& id);
absl::StatusOr<Tag> ReadTag(const ObjectStore& store, const ObjectId& id);
absl::StatusOr<std::vector<TreeEntry>> ReadTree(const ObjectStore& store, const ObjectId& id);

// The object that `id` leads to through annotated tags: `id` itself if it is no tag.
absl::StatusOr<ObjectId> Peel(const ObjectStore& store, const ObjectId& id);

// OK if everything below the tree `id` is in the store; kNotFound naming what is missing, or
// kDataLoss. Blobs are looked up, not read.
absl::Status CheckComplete(const Context& ctx, const ObjectStore& store, const ObjectId& id);

}  // namespace sluice::git
