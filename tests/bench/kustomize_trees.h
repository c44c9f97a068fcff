// The kustomizations that the benchmark builds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace sluice::bench {

// Files by path; the kustomization to build is in the folder kTop.
using Files = std::map<std::string, std::string>;
inline constexpr char kTop[] = "prod";

// Two resources and a namespace, nothing that needs schemas.
Files SmallFolder();

// Labels, a prefix, a namespace, images, a patch by selector and a hashed ConfigMap that every
// Deployment refers to, over that many resources, half of them Deployments, half Services.
Files Overlay(size_t resources);

// An overlay over ten resources whose components include one another, `depth` levels, each of them
// with a patch, a label and a replacement.
Files ComponentTree(size_t depth);

}  // namespace sluice::bench
