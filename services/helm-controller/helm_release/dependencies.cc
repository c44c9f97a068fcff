// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/dependencies.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cel/program.h"
#include "common/kube/object.h"

namespace sluice::helm_controller {
namespace {

bool IsReady(const Value& object) {
  const auto conditions = api::Conditions::Decode(object["status"]["conditions"]);
  return object["status"]["observedGeneration"].int_or(-1) == kube::Generation(object) &&
         conditions.IsTrue(api::kReady);
}

absl::StatusOr<bool> Holds(const api::Dependency& dependency, const Value& self,
                           const Value& object) {
  const auto program = cel::Program::Parse(dependency.ready_expression, cel::Features::Flux());
  if (!program.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("failed to parse expression: ", program.status().message()));
  }
  cel::Bindings bindings;
  bindings.Bind("self", self);
  bindings.Bind("dep", object);
  const cel::Outcome outcome = (*program)->Evaluate(bindings);
  if (!outcome.value.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("failed to evaluate dependency '",
                                                      dependency.key.ToString(),
                                                      "': ", outcome.value.status().message()));
  }
  if (!outcome.value->is_bool()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expression must return a boolean: ", dependency.ready_expression));
  }
  return outcome.value->bool_or(false);
}

}  // namespace

absl::Status CheckDependencies(const Context& ctx, kube::Client& client, const Session& session,
                               bool check_ready_as_well) {
  for (const api::Dependency& dependency : session.spec.depends_on) {
    const std::string name = dependency.key.ToString();
    const auto object = client.Get(ctx, api::KindOrDie("HelmRelease"), dependency.key);
    if (!object.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("unable to get '", name, "' dependency: ", object.status().message()));
    }
    const bool has_expression = !dependency.ready_expression.empty();
    if (has_expression) {
      ASSIGN_OR_RETURN(const bool ready, Holds(dependency, session.object(), *object));
      if (!ready) {
        return absl::FailedPreconditionError(
            absl::StrCat("dependency '", name, "' is not ready according to readyExpr eval"));
      }
    }
    if ((!has_expression || check_ready_as_well) && !IsReady(*object)) {
      return absl::FailedPreconditionError(absl::StrCat("dependency '", name, "' is not ready"));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
