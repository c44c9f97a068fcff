// SPDX-License-Identifier: Apache-2.0
#include "common/git/object_store.h"

#include <git2.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/git/libgit2.h"

namespace sluice::git {
namespace {

constexpr int kMaxTagChain = 16;

std::optional<ObjectType> FromLibgit2(git_object_t type) {
  switch (type) {
    case GIT_OBJECT_COMMIT:
      return ObjectType::kCommit;
    case GIT_OBJECT_TREE:
      return ObjectType::kTree;
    case GIT_OBJECT_BLOB:
      return ObjectType::kBlob;
    case GIT_OBJECT_TAG:
      return ObjectType::kTag;
    default:
      return std::nullopt;
  }
}

git_object_t ToLibgit2(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return GIT_OBJECT_COMMIT;
    case ObjectType::kTree:
      return GIT_OBJECT_TREE;
    case ObjectType::kBlob:
      return GIT_OBJECT_BLOB;
    case ObjectType::kTag:
      return GIT_OBJECT_TAG;
  }
  return GIT_OBJECT_INVALID;
}

absl::Status ReadError(int code, const ObjectId& id) {
  if (code == GIT_ENOTFOUND) {
    return absl::NotFoundError(absl::StrCat("object ", id.Hex(), " not found"));
  }
  return Libgit2Error(code, absl::StrCat("reading object ", id.Hex()), absl::StatusCode::kDataLoss);
}

class IndexingPackWriter : public PackWriter {
 public:
  absl::Status Start(const std::string& directory, git_odb* odb) {
    odb_ = odb;
    git_indexer_options options = GIT_INDEXER_OPTIONS_INIT;
    options.progress_cb = [](const git_indexer_progress* /*progress*/, void* self) {
      const Context* const ctx = static_cast<IndexingPackWriter*>(self)->ctx_;
      return ctx == nullptr || ctx->Check().ok() ? 0 : -1;
    };
    options.progress_cb_payload = this;
    git_indexer* indexer = nullptr;
    if (int code = git_indexer_new(&indexer, directory.c_str(), 0, odb, &options); code < 0) {
      return Libgit2Error(code, "receiving a pack");
    }
    indexer_.reset(indexer);
    return absl::OkStatus();
  }

  absl::Status Append(const Context& ctx, absl::string_view bytes) override {
    RETURN_IF_ERROR(ctx.Check());
    return Run(ctx, [&] {
      return git_indexer_append(indexer_.get(), bytes.data(), bytes.size(), &progress_);
    });
  }

  absl::Status Finish(const Context& ctx) override {
    RETURN_IF_ERROR(Run(ctx, [&] { return git_indexer_commit(indexer_.get(), &progress_); }));
    indexer_.reset();
    if (int code = git_odb_refresh(odb_); code < 0) return Libgit2Error(code, "reading a pack");
    return absl::OkStatus();
  }

 private:
  template <typename F>
  absl::Status Run(const Context& ctx, F step) {
    ctx_ = &ctx;
    const int code = step();
    ctx_ = nullptr;
    if (code >= 0) return absl::OkStatus();
    RETURN_IF_ERROR(ctx.Check());
    return Libgit2Error(code, "receiving a pack", absl::StatusCode::kDataLoss);
  }

  git_odb* odb_ = nullptr;
  const Context* ctx_ = nullptr;  // of the call that runs
  git_indexer_progress progress_ = {};
  Handle<git_indexer> indexer_;
};

class Libgit2ObjectStore : public ObjectStore {
 public:
  Libgit2ObjectStore(std::string directory, Handle<git_odb> odb)
      : directory_(std::move(directory)), odb_(std::move(odb)) {}

  absl::StatusOr<ObjectHeader> Header(const ObjectId& id) const override {
    git_oid oid;
    ToOid(id, &oid);
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (int code = git_odb_read_header(&size, &type, odb_.get(), &oid); code < 0) {
      return ReadError(code, id);
    }
    const std::optional<ObjectType> known = FromLibgit2(type);
    if (!known.has_value()) return absl::DataLossError("an object of unknown type");
    return ObjectHeader{.type = *known, .size = size};
  }

  absl::StatusOr<Object> Read(const ObjectId& id, size_t limit) const override {
    ASSIGN_OR_RETURN(const ObjectHeader header, Header(id));
    if (header.size > limit) {
      return absl::ResourceExhaustedError(absl::StrCat("object ", id.Hex(), " has ", header.size,
                                                       " bytes, more than the limit of ", limit));
    }
    git_oid oid;
    ToOid(id, &oid);
    git_odb_object* raw = nullptr;
    if (int code = git_odb_read(&raw, odb_.get(), &oid); code < 0) return ReadError(code, id);
    const Handle<git_odb_object> object(raw);
    return Object{.type = header.type,
                  .bytes = std::string(static_cast<const char*>(git_odb_object_data(raw)),
                                       git_odb_object_size(raw))};
  }

  absl::Status UseBlob(const ObjectId& id, Use use) const override {
    git_oid oid;
    ToOid(id, &oid);
    git_odb_object* raw = nullptr;
    if (int code = git_odb_read(&raw, odb_.get(), &oid); code < 0) return ReadError(code, id);
    const Handle<git_odb_object> object(raw);
    if (git_odb_object_type(raw) != GIT_OBJECT_BLOB) {
      return absl::FailedPreconditionError(absl::StrCat("object ", id.Hex(), " is no blob"));
    }
    return use(absl::string_view(static_cast<const char*>(git_odb_object_data(raw)),
                                 git_odb_object_size(raw)));
  }

