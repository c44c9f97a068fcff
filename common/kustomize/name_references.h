// Fixing references: after names have got prefixes, suffixes and hashes, the fields that hold such
// a name are given the new one.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// A field refers to the object of the reference's kind that once had the name it holds. Of several
// the one is meant that went through the same prefixes and suffixes. kInvalidArgument ("found
// multiple possible referrals") if that does not decide it.
absl::Status FixNameReferences(ResMap& map, const TransformerConfig& config);

}  // namespace sluice::kustomize
