// A set of replicas, and which of them works on an object: rendezvous hashing (highest random
// weight), so that a replica that comes takes an equal part from each of the others, and the part
// of one that goes is divided equally; no other object moves.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/kube/object_key.h"

namespace sluice::sharding {

// Immutable. Equal for the same names in any order.
class Replicas {
 public:
  Replicas() = default;
  explicit Replicas(std::vector<std::string> names);

  // Whether `name` is one of them, and the one for the object. Every process answers alike: the
  // hash is the same on every machine and in every version.
  bool Owns(absl::string_view name, absl::string_view kind, const kube::ObjectKey& object) const;

  bool Has(absl::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }  // sorted

  friend bool operator==(const Replicas& a, const Replicas& b) { return a.names_ == b.names_; }

 private:
  std::vector<std::string> names_;
  std::vector<uint64_t> hashes_;  // of names_
};

}  // namespace sluice::sharding
