// JSON Patch (RFC 6902) as the Kubernetes API server and kustomize apply it: evanphx/json-patch
// 4.12, its error texts and its leniencies included. Those that differ from the RFC:
//
//   - a negative index counts from the end; "-" is the place after the last element in `add`;
//   - `replace` of a member that is absent adds it, `copy` of one adds null;
//   - the text before the first "/" of a path is ignored; "" is the whole document, which only
//     `replace` and `test` take;
//   - an `add` or `replace` without value stores null.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

struct JsonPatchLimits {
  // The API server's bounds: operations in one patch, and bytes of JSON that `copy` may add.
  size_t max_operations = 10'000;
  int64_t max_copied_bytes = 3 * 1024 * 1024;
};

// `document` with the operations of `patch` done in order; none is if one fails.
//
// kInvalidArgument if `patch` is not a list of objects, kResourceExhausted if it has too many,
// kFailedPrecondition if an operation does not apply: a path is missing, a `test` fails, the kind
// of operation is unknown, the copies grow too large.
absl::StatusOr<Value> ApplyJsonPatch(const Value& document, const Value& patch,
                                     const JsonPatchLimits& limits = {});

// `key` as one step of a JSON pointer (RFC 6901): "~" and "/" escaped.
std::string EscapeJsonPointer(absl::string_view key);

}  // namespace sluice::value
