// Whether a schema is structural (apiextensions 1.34): every field has its type outside of allOf,
// anyOf, oneOf and not, which only restrict values of that type.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {

// Errors in order of their texts.
FieldErrors StructuralFaults(const Field& schema);

}  // namespace sluice::devapi
