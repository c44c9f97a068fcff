// JSON text to Value and back.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

// How deep lists and maps may nest in any document that is read; 10,000 is also the bound of Go's
// encoding/json, but our walks are recursive, and no Kubernetes object comes near 500.
inline constexpr size_t kMaxDepth = 500;

// One JSON document (RFC 8259), read as Go's encoding/json does: of duplicate keys the last wins,
// and what is not UTF-8 becomes U+FFFD. kInvalidArgument with line and column otherwise. Integers
// that fit 64 bits stay integers; other numbers, and -0, are doubles.
absl::StatusOr<Value> ParseJson(absl::string_view text);

struct JsonStyle {
  // 0: all on one line without blanks, as json.Marshal; else json.MarshalIndent with that many.
  int indent = 0;
  // <, > and & (and U+2028, U+2029) as \u escapes, as Go does by default. Hashes over JSON rely on
  // it.
  bool escape_html = true;
};

// Members in key order, numbers as Go's encoding/json prints them, invalid UTF-8 as U+FFFD.
std::string FormatJson(const Value& value, const JsonStyle& style = {});

// Appends `text` as a JSON string, quotes included, as FormatJson() writes it.
void AppendJsonString(absl::string_view text, bool escape_html, std::string& out);

// A double as Go's encoding/json prints it ("1", "1.5", "1e+21"); it must be finite.
std::string FormatJsonDouble(double number);

// The number that a reader of FormatJsonDouble(number) gets: an integer where it is a whole number
// that fits 64 bits, but -0 as a double. `number` must be finite.
Value NumberFromDouble(double number);

}  // namespace sluice::value
