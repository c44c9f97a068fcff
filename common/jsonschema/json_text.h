// The text of a schema: its value, the numbers as they are written, and Go's words for what is
// wrong with it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

struct JsonText {
  // The literal of the number `value`, which is part of this->value.
  std::string LiteralOf(const Value& value) const;

  Value value;
  // Numbers that are not written as we would print them: 1.0, 1e3, 36 digits. By their address in
  // `value`, so this must not be changed.
  absl::flat_hash_map<const Value*, std::string> literals;
};

// kInvalidArgument with the text of encoding/json's Decoder ("invalid character '}' looking for
// beginning of value", "unexpected EOF") if it is no JSON, with our own text if it nests too deep
// or has a number that no double comes near.
absl::StatusOr<JsonText> ReadJson(absl::string_view text);

}  // namespace sluice::jsonschema
