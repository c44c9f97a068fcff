// Checking custom resources against their schema, as the API server does it (apiextensions and
// kube-openapi 1.34): the same errors, with the same texts, paths and reasons. Where the
// reference's order depends on its maps, errors come in order of field names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct ValidateOptions {
  // The stored object on an update. What did not change since then is not checked again.
  const Value* old_object = nullptr;
  // The write came by the status subresource: nothing else is checked.
  bool status_only = false;
};

// The faults of `object`, pruned and defaulted, apart from those of its metadata
// (ValidateObjectMeta in builtin_validation/object_meta.h): types, values, uniqueness in sets and
// maps, CEL rules. These last only if nothing is wrong that could make them fail to evaluate; else
// an error says so.
FieldErrors ValidateCustomObject(const CustomSchema& schema, const Value& object,
                                 const ValidateOptions& options = {});

// The type and value checks alone, of any schema, for the value at `path`.
void ValidateValue(const Schema& schema, const Value& value, const Value* old_value,
                   const FieldPath& path, FieldErrors& errors);

}  // namespace sluice::devapi
