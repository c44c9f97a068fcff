// What this folder's sources share to call libgit2. Internal: its types are only declared here, and
// no other header of the folder includes this one.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/git/object_id.h"

struct git_oid;
struct git_odb;
struct git_odb_object;
struct git_indexer;
struct git_object;
struct git_packbuilder;
struct git_reference;
struct git_reference_iterator;
struct git_repository;

namespace sluice::git {

struct FreeHandle {
  void operator()(git_odb* handle) const;
  void operator()(git_odb_object* handle) const;
  void operator()(git_indexer* handle) const;
  void operator()(git_object* handle) const;
  void operator()(git_packbuilder* handle) const;
  void operator()(git_reference* handle) const;
  void operator()(git_reference_iterator* handle) const;
  void operator()(git_repository* handle) const;
};
template <typename T>
using Handle = std::unique_ptr<T, FreeHandle>;

// Before the first other call; cheap afterwards, any thread. Settings for the whole process: no
// configuration outside a repository is read, caches and memory maps are bounded, and no single
// allocation exceeds 512 MiB, so that an object which claims to be larger is refused.
void InitLibgit2();

// libgit2's last error in this thread as a status, after `code` < 0: kNotFound for a missing thing,
// otherwise `otherwise`.
absl::Status Libgit2Error(int code, absl::string_view doing,
                          absl::StatusCode otherwise = absl::StatusCode::kInternal);

ObjectId FromOid(const git_oid& oid);
void ToOid(const ObjectId& id, git_oid* oid);

}  // namespace sluice::git
