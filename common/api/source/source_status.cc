// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/source_status.h"

#include "common/api/meta/decode.h"

namespace sluice::api {

SourceStatus SourceStatus::Decode(const Value& status) {
  SourceStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.artifact = Artifact::Decode(status["artifact"]);
  result.url = Text(status["url"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value SourceStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (artifact.has_value()) status.Set("artifact", artifact->Encode());
  if (!url.empty()) status.Set("url", url);
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

}  // namespace sluice::api
