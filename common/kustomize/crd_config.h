// Field specs from OpenAPI definitions: the `crds` field.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/field_specs.h"

namespace sluice::kustomize {

// What the extensions of the definitions in `text` (JSON or YAML, {name: {Schema: ...}}) say about
// names, labels, annotations and references of their types.
absl::StatusOr<TransformerConfig> ConfigFromCrd(absl::string_view text);

}  // namespace sluice::kustomize
