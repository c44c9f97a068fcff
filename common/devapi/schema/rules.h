// The x-kubernetes-validations of a schema.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// The entries of a schema node's x-kubernetes-validations. `is_resource`: it describes whole
// objects.
std::vector<ValidationRule> CompileRules(const Value& json, bool is_resource);

// Tries the rules of `schema` and of everything below it on `value`. `old_value` may be null: then
// rules that name oldSelf are left out, unless they say that it is optional. Rules on what did not
// change are not tried again. All rules together may cost no more than cel::kRuleBudget.
void CheckRules(const Schema& schema, const Value& value, const Value* old_value,
                const FieldPath& path, FieldErrors& errors);

}  // namespace sluice::devapi
