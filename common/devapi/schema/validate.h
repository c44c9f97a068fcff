// Checking custom resources against their schema, as the API server does it (apiextensions and
// kube-openapi 1.34): the same errors, with the same texts, paths and reasons. Where the
// reference's order depends on its maps, errors come in order of field names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Evaluates the CEL expression `expression` on a value of `schema`, with `self`, and `old_self` if
// it is not null. An error's message is what the user sees ("no such key: b").
using CelEvaluator = std::function<absl::StatusOr<Value>(
    const Schema& schema, const std::string& expression, const Value& self, const Value* old_self)>;

struct ValidateOptions {
  // The stored object on an update. What did not change since then is not checked again.
  const Value* old_object = nullptr;
  // Without it, x-kubernetes-validations are not checked.
  CelEvaluator cel;
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
