// What sprig's functions make of arguments of any type.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// spf13/cast: numbers of the predeclared types, truncated; booleans as 0 and 1; strings in any base
// that a prefix names, zeros after the point dropped. Anything else is 0.
int64_t ToInt64(const gotmpl::Value& value);
double ToFloat(const gotmpl::Value& value);

// A string as it is, bytes as text, an object by its text, anything else as print has it.
absl::StatusOr<std::string> ToText(const gotmpl::Value& value, gotmpl::Session& session);

// The elements of a list as texts, those that are nil left out; a single value as one.
absl::StatusOr<std::vector<std::string>> ToTexts(const gotmpl::Value& value,
                                                 gotmpl::Session& session);

// nil, 0, "", false and what has no elements. No object is empty.
bool IsEmpty(const gotmpl::Value& value);

// reflect.DeepEqual: equal types too. kResourceExhausted if the values nest too deeply.
absl::StatusOr<bool> DeepEqual(const gotmpl::Value& a, const gotmpl::Value& b,
                               gotmpl::Session& session);

// reflect.Kind's name: "slice", "ptr"; "invalid" of the untyped nil.
absl::string_view KindName(const gotmpl::Value& value);

absl::Status Failure(absl::string_view message);
// What Go says of reflect.TypeOf(nil).Kind().
absl::Status NilDereference();

}  // namespace sluice::sprig
