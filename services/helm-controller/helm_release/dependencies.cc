// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/dependencies.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cel/ready_expression.h"
#include "common/kube/object.h"
#include "common/ssa/dependency.h"
#include "common/ssa/kstatus.h"

namespace sluice::helm_controller {
namespace {

bool IsReady(const api::Dependency& dependency, const Value& object, absl::Time now) {
  if (!dependency.same_kind()) {
    return ssa::ReadinessOf(object, now) == ssa::Readiness::kCurrent;
  }
  const auto conditions = api::Conditions::Decode(object["status"]["conditions"]);
  return object["status"]["observedGeneration"].int_or(-1) == kube::Generation(object) &&
         conditions.IsTrue(api::kReady);
}

}  // namespace

absl::Status CheckDependencies(const Context& ctx, const Services& services, const Session& session,
                               bool check_ready_as_well) {
  for (const api::Dependency& dependency : session.spec.depends_on) {
    const std::string name = ssa::DependencyName(dependency);
    const auto object = ssa::ReadDependency(ctx, services.client, services.discovery,
                                            api::KindOrDie("HelmRelease"), dependency);
    if (!object.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("unable to get '", dependency.key.ToString(),
                       "' dependency: ", object.status().message()));
    }
    const std::string& expression = dependency.ready_expression;
    if (!expression.empty()) {
      const auto ready = cel::EvaluateReadyExpression(expression, session.object(), *object);
      if (!ready.ok()) {
        return Annotate(ready.status(), absl::StrCat("failed to evaluate ", name));
      }
      if (!*ready) {
        return absl::FailedPreconditionError(
            absl::StrCat(name, " is not ready according to readyExpr eval"));
      }
    }
    if ((expression.empty() || check_ready_as_well) &&
        !IsReady(dependency, *object, services.clock.Now())) {
      return absl::FailedPreconditionError(absl::StrCat(name, " is not ready"));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
