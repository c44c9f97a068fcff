// Strategic merge patch (apimachinery strategicpatch, 1.34), for built-in kinds: like a JSON merge
// patch, except that lists whose schema says so are merged by their key, and that the patch may
// hold directives:
//
//   $patch: replace | delete | merge        what to do with the object, or the list element, it is
//   in $retainKeys: [names]                    the fields that the merged object keeps
//   $deleteFromPrimitiveList/<field>: [..]  values to take out of a list of scalars
//   $setElementOrder/<field>: [..]          the order of the merged list

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// `object` with `patch` merged in, by the schema of the whole object.
//
// kInvalidArgument for a malformed directive (the server answers 400), kFailedPrecondition for
// lists of lists (422), kInternal for an element without its merge key and the like (500); each
// with the reference's text.
absl::StatusOr<Value> StrategicMerge(const Schema& schema, const Value& object, const Value& patch);

}  // namespace sluice::devapi
