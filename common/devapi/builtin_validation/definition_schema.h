// Checking the schema of a CustomResourceDefinition's version (apiextensions 1.34): which keywords
// of OpenAPI it may use, and that it is structural, so that objects can be pruned, defaulted and
// merged by it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {

// `schema` is an openAPIV3Schema at the path that errors are to name. `has_status`: the version has
// the status subresource.
void ValidateDefinitionSchema(const Field& schema, bool has_status, const Schema& object_meta,
                              FieldErrors& errors);

}  // namespace sluice::devapi
