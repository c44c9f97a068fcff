// Values with a schema, as server-side apply works on them (structured-merge-diff v6 typed): which
// fields they have, what differs between two, merging one into another, taking fields out.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/devapi/ownership/field_set.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Whether `value` fits `schema`. kInvalidArgument, with the reference's text, otherwise:
// `.spec.foo: field not declared in schema`. Stored objects may hold an element of an associative
// list twice, applied ones may not.
absl::Status CheckTyped(const Schema& schema, const Value& value, bool allow_duplicates);

// The fields of `value`: leaves, atomic lists and maps, elements of associative lists, keys of
// maps.
FieldSet FieldsOf(const Schema& schema, const Value& value);

struct Comparison {
  FieldSet removed;
  FieldSet modified;
  FieldSet added;
};
// What `after` changes in `before`.
absl::StatusOr<Comparison> CompareTyped(const Schema& schema, const Value& before,
                                        const Value& after);

// `live` with `applied` merged in: fields of `applied` win, elements of associative lists are
// matched by their keys and take the order of `applied` where it has them.
absl::StatusOr<Value> MergeTyped(const Schema& schema, const Value& live, const Value& applied);

// `value` without `fields`; null if nothing is left.
Value WithoutFields(const Schema& schema, const Value& value, const FieldSet& fields);

}  // namespace sluice::devapi
