// SPDX-License-Identifier: Apache-2.0
#include "common/git/repository.h"

#include <git2.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/git/advertisement.h"
#include "common/git/entry_name.h"
#include "common/git/libgit2.h"

namespace sluice::git {
namespace {

class Libgit2Repository : public Repository {
 public:
  Libgit2Repository(Handle<git_repository> repository, std::unique_ptr<ObjectStore> objects)
      : repository_(std::move(repository)), objects_(std::move(objects)) {}

  ObjectStore& objects() override { return *objects_; }
  const ObjectStore& objects() const override { return *objects_; }

  absl::StatusOr<std::vector<Ref>> Refs() const override {
    git_reference_iterator* raw_iterator = nullptr;
    if (int code = git_reference_iterator_new(&raw_iterator, repository_.get()); code < 0) {
      return Libgit2Error(code, "listing references");
    }
    const Handle<git_reference_iterator> iterator(raw_iterator);
    std::vector<Ref> refs;
    git_reference* raw = nullptr;
    while (git_reference_next(&raw, iterator.get()) == 0) {
      const Handle<git_reference> reference(raw);
      const absl::StatusOr<ObjectId> id = Resolve(git_reference_name(raw));
      if (id.ok()) refs.push_back({git_reference_name(raw), *id});  // others lead nowhere
    }
    std::sort(refs.begin(), refs.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
    return refs;
  }

  absl::StatusOr<std::string> Head() const override {
    git_reference* raw = nullptr;
    if (int code = git_reference_lookup(&raw, repository_.get(), "HEAD"); code < 0) {
      return Libgit2Error(code, "reading HEAD");
    }
    const Handle<git_reference> head(raw);
    const char* const target = git_reference_symbolic_target(raw);
    return std::string(target == nullptr ? "" : target);
  }

  absl::StatusOr<ObjectId> Resolve(const std::string& name) const override {
    git_oid oid;
    if (int code = git_reference_name_to_id(&oid, repository_.get(), name.c_str()); code < 0) {
      return Libgit2Error(code, absl::StrCat("resolving ", name));
    }
    return FromOid(oid);
  }

  absl::StatusOr<ObjectId> ParseRevision(const std::string& revision) const override {
    git_object* raw = nullptr;
    const std::string commit = absl::StrCat(revision, "^{commit}");
    if (int code = git_revparse_single(&raw, repository_.get(), commit.c_str()); code < 0) {
      return Libgit2Error(code, absl::StrCat("no revision \"", RemoteText(revision), "\""),
                          absl::StatusCode::kInvalidArgument);
    }
    const Handle<git_object> object(raw);
    return FromOid(*git_object_id(raw));
  }

  absl::Status Update(const std::string& name, const ObjectId& id,
                      std::optional<ObjectId> expected) override {
    if (!IsValidRefName(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", RemoteText(name), "\" is not a reference name"));
    }
    git_oid oid;
    ToOid(id, &oid);
    git_oid current;
    if (expected.has_value()) ToOid(*expected, &current);
    const bool create = expected.has_value() && expected->IsZero();
    git_reference* raw = nullptr;
    const int code = expected.has_value() && !create
                         ? git_reference_create_matching(&raw, repository_.get(), name.c_str(),
                                                         &oid, 1, &current, nullptr)
                         : git_reference_create(&raw, repository_.get(), name.c_str(), &oid,
                                                create ? 0 : 1, nullptr);
    const Handle<git_reference> reference(raw);
    if (code >= 0) return absl::OkStatus();
    const bool changed = code == GIT_EMODIFIED || code == GIT_EEXISTS ||
                         (code == GIT_ENOTFOUND && expected.has_value());
    if (changed) return absl::AbortedError(absl::StrCat("reference ", name, " was changed"));
    return Libgit2Error(code, absl::StrCat("updating reference ", name));
  }

  bool IsBare() const override { return git_repository_is_bare(repository_.get()) != 0; }

  absl::Status Delete(const std::string& name) override {
    const int code = git_reference_remove(repository_.get(), name.c_str());
    return code < 0 ? Libgit2Error(code, absl::StrCat("deleting reference ", name))
                    : absl::OkStatus();
  }

 private:
  const Handle<git_repository> repository_;
  const std::unique_ptr<ObjectStore> objects_;
};

absl::StatusOr<std::unique_ptr<Repository>> Wrap(git_repository* raw) {
  Handle<git_repository> repository(raw);
  ASSIGN_OR_RETURN(std::unique_ptr<ObjectStore> objects,
                   ObjectStore::Open(absl::StrCat(git_repository_commondir(raw), "objects")));
  return std::make_unique<Libgit2Repository>(std::move(repository), std::move(objects));
}

absl::Status BadPath(absl::string_view path, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write \"", RemoteText(path), "\" to a Git tree: ", problem));
}

