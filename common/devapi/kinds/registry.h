// Registry: which resources the server serves right now.
//
// Built-in kinds are there from the start; custom ones come and go with their
// CustomResourceDefinitions. Readers take a snapshot, which never changes, and keep it for the
// whole request.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/resource.h"

namespace sluice::devapi {

using ResourceRef = std::shared_ptr<const Resource>;

// A group and its versions, the preferred one first.
struct ServedGroup {
  std::string name;
  struct Version {
    std::string version;
    std::vector<ResourceRef> resources;  // by plural name
  };
  std::vector<Version> versions;
};

class ResourceTable {
 public:
  // null if there is none.
  ResourceRef Find(absl::string_view group, absl::string_view version,
                   absl::string_view plural) const;
  ResourceRef FindKind(absl::string_view group, absl::string_view version,
                       absl::string_view kind) const;
  // The preferred version of a kind or of a resource.
  ResourceRef FindKindInGroup(absl::string_view group, absl::string_view kind) const;
  ResourceRef FindInGroup(absl::string_view group, absl::string_view plural) const;
  // The resource (any version) that stores under `storage`.
  ResourceRef FindStorage(absl::string_view storage) const;

  // In discovery order: built-in groups, then custom ones by name.
  const std::vector<ServedGroup>& groups() const { return groups_; }
  const ServedGroup* FindGroup(absl::string_view group) const;
  const ServedGroup::Version* FindVersion(absl::string_view group, absl::string_view version) const;
  // Changes whenever the table does.
  uint64_t generation() const { return generation_; }

 private:
  friend class Registry;
  std::vector<ServedGroup> groups_;
  uint64_t generation_ = 0;
};

// Thread-safe.
class Registry {
 public:
  explicit Registry(std::vector<ServedGroup> builtin);

  std::shared_ptr<const ResourceTable> Snapshot() const;

  // Serves `versions` (of one custom resource, the preferred first) in place of what was registered
  // under `crd_name` before; an empty list withdraws it.
  void SetCustom(const std::string& crd_name, std::vector<ResourceRef> versions);

 private:
  void Rebuild() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<ServedGroup> builtin_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<ResourceRef>> custom_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const ResourceTable> table_ ABSL_GUARDED_BY(mutex_);
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Orders versions as Kubernetes prefers them: GA before beta before alpha, newer before older
// ("v2", "v1", "v1beta2", "v1beta1", "v1alpha1"), then other names alphabetically.
bool PreferredVersion(absl::string_view a, absl::string_view b);

// The built-in kinds as groups, in the order given.
std::vector<ServedGroup> GroupsOf(std::span<const BuiltinKind> kinds);

}  // namespace sluice::devapi
