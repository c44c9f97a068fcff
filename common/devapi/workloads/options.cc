// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/options.h"

#include "common/base/duration.h"

namespace sluice::devapi {
namespace {

absl::string_view Annotation(const Value& object, const char* name) {
  const Value& own = object["metadata"]["annotations"][name];
  if (own.is_string()) return own.str();
  return object["spec"]["template"]["metadata"]["annotations"][name].str();
}

}  // namespace

Behaviour BehaviourOf(const Value& object, const WorkloadOptions& options) {
  Behaviour behaviour = {Fate::kReady, options.ready_after};
  const absl::string_view fate = Annotation(object, kFateAnnotation);
  if (fate == "fail") behaviour.fate = Fate::kFail;
  if (fate == "hang") behaviour.fate = Fate::kHang;
  const absl::StatusOr<absl::Duration> delay =
      ParseGoDuration(Annotation(object, kDelayAnnotation));
  if (delay.ok()) behaviour.ready_after = *delay;
  return behaviour;
}

}  // namespace sluice::devapi
