// SPDX-License-Identifier: Apache-2.0
#include "common/api/kinds.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace sluice::api {

std::span<const kube::Resource> AllKinds() {
  static const auto* const kKinds = new std::vector<kube::Resource>{
      {kSourceGroup, "v1", "gitrepositories", "GitRepository", true},
      {kSourceGroup, "v1", "ocirepositories", "OCIRepository", true},
      {kSourceGroup, "v1", "buckets", "Bucket", true},
      {kSourceGroup, "v1", "helmrepositories", "HelmRepository", true},
      {kSourceGroup, "v1", "helmcharts", "HelmChart", true},
      {kSourceGroup, "v1", "externalartifacts", "ExternalArtifact", true},
      {kSourceExtensionsGroup, "v1beta1", "artifactgenerators", "ArtifactGenerator", true},
      {kKustomizeGroup, "v1", "kustomizations", "Kustomization", true},
      {kHelmGroup, "v2", "helmreleases", "HelmRelease", true},
      {kImageGroup, "v1", "imagerepositories", "ImageRepository", true},
      {kImageGroup, "v1", "imagepolicies", "ImagePolicy", true},
      {kImageGroup, "v1", "imageupdateautomations", "ImageUpdateAutomation", true},
  };
  return *kKinds;
}

const kube::Resource* FindKind(absl::string_view kind) {
  for (const kube::Resource& resource : AllKinds()) {
    if (resource.kind == kind) return &resource;
  }
  return nullptr;
}

const kube::Resource& KindOrDie(absl::string_view kind) {
  const kube::Resource* resource = FindKind(kind);
  if (resource == nullptr) {
    std::fprintf(stderr, "unknown kind %s\n", std::string(kind).c_str());
    std::abort();
  }
  return *resource;
}

}  // namespace sluice::api
