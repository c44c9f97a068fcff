// Checking CustomResourceDefinitions (apiextensions 1.34). The reference looks at an internal form
// in which what all versions have in common stands once, above them; the paths of its errors are of
// that form ("spec.validation.openAPIV3Schema.properties[spec]"), and so are ours.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {

// `crd` is decoded and defaulted; its metadata has been checked by ValidateObjectMeta, apart from
// what the name has to be. `object_meta` is BuiltinKinds::object_meta().
void ValidateDefinition(const Field& crd, const Schema& object_meta, FieldErrors& errors);

// `crd` is to replace `old`. A spec that stays as it was is not checked again.
void ValidateDefinitionUpdate(const Field& old, const Field& crd, const Schema& object_meta,
                              FieldErrors& errors);

// What a client is warned of: formats that nobody checks.
std::vector<std::string> DefinitionWarnings(const Value& crd);

}  // namespace sluice::devapi
