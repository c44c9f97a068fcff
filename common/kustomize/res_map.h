// ResMap: the resources of a kustomization, in order, no two with the same id.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/resource.h"

namespace sluice::kustomize {

class ResMap {
 public:
  explicit ResMap(BuildState& state) : state_(&state) {}

  BuildState& state() const { return *state_; }
  const std::vector<Resource*>& resources() const { return list_; }
  size_t size() const { return list_.size(); }

  // kAlreadyExists ("may not add resource with an already registered id: ...").
  absl::Status Append(Resource* resource);
  absl::Status AppendAll(const std::vector<Resource*>& resources);
  // Adds what a generator made: a new object, or, as its behavior says, one merged into or put in
  // place of the one that has its id.
  absl::Status Absorb(Resource* generated);

  // The one resource that has or had this id. kNotFound or kInvalidArgument in kustomize's words.
  absl::StatusOr<Resource*> ById(const ResourceId& id);
  // All that have or had it, in order.
  std::vector<Resource*> AllById(const ResourceId& id);
  // How many have it now.
  size_t CountById(const ResourceId& id);

  // Drops what a transformer deleted.
  void DropDeleted();
  // To be called after a change to names, namespaces, kinds or the list from outside.
  void IdsChanged();
  // Tells the index of one resource's change from `before` to what it is now.
  void IdChanged(Resource* resource, const ResourceId& before);
  // kAlreadyExists if two resources have the same id.
  absl::Status CheckUnique();
  void Replace(std::vector<Resource*> resources);

 private:
  using Index = absl::flat_hash_map<std::string, std::vector<Resource*>>;

  void NeedIndex();
  void AddToIndex(Resource* resource);

  BuildState* state_;
  std::vector<Resource*> list_;
  // By the key of the current id, and of all ids; only up to date if indexed_.
  bool indexed_ = false;
  Index current_;
  Index any_;
};

}  // namespace sluice::kustomize
