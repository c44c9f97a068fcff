// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/generators/iam_policy.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"

namespace sluice::kustomize {

absl::StatusOr<Resource*> GenerateIamPolicy(BuildState& state, const Value& config) {
  std::string cloud;
  std::string name;
  std::string namespace_name;
  std::string account;
  std::string project;
  Decoder decoder(config, "IAMPolicyGenerator", Decoding::kPlugin);
  decoder.String("cloud", cloud);
  decoder.Any("kubernetesService", [&](const Value& service) {
    Decoder one(service, "kubernetesService", Decoding::kPlugin);
    one.String("name", name);
    one.String("namespace", namespace_name);
    return one.Finish();
  });
  decoder.Any("serviceAccount", [&](const Value& service_account) {
    Decoder one(service_account, "serviceAccount", Decoding::kPlugin);
    one.String("name", account);
    one.String("projectId", project);
    return one.Finish();
  });
  RETURN_IF_ERROR(decoder.Finish());
  if (cloud != "gke") {
    return absl::InvalidArgumentError(
        absl::StrCat("cloud provider ", cloud, " not supported yet; only gke is"));
  }
  NodeArena& arena = state.arena();
  Node* annotations = arena.Map();
  AppendField(arena, annotations, "iam.gke.io/gcp-service-account",
              arena.Scalar(absl::StrCat(account, "@", project, ".iam.gserviceaccount.com")));
  Node* metadata = arena.Map();
  AppendField(arena, metadata, "annotations", annotations);
  AppendField(arena, metadata, "name", arena.Scalar(name));
  if (!namespace_name.empty()) {
    AppendField(arena, metadata, "namespace", arena.Scalar(namespace_name));
  }
  Node* root = arena.Map();
  AppendField(arena, root, "apiVersion", arena.String("v1"));
  AppendField(arena, root, "kind", arena.String("ServiceAccount"));
  AppendField(arena, root, "metadata", metadata);
  return state.NewResource(root);
}

}  // namespace sluice::kustomize
