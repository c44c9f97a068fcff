// A build's result as one file per object, as `kustomize build -o DIR` writes it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/kustomize/build.h"

namespace sluice::kustomize {

// The files by name: "apps_v1_deployment_web.yaml", with the namespace in front where the objects
// are in more than one. Names are as the reference (5.8.1) chooses them, but kInvalidArgument where
// one would lead out of the folder, and kAlreadyExists where two objects would get the same file,
// which the reference lets overwrite each other.
absl::StatusOr<std::map<std::string, std::string>> OutputFiles(const BuildResult& result);

}  // namespace sluice::kustomize
