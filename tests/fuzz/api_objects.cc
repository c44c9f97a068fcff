// Specs and statuses of every kind of ours: whatever stands in them is read or refused, and what is
// written of a status is read back as it was.

// SPDX-License-Identifier: Apache-2.0
#include "common/api/helm/helm_release.h"
#include "common/api/image/image_policy.h"
#include "common/api/image/image_repository.h"
#include "common/api/image/image_update_automation.h"
#include "common/api/kustomize/kustomization.h"
#include "common/api/source/artifact_generator.h"
#include "common/api/source/bucket.h"
#include "common/api/source/git_repository.h"
#include "common/api/source/helm_chart.h"
#include "common/api/source/helm_repository.h"
#include "common/api/source/oci_repository.h"
#include "common/api/source/source_status.h"
#include "common/sync_status/status.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

template <typename Status>
void CheckStatus(const Value& status) {
  const Value encoded = Status::Decode(status).Encode();
  Require(Status::Decode(encoded).Encode() == encoded, "a status is read as it was written",
          value::FormatJson(encoded));
}

}  // namespace

FUZZ_TARGET(api_objects, input) {
  const auto object = value::ParseYaml(input);
  if (!object.ok()) return;
  const Value& spec = (*object)["spec"];
  const Value& status = (*object)["status"];
  const kube::ObjectKey key = {"ns", "name"};
  (void)api::DecodeArtifactGeneratorSpec(spec, key.ns);
  (void)api::DecodeBucketSpec(spec);
  (void)api::DecodeGitRepositorySpec(spec);
  (void)api::DecodeHelmChartSpec(spec);
  (void)api::DecodeHelmReleaseSpec(key, spec);
  (void)api::DecodeHelmRepositorySpec(spec);
  (void)api::DecodeImagePolicySpec(key.ns, spec);
  (void)api::DecodeImageRepositorySpec(spec);
  (void)api::DecodeImageUpdateAutomationSpec(key.ns, spec);
  (void)api::DecodeKustomizationSpec(key, spec);
  (void)api::DecodeOciRepositorySpec(spec);
  (void)sync_status::StatusOf(*object);
  CheckStatus<api::ArtifactGeneratorStatus>(status);
  CheckStatus<api::HelmReleaseStatus>(status);
  CheckStatus<api::ImagePolicyStatus>(status);
  CheckStatus<api::ImageRepositoryStatus>(status);
  CheckStatus<api::ImageUpdateAutomationStatus>(status);
  CheckStatus<api::KustomizationStatus>(status);
  CheckStatus<api::SourceStatus>(status);
}

}  // namespace sluice::fuzz
