// metadata.managedFields: who owns which fields of an object (apimachinery managedfields, 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/ownership/field_set.h"
#include "common/value/value.h"

namespace sluice::devapi {

// What tells one entry from another. Applies of all versions are one entry, updates are one per
// version.
struct ManagerId {
  std::string manager;
  bool applies = false;
  std::string api_version;  // "" for applies
  std::string subresource;

  // The JSON form, by which the reference sorts.
  std::string ToString() const;
  // `"kubectl" with subresource "status" using apps/v1`, for messages.
  std::string Printed() const;

  friend bool operator==(const ManagerId& a, const ManagerId& b) = default;
  friend bool operator<(const ManagerId& a, const ManagerId& b) {
    return a.ToString() < b.ToString();
  }
};

struct ManagedEntry {
  FieldSet fields;
  std::string api_version;  // of the fields
  std::string time;         // RFC 3339; "" if unknown
};

using ManagedFields = std::map<ManagerId, ManagedEntry>;

// kInvalidArgument if an entry is malformed. null is none.
absl::StatusOr<ManagedFields> DecodeManagedFields(const Value& entries);
// null if there are none; entries in the order of the reference.
Value EncodeManagedFields(const ManagedFields& managed);

// `object`'s managedFields replaced; none removes them.
void SetManagedFields(const ManagedFields& managed, Value& object);

// The path of nested fields by their names.
Path FieldPathOf(const std::vector<std::string>& names);

// What belongs to the server or to nobody in particular: apiVersion, kind, name, uid ...
const FieldSet& ServerFields();

// Takes ServerFields() from an entry and drops it if nothing is left.
void StripServerFields(ManagedFields& managed, const ManagerId& id);

// Merges the oldest updates of a version into the manager "ancient-changes" until there are at most
// ten updates.
void CapUpdates(ManagedFields& managed);

// Whether managedFields as a client sent them ask to forget all owners: an empty list, or one empty
// entry.
bool ResetsManagedFields(const Value& entries);

}  // namespace sluice::devapi
