// What becomes of rendered manifests before they are stored and applied (spec/helm.md §5.6): the
// kustomizations of spec.postRenderers, common metadata, and labels that name the HelmRelease.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/helm/helm_release.h"
#include "common/helm/release.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::helm_rendering {

struct PostRendering {
  Value renderers;                                  // spec.postRenderers
  std::map<std::string, std::string> labels;        // of spec.commonMetadata
  std::map<std::string, std::string> annotations;   // of spec.commonMetadata
  std::map<std::string, std::string> owner_labels;  // win over all others
};

// What the spec of the HelmRelease `key` asks for.
PostRendering PostRenderingOf(const kube::ObjectKey& key, const api::HelmReleaseSpec& spec);
// `helm3_defaults`: where the spec does not say, hooks are left out.
helm::PostRenderStrategy StrategyOf(const api::HelmReleaseSpec& spec, bool helm3_defaults);

// A stream of documents from another. kInvalidArgument for documents that are no objects with
// kind and name, kAlreadyExists for two of one name; the errors of kustomize.
absl::StatusOr<std::string> PostRender(const PostRendering& rendering, const std::string& stream);

}  // namespace sluice::helm_rendering
