// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/dependencies.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::kustomize_controller {
namespace {

absl::Status CheckOne(const Value& object, const api::KustomizationSpec& spec,
                      const kube::ObjectKey& key, const std::string& revision) {
  const auto status = api::KustomizationStatus::Decode(object["status"]);
  if (status.conditions.all().empty() || status.observed_generation != kube::Generation(object) ||
      !status.conditions.IsTrue(api::kReady)) {
    return absl::FailedPreconditionError(
        absl::StrCat("dependency '", key.ToString(), "' is not ready"));
  }
  if (api::SourceOf(object) == spec.source && status.last_applied_revision != revision) {
    return absl::FailedPreconditionError(
        absl::StrCat("dependency '", key.ToString(), "' revision is not up to date"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDependencies(const Context& ctx, kube::Client& client,
                               const api::KustomizationSpec& spec, const std::string& revision) {
  for (const api::Dependency& dependency : spec.depends_on) {
    const auto object = client.Get(ctx, api::KindOrDie("Kustomization"), dependency.key);
    if (!object.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "dependency '", dependency.key.ToString(), "' not found: ", object.status().message()));
    }
    RETURN_IF_ERROR(CheckOne(*object, spec, dependency.key, revision));
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize_controller
