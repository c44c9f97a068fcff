// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/policy.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"

namespace sluice::ssa {

bool HasPolicy(const Value& object, absl::string_view group, absl::string_view key,
               absl::string_view value) {
  const std::string name = absl::StrCat(group, "/", key);
  return absl::EqualsIgnoreCase(kube::Annotation(object, name), value) ||
         absl::EqualsIgnoreCase(kube::Label(object, name), value);
}

ApplyPolicy ApplyPolicyOf(const Value& object, absl::string_view group) {
  if (HasPolicy(object, group, "ssa", "Merge")) return ApplyPolicy::kMerge;
  if (HasPolicy(object, group, "ssa", "IfNotPresent")) return ApplyPolicy::kIfNotPresent;
  if (HasPolicy(object, group, "ssa", "Ignore")) return ApplyPolicy::kIgnore;
  return ApplyPolicy::kOverride;
}

}  // namespace sluice::ssa
