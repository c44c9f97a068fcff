// ObjectKey: the namespace and name that tell objects of one kind apart.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace sluice::kube {

struct ObjectKey {
  std::string ns;  // "" for cluster-scoped objects
  std::string name;

  // "ns/name", or "name" for cluster-scoped objects.
  std::string ToString() const { return ns.empty() ? name : absl::StrCat(ns, "/", name); }

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const ObjectKey& key) {
    return H::combine(std::move(state), key.ns, key.name);
  }
};

}  // namespace sluice::kube
