// SPDX-License-Identifier: Apache-2.0
#include "common/git/object_selection.h"

#include <deque>
#include <utility>

#include "common/base/status_macros.h"
#include "common/git/objects.h"

namespace sluice::git {
namespace {

using IdSet = absl::flat_hash_set<ObjectId>;

class Selector {
 public:
  Selector(const Context& ctx, const ObjectStore& store, const SelectionRequest& request)
      : ctx_(ctx), store_(store), request_(request) {}

  absl::StatusOr<Selection> Run() {
    for (const ObjectId& have : request_.haves) {
      if (store_.Exists(have)) selection_.common.push_back(have);
    }
    RETURN_IF_ERROR(MarkCommon());
    std::vector<ObjectId> commits;
    for (const ObjectId& want : request_.wants) RETURN_IF_ERROR(TakeWant(want, commits));
    RETURN_IF_ERROR(Walk(commits));
    return std::move(selection_);
  }

 private:
  // All ancestors of what the client has, as far as the client has them, and the objects of the
  // trees that it surely has: those of the commits it named.
  absl::Status MarkCommon() {
    std::vector<ObjectId> pending = selection_.common;
    for (const ObjectId& id : selection_.common) {
      const absl::StatusOr<Commit> commit = ReadCommit(store_, id);
      if (commit.ok()) RETURN_IF_ERROR(MarkTree(commit->tree, nullptr));
    }
    while (!pending.empty()) {
      RETURN_IF_ERROR(ctx_.Check());
      const ObjectId id = pending.back();
      pending.pop_back();
      if (!client_has_.insert(id).second || request_.client_shallow.contains(id)) continue;
      const absl::StatusOr<Commit> commit = ReadCommit(store_, id);
      if (!commit.ok()) continue;  // a tag, or history that ends here
      pending.insert(pending.end(), commit->parents.begin(), commit->parents.end());
    }
    return absl::OkStatus();
  }

  // Adds the tree and what is below it to `out`, but for what was added or marked before.
  absl::Status MarkTree(const ObjectId& tree, std::vector<ObjectId>* out) {
    std::vector<ObjectId> pending{tree};
    while (!pending.empty()) {
      RETURN_IF_ERROR(ctx_.Check());
      const ObjectId id = pending.back();
      pending.pop_back();
      if (!seen_.insert(id).second) continue;
      if (out != nullptr) out->push_back(id);
      ASSIGN_OR_RETURN(const std::vector<TreeEntry> entries, ReadTree(store_, id));
      for (const TreeEntry& entry : entries) {
        if (entry.IsSubmodule()) continue;
        if (entry.IsDirectory()) {
          pending.push_back(entry.id);
        } else if (seen_.insert(entry.id).second && out != nullptr) {
          out->push_back(entry.id);
        }
      }
    }
    return absl::OkStatus();
  }

  // Tags on the way are sent; the commit is left in `commits`, other objects are sent whole.
  absl::Status TakeWant(const ObjectId& want, std::vector<ObjectId>& commits) {
    ObjectId id = want;
    while (true) {
      ASSIGN_OR_RETURN(const ObjectHeader header, store_.Header(id));
      if (header.type == ObjectType::kCommit) {
        commits.push_back(id);
        return absl::OkStatus();
      }
      if (header.type == ObjectType::kTree) return MarkTree(id, &selection_.objects);
      if (seen_.insert(id).second) selection_.objects.push_back(id);
      if (header.type == ObjectType::kBlob) return absl::OkStatus();
      ASSIGN_OR_RETURN(const Tag tag, ReadTag(store_, id));
      id = tag.target;
    }
  }

  // Breadth first, so that each commit is met at its least depth.
  absl::Status Walk(const std::vector<ObjectId>& starts) {
    IdSet met;
    std::deque<std::pair<ObjectId, int>> queue;
    for (const ObjectId& id : starts) {
      if (met.insert(id).second) queue.emplace_back(id, 1);
    }
    std::vector<ObjectId> trees;
    while (!queue.empty()) {
      RETURN_IF_ERROR(ctx_.Check());
      const auto [id, depth] = queue.front();
      queue.pop_front();
      ASSIGN_OR_RETURN(const Commit commit, ReadCommit(store_, id));
      const bool known = client_has_.contains(id);
      if (!known) {
        selection_.objects.push_back(id);
        trees.push_back(commit.tree);
      }
      if (request_.depth > 0 && depth == request_.depth) {
        if (!commit.parents.empty() && !request_.client_shallow.contains(id)) {
          selection_.shallow.push_back(id);
        }
        continue;
      }
      if (request_.depth > 0 && request_.client_shallow.contains(id)) {
        selection_.unshallow.push_back(id);
      } else if (known && request_.depth == 0) {
        continue;
      }
      for (const ObjectId& parent : commit.parents) {
        if (met.insert(parent).second) queue.emplace_back(parent, depth + 1);
      }
    }
    for (const ObjectId& tree : trees) RETURN_IF_ERROR(MarkTree(tree, &selection_.objects));
    return absl::OkStatus();
  }

  const Context& ctx_;
  const ObjectStore& store_;
  const SelectionRequest& request_;
  Selection selection_;
  IdSet client_has_;  // commits
  IdSet seen_;        // other objects
};

}  // namespace

absl::StatusOr<Selection> SelectObjects(const Context& ctx, const ObjectStore& store,
                                        const SelectionRequest& request) {
  return Selector(ctx, store, request).Run();
}

}  // namespace sluice::git
