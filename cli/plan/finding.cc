// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/finding.h"

namespace sluice::plan {

absl::string_view LevelName(Level level) {
  switch (level) {
    case Level::kNote:
      return "note";
    case Level::kWarning:
      return "warning";
    case Level::kDanger:
      return "danger";
    case Level::kError:
      break;
  }
  return "error";
}

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kRules[] = {
      &kStatefulDelete, &kNamespaceDelete,   &kDefinitionDelete, &kImmutableChange,
      &kSuspendFlip,    &kPruneBudget,       &kOwnerDelete,      &kScaleToZero,
      &kAdminGranted,   &kServedVersionGone, &kBuildFailed,      &kVariableMissing,
      &kInvalidObject,  &kDependencyMissing, &kNotRendered,      &kReferenceElsewhere,
      &kEncrypted,      &kKindUnknown,       &kTwoOwners,        &kOrderUnsaid,
      &kUnknownField,
  };
  return kRules;
}

}  // namespace sluice::plan
