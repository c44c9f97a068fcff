// CustomResourceDefinitions: how one becomes served resources, and how its status follows.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/cluster.h"
#include "common/devapi/kinds/registry.h"
#include "common/value/value.h"

namespace sluice::devapi {

inline constexpr char kCrdStorage[] = "customresourcedefinitions.apiextensions.k8s.io";
// Keeps a definition until its instances are gone.
inline constexpr char kCrdCleanupFinalizer[] = "customresourcecleanup.apiextensions.k8s.io";

// The served versions of a definition, the preferred first. kInvalidArgument naming the version if
// a schema does not compile.
absl::StatusOr<std::vector<ResourceRef>> ResourcesOf(const ObjectRules& rules, const Value& crd);

// Brings what is served, and the status of the definition `name`, in line with the definition as
// stored: names accepted or refused, established, withdrawn when it is gone. Instances of a
// definition that is being deleted are deleted, and the definition with the last of them.
// Idempotent; any failure but a lost race is the API error of the step at fault.
absl::Status SyncCrd(Cluster& cluster, absl::string_view name);

}  // namespace sluice::devapi
