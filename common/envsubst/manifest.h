// Variable substitution in a manifest rather than in a text.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/envsubst/expand.h"
#include "common/value/value.h"

namespace sluice::envsubst {

// `manifest` printed as YAML, expanded, and read again by the rules of YAML 1.1: what stands where
// a placeholder was has the type that its text has there, whatever quotes the source had.
//
// Whole numbers beyond 2^53 lose their last digits, for Flux passes all numbers through a float64.
// Errors: those of Expand() behind "variable substitution failed: ", those of the reading behind
// "YAMLToJSON: ".
absl::StatusOr<value::Value> ExpandManifest(const value::Value& manifest, Lookup lookup,
                                            const Options& options = {});

}  // namespace sluice::envsubst