  bool Exists(const ObjectId& id) const override {
    git_oid oid;
    ToOid(id, &oid);
    return git_odb_exists_ext(odb_.get(), &oid, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
  }

  absl::StatusOr<ObjectId> Write(ObjectType type, absl::string_view bytes) override {
    git_oid oid;
    if (int code = git_odb_write(&oid, odb_.get(), bytes.data(), bytes.size(), ToLibgit2(type));
        code < 0) {
      return Libgit2Error(code, absl::StrCat("writing a ", ObjectTypeName(type)));
    }
    return FromOid(oid);
  }

  absl::StatusOr<std::unique_ptr<PackWriter>> ReceivePack() override {
    auto writer = std::make_unique<IndexingPackWriter>();
    RETURN_IF_ERROR(writer->Start(absl::StrCat(directory_, "/pack"), odb_.get()));
    return writer;
  }

  absl::Status WritePack(const std::vector<ObjectId>& objects,
                         absl::FunctionRef<absl::Status(absl::string_view)> sink) const override {
    git_repository* raw_repository = nullptr;
    if (int code = git_repository_wrap_odb(&raw_repository, odb_.get()); code < 0) {
      return Libgit2Error(code, "making a pack");
    }
    const Handle<git_repository> repository(raw_repository);
    git_packbuilder* raw = nullptr;
    if (int code = git_packbuilder_new(&raw, raw_repository); code < 0) {
      return Libgit2Error(code, "making a pack");
    }
    const Handle<git_packbuilder> builder(raw);
    for (const ObjectId& id : objects) {
      git_oid oid;
      ToOid(id, &oid);
      if (int code = git_packbuilder_insert(raw, &oid, nullptr); code < 0) {
        return Libgit2Error(code, absl::StrCat("packing object ", id.Hex()));
      }
    }
    struct Payload {
      absl::FunctionRef<absl::Status(absl::string_view)> sink;
      absl::Status status;
    } payload{sink, absl::OkStatus()};
    const int code = git_packbuilder_foreach(
        raw,
        [](void* bytes, size_t size, void* data) {
          auto* const target = static_cast<Payload*>(data);
          target->status = target->sink(absl::string_view(static_cast<const char*>(bytes), size));
          return target->status.ok() ? 0 : -1;
        },
        &payload);
    RETURN_IF_ERROR(payload.status);
    return code < 0 ? Libgit2Error(code, "making a pack") : absl::OkStatus();
  }

 private:
  const std::string directory_;
  const Handle<git_odb> odb_;  // thread-safe by itself (libgit2's docs/threading.md)
};

absl::StatusOr<std::string> ReadAs(const ObjectStore& store, const ObjectId& id, ObjectType type) {
  ASSIGN_OR_RETURN(Object object, store.Read(id, kMaxStructuredObject));
  if (object.type == type) return std::move(object.bytes);
  return absl::FailedPreconditionError(absl::StrCat("object ", id.Hex(), " is a ",
                                                    ObjectTypeName(object.type), ", not a ",
                                                    ObjectTypeName(type)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> ObjectStore::Open(const std::string& directory) {
  InitLibgit2();
  git_odb* odb = nullptr;
  if (int code = git_odb_open(&odb, directory.c_str()); code < 0) {
    return Libgit2Error(code, "opening a repository's objects");
  }
  return std::make_unique<Libgit2ObjectStore>(directory, Handle<git_odb>(odb));
}

absl::StatusOr<Commit> ReadCommit(const ObjectStore& store, const ObjectId& id) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadAs(store, id, ObjectType::kCommit));
  return ParseCommit(id, bytes);
}

absl::StatusOr<Tag> ReadTag(const ObjectStore& store, const ObjectId& id) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadAs(store, id, ObjectType::kTag));
  return ParseTag(id, bytes);
}

absl::StatusOr<std::vector<TreeEntry>> ReadTree(const ObjectStore& store, const ObjectId& id) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadAs(store, id, ObjectType::kTree));
  return ParseTree(id, bytes);
}

absl::StatusOr<ObjectId> Peel(const ObjectStore& store, const ObjectId& id) {
  ObjectId current = id;
  for (int step = 0; step < kMaxTagChain; ++step) {
    ASSIGN_OR_RETURN(const ObjectHeader header, store.Header(current));
    if (header.type != ObjectType::kTag) return current;
    ASSIGN_OR_RETURN(const Tag tag, ReadTag(store, current));
    current = tag.target;
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("tag ", id.Hex(), " leads through too many tags"));
}

absl::Status CheckComplete(const Context& ctx, const ObjectStore& store, const ObjectId& id) {
  absl::flat_hash_set<ObjectId> seen{id};
  std::vector<ObjectId> trees{id};
  while (!trees.empty()) {
    RETURN_IF_ERROR(ctx.Check());
    const ObjectId tree = trees.back();
    trees.pop_back();
    ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries, ReadTree(store, tree));
    for (const TreeEntry& entry : entries) {
      if (entry.IsSubmodule() || !seen.insert(entry.id).second) continue;
      if (entry.IsDirectory()) {
        trees.push_back(entry.id);
      } else if (!store.Exists(entry.id)) {
        return absl::NotFoundError(absl::StrCat("object ", entry.id.Hex(), " not found"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::git
