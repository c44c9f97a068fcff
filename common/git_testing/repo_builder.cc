// SPDX-License-Identifier: Apache-2.0
#include "common/git_testing/repo_builder.h"

#include <stdexcept>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace sluice::git_testing {
namespace {

void Require(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

RepoBuilder::RepoBuilder(const std::string& path, bool bare, const std::string& branch)
    : path_(path),
      repository_(git::Repository::Init(path, bare, branch).value()),
      now_(absl::FromUnixSeconds(1767225600)) {}

void RepoBuilder::Write(const std::string& path, const std::string& content, bool executable) {
  changes_[path] = git::FileChange{.content = content,
                                   .mode = executable ? git::kModeExecutable : git::kModeFile};
}

void RepoBuilder::Symlink(const std::string& path, const std::string& target) {
  changes_[path] = git::FileChange{.content = target, .mode = git::kModeSymlink};
}

void RepoBuilder::Submodule(const std::string& path, const git::ObjectId& commit) {
  changes_[path] = git::FileChange{.mode = git::kModeSubmodule, .submodule = commit};
}

void RepoBuilder::Delete(const std::string& path) { changes_[path] = std::nullopt; }

git::ObjectId RepoBuilder::Commit(const std::string& message, const std::string& branch) {
  const std::string ref = HeadRef(branch);
  absl::StatusOr<git::ObjectId> parent = repository_->Resolve(ref);
  if (!parent.ok()) parent = repository_->Resolve("HEAD");
  return CommitOn(ref, parent.ok() ? std::optional(*parent) : std::nullopt, message);
}

git::ObjectId RepoBuilder::ForceCommit(const std::string& message, const std::string& branch) {
  return CommitOn(HeadRef(branch), std::nullopt, message);
}

void RepoBuilder::Branch(const std::string& name, const git::ObjectId& commit) {
  SetRef(absl::StrCat("refs/heads/", name), commit);
}

void RepoBuilder::LightweightTag(const std::string& name, const git::ObjectId& commit) {
  SetRef(absl::StrCat("refs/tags/", name), commit);
}

git::ObjectId RepoBuilder::Tag(const std::string& name, const git::ObjectId& target,
                               const std::string& message, const std::string& signature) {
  const git::ObjectHeader header = repository_->objects().Header(target).value();
  const git::Tag tag{.target = target,
                     .target_type = header.type,
                     .name = name,
                     .tagger = Author(),
                     .message = message,
                     .signature = signature};
  const git::ObjectId id =
      repository_->objects().Write(git::ObjectType::kTag, git::SerializeTag(tag)).value();
  SetRef(absl::StrCat("refs/tags/", name), id);
  return id;
}

void RepoBuilder::SetRef(const std::string& name, const git::ObjectId& id) {
  Require(repository_->Update(name, id));
}

git::ObjectId RepoBuilder::CommitOn(const std::string& ref, std::optional<git::ObjectId> parent,
                                    const std::string& message) {
  git::ObjectStore& objects = repository_->objects();
  std::optional<git::ObjectId> base;
  git::Commit commit;
  if (parent.has_value()) {
    base = git::ReadCommit(objects, *parent).value().tree;
    commit.parents.push_back(*parent);
  }
  commit.tree = git::ApplyChanges(objects, base, changes_).value();
  commit.author = Author();
  commit.committer = commit.author;
  commit.message = absl::StrCat(message, "\n");
  changes_.clear();
  const git::ObjectId id =
      objects.Write(git::ObjectType::kCommit, git::SerializeCommit(commit)).value();
  SetRef(ref, id);
  return id;
}

std::string RepoBuilder::HeadRef(const std::string& branch) const {
  return branch.empty() ? repository_->Head().value() : absl::StrCat("refs/heads/", branch);
}

git::Person RepoBuilder::Author() {
  git::Person author{.name = "Ada Example", .email = "ada@example.org", .when = now_};
  now_ += absl::Minutes(1);
  return author;
}

}  // namespace sluice::git_testing
