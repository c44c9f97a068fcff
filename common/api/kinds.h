// The kinds that Sluice serves, in the version that is stored.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "common/kube/gvk.h"

namespace sluice::api {

inline constexpr char kSourceGroup[] = "source.toolkit.fluxcd.io";
inline constexpr char kSourceExtensionsGroup[] = "source.extensions.fluxcd.io";
inline constexpr char kKustomizeGroup[] = "kustomize.toolkit.fluxcd.io";
inline constexpr char kHelmGroup[] = "helm.toolkit.fluxcd.io";
inline constexpr char kImageGroup[] = "image.toolkit.fluxcd.io";

// The kinds in the order that people look for them: sources first, then what consumes them.
std::span<const kube::Resource> AllKinds();

// The resource of a kind name ("Kustomization"), or nullptr. No two of our kinds share a name.
const kube::Resource* FindKind(absl::string_view kind);
// The same for one that is known to exist; anything else is a mistake of ours and ends the process.
const kube::Resource& KindOrDie(absl::string_view kind);

}  // namespace sluice::api
