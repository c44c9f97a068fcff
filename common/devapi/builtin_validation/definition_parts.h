// The parts of a CustomResourceDefinition's spec, apart from its schemas (definition_schema.h), as
// apiextensions 1.34 checks them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

void ValidateNames(const Field& names, FieldErrors& errors);
void ValidateColumns(const Field& columns, FieldErrors& errors);
void ValidateSubresources(const Field& subresources, FieldErrors& errors);
// `schema` is the openAPIV3Schema that the fields are of, null if there is none.
void ValidateSelectableFields(const Field& fields, const Value& schema, FieldErrors& errors);
void ValidateConversion(const Field& conversion, FieldErrors& errors);
// The deprecation warning of a version.
void ValidateDeprecation(const Field& version, FieldErrors& errors);
// One of `supported`, and there.
void CheckListed(const Field& field, const std::vector<std::string>& supported,
                 FieldErrors& errors);

}  // namespace sluice::devapi
