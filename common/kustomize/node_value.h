// Nodes to Values and back, by the way kustomize goes: nodes are written as YAML and read again, so
// a scalar's final kind depends on its tag, its quoting and its text together.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/kustomize/node.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// What the document is in JSON: maps with string keys, dates as RFC 3339 strings. The root's keys
// become strings as written; below it a key that is no string is an error, as are keys that occur
// twice, NaN and infinities, and a tag that the text does not fit.
absl::StatusOr<Value> ToValue(const Node* node);

// The kind a scalar reads as once it was written out.
Node::Tag EffectiveTag(const Node* scalar);
// The kind of an untagged plain scalar.
Node::Tag ResolvedTag(absl::string_view text);
// "!!str" and so on; "" for kNone.
absl::string_view TagName(Node::Tag tag);
// The inverse; kOther for anything that is no core tag.
Node::Tag TagFromName(absl::string_view name);

// `value` as it arrives after it was printed as kustomize prints. That is through JSON text read as
// YAML, where some characters are white space (U+0085) and others are not allowed: kInvalidArgument
// ("control characters are not allowed").
absl::StatusOr<Value> AsPrinted(Value value);

enum class NumberText {
  kJson,    // as in JSON text
  kDouble,  // as YAML text of a double: 1000000 is "1e+06"; what a patched object goes through
};

// The nodes for `value`. Strings are tagged as such.
Node* FromValue(NodeArena& arena, const Value& value, NumberText numbers);

}  // namespace sluice::kustomize
