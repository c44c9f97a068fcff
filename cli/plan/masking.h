// Masking: what must not be printed: the values of Secrets, and texts that came out of decrypted
// ones.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/plan/cluster_plan.h"
#include "cli/plan/field_diff.h"
#include "common/value/secret_texts.h"

namespace sluice::plan {

// Whether the field of a Secret at `path`, as DiffFields() writes it, holds data of it: kubectl
// keeps a copy of the whole object in an annotation.
bool HoldsSecretData(absl::string_view path);

class Masking {
 public:
  // Knows the values of all Secrets of these plans that were decrypted.
  explicit Masking(const std::vector<const ClusterPlan*>& plans);

  // The same changes with values masked: of a Secret all data, else where a known value stands.
  std::vector<FieldChange> Mask(const PlannedObject& object,
                                std::vector<FieldChange> changes) const;
  std::string Mask(absl::string_view text) const;

 private:
  value::SecretTexts secrets_;
};

}  // namespace sluice::plan
