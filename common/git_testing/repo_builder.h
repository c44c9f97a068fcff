// Git repositories for tests, made without the git program.
//
//   RepoBuilder repo(dir + "/app.git");
//   repo.Write("a.yaml", "kind: A\n");
//   const ObjectId first = repo.Commit("first");
//   repo.Tag("v1.0.0", first);

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/git/object_id.h"
#include "common/git/objects.h"
#include "common/git/repository.h"

namespace sluice::git_testing {

// The same calls make the same commits: the author is fixed and the time moves a minute per commit
// or tag from 2026-01-01. What goes wrong is thrown, which ends the test.
class RepoBuilder {
 public:
  // A new repository at `path`, bare unless told, whose HEAD is the branch `branch`.
  explicit RepoBuilder(const std::string& path, bool bare = true,
                       const std::string& branch = "main");

  // Changes for the next commit.
  void Write(const std::string& path, const std::string& content, bool executable = false);
  void Symlink(const std::string& path, const std::string& target);
  void Submodule(const std::string& path, const git::ObjectId& commit);
  void Delete(const std::string& path);

  // Commits the changes on `branch` (empty: HEAD's), which is made from HEAD if it is not there.
  git::ObjectId Commit(const std::string& message, const std::string& branch = "");
  // The same with a root commit: rewrites the branch, as a forced push does.
  git::ObjectId ForceCommit(const std::string& message, const std::string& branch = "");

  void Branch(const std::string& name, const git::ObjectId& commit);
  void LightweightTag(const std::string& name, const git::ObjectId& commit);
  git::ObjectId Tag(const std::string& name, const git::ObjectId& target,
                    const std::string& message = "a tag\n", const std::string& signature = "");
  void SetRef(const std::string& name, const git::ObjectId& id);

  // Commits and tags from now on are made at `time`.
  void SetTime(absl::Time time) { now_ = time; }

  git::Repository& repository() { return *repository_; }
  const std::string& path() const { return path_; }

 private:
  git::ObjectId CommitOn(const std::string& ref, std::optional<git::ObjectId> parent,
                         const std::string& message);
  std::string HeadRef(const std::string& branch) const;
  git::Person Author();

  std::string path_;
  std::unique_ptr<git::Repository> repository_;
  git::Changes changes_;
  absl::Time now_;
};

}  // namespace sluice::git_testing