// A directory while it is being changed; subdirectories are loaded when something below them is.
class TreeBuilder {
 public:
  explicit TreeBuilder(ObjectStore& store) : store_(store) {}

  absl::Status LoadFrom(const ObjectId& tree) {
    ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries, ReadTree(store_, tree));
    for (const TreeEntry& entry : entries) entries_[entry.name] = entry;
    return absl::OkStatus();
  }

  absl::Status Apply(absl::string_view path, absl::string_view rest,
                     const std::optional<FileChange>& change) {
    const size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    if (!IsSafeEntryName(name) || absl::StrContains(name, '\0')) {
      return BadPath(path, "the path is not clean");
    }
    if (slash != absl::string_view::npos)
      return ApplyBelow(path, name, rest.substr(slash + 1), change);
    children_.erase(name);
    entries_.erase(name);
    if (!change.has_value()) return absl::OkStatus();
    TreeEntry entry{.mode = change->mode, .name = name, .id = change->submodule};
    if (entry.IsDirectory()) return BadPath(path, "a change is about a file");
    if (!entry.IsSubmodule()) {
      ASSIGN_OR_RETURN(entry.id, store_.Write(ObjectType::kBlob, change->content));
    }
    entries_[name] = std::move(entry);
    return absl::OkStatus();
  }

  // Nothing if no file is left.
  absl::StatusOr<std::optional<ObjectId>> Store() {
    for (auto& [name, child] : children_) {
      ASSIGN_OR_RETURN(const std::optional<ObjectId> id, child->Store());
      entries_.erase(name);
      if (id.has_value()) entries_[name] = {.mode = kModeDirectory, .name = name, .id = *id};
    }
    if (entries_.empty()) return std::optional<ObjectId>();
    std::vector<TreeEntry> list;
    for (const auto& [name, entry] : entries_) list.push_back(entry);
    ASSIGN_OR_RETURN(const ObjectId id,
                     store_.Write(ObjectType::kTree, SerializeTree(std::move(list))));
    return std::optional<ObjectId>(id);
  }

 private:
  absl::Status ApplyBelow(absl::string_view path, const std::string& name, absl::string_view rest,
                          const std::optional<FileChange>& change) {
    std::unique_ptr<TreeBuilder>& child = children_[name];
    if (child == nullptr) {
      child = std::make_unique<TreeBuilder>(store_);
      const auto found = entries_.find(name);
      if (found != entries_.end()) {
        if (!found->second.IsDirectory()) {
          children_.erase(name);
          return change.has_value() ? BadPath(path, "it leads through a file") : absl::OkStatus();
        }
        RETURN_IF_ERROR(child->LoadFrom(found->second.id));
      }
    }
    return child->Apply(path, rest, change);
  }

  ObjectStore& store_;
  std::map<std::string, TreeEntry> entries_;
  std::map<std::string, std::unique_ptr<TreeBuilder>> children_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Repository>> Repository::Open(const std::string& path) {
  InitLibgit2();
  git_repository* raw = nullptr;
  if (int code =
          git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
      code < 0) {
    return Libgit2Error(code, "opening a repository");
  }
  return Wrap(raw);
}

absl::StatusOr<std::unique_ptr<Repository>> Repository::Init(const std::string& path, bool bare,
                                                             absl::string_view branch) {
  InitLibgit2();
  const std::string head(branch);
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
  if (bare) options.flags |= GIT_REPOSITORY_INIT_BARE;
  options.initial_head = head.c_str();
  git_repository* raw = nullptr;
  if (int code = git_repository_init_ext(&raw, path.c_str(), &options); code < 0) {
    return Libgit2Error(code, "making a repository");
  }
  return Wrap(raw);
}

absl::StatusOr<ObjectId> ApplyChanges(ObjectStore& store, std::optional<ObjectId> base,
                                      const Changes& changes) {
  TreeBuilder root(store);
  if (base.has_value()) RETURN_IF_ERROR(root.LoadFrom(*base));
  for (const auto& [path, change] : changes) RETURN_IF_ERROR(root.Apply(path, path, change));
  ASSIGN_OR_RETURN(const std::optional<ObjectId> id, root.Store());
  if (id.has_value()) return *id;
  return store.Write(ObjectType::kTree, "");
}

}  // namespace sluice::git
