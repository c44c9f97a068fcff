// Repository: a Git repository on this machine, for serving one (upload_pack.h) and for making
// commits (image automation, tests). Nothing is ever checked out.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/git/object_id.h"
#include "common/git/object_store.h"
#include "common/git/objects.h"

namespace sluice::git {

struct Ref {
  std::string name;
  ObjectId id;
};

// One file of a change to a tree.
struct FileChange {
  std::string content;        // of a file; the target of a link
  uint32_t mode = kModeFile;  // or kModeExecutable, kModeSymlink, kModeSubmodule
  ObjectId submodule;         // kModeSubmodule: the commit
};
// By path; nothing deletes what is at the path, a directory with all that is in it.
using Changes = std::map<std::string, std::optional<FileChange>>;

// Thread-safe for reading. Writers of one reference exclude one another through Update()'s
// `expected`.
class Repository {
 public:
  virtual ~Repository() = default;

  // A bare repository, or a work tree with its ".git". kNotFound if there is none at `path` itself.
  static absl::StatusOr<std::unique_ptr<Repository>> Open(const std::string& path);
  // An empty one, whose HEAD will be `branch`. `path` may be there but not be a repository.
  static absl::StatusOr<std::unique_ptr<Repository>> Init(const std::string& path, bool bare,
                                                          absl::string_view branch);

  virtual ObjectStore& objects() = 0;
  virtual const ObjectStore& objects() const = 0;

  // All references that name an object, sorted by name, without HEAD; symbolic ones resolved.
  virtual absl::StatusOr<std::vector<Ref>> Refs() const = 0;
  // What HEAD points at, "refs/heads/main", whether that is there or not; "" if detached.
  virtual absl::StatusOr<std::string> Head() const = 0;
  // The object that `name` names; kNotFound.
  virtual absl::StatusOr<ObjectId> Resolve(const std::string& name) const = 0;

  // The commit that `revision` names as `git rev-parse` reads it: "HEAD", "main", "v1.2~3", the
  // start of a hash. kNotFound if there is none, kInvalidArgument for one that is malformed or fits
  // several objects.
  virtual absl::StatusOr<ObjectId> ParseRevision(const std::string& revision) const = 0;

  // Makes `name` name `id`. If `expected` is given and the reference is something else (zero: is
  // there), kAborted. kInvalidArgument for a name that Git refuses.
  virtual absl::Status Update(const std::string& name, const ObjectId& id,
                              std::optional<ObjectId> expected = std::nullopt) = 0;
  virtual absl::Status Delete(const std::string& name) = 0;

  // Whether there is no work tree.
  virtual bool IsBare() const = 0;
};

// The tree that `changes` make of the tree `base` (nothing: of an empty one), stored. Directories
// that become empty go. kInvalidArgument for a path that no checkout may create, or that leads
// through a file.
absl::StatusOr<ObjectId> ApplyChanges(ObjectStore& store, std::optional<ObjectId> base,
                                      const Changes& changes);

}  // namespace sluice::git
