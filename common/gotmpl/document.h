// Between documents and template values: values files go in, toYaml and toJson come out.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/value.h"
#include "common/value/json.h"
#include "common/value/value.h"

namespace sluice::gotmpl {

// What becomes of the integers of a document.
enum class Numbers {
  kFloats,    // float64, as in everything that Helm reads from YAML
  kIntegers,  // int64, as in objects that come from the API server
};

// Objects become map[string]interface {}, lists []interface {}.
Value FromDocument(const value::Value& document, Numbers numbers);

// As Go's encoding/json sees the value: bytes in base64, structs by their fields' names in JSON, a
// type that marshals itself by that text. kInvalidArgument for functions, NaN and
// infinities, with json's message; kResourceExhausted if it nests deeper than the session allows,
// and every element costs a step.
absl::StatusOr<value::Value> ToDocument(const Value& value, Session& session);

// The same as JSON text, with the fields of structs in their order.
absl::StatusOr<std::string> ToJson(const Value& value, const value::JsonStyle& style,
                                   Session& session);

}  // namespace sluice::gotmpl
