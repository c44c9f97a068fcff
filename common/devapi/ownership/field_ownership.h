// FieldManager: server-side apply, and keeping metadata.managedFields on every other write, as
// kube-apiserver 1.34 does it (apimachinery managedfields over structured-merge-diff v6).
//
//   FieldManager fields({.api_version = "apps/v1", .kind = "Deployment", .schema = schema, ...});
//   stored = fields.Update(live, changed, "kubectl-edit", now);
//   ASSIGN_OR_RETURN(Applied applied, fields.Apply(live, patch, "kustomize-controller", force,
//   now)); if (!applied.conflicts.empty()) return 409 with applied.message and one cause per
//   conflict;
//
// Immutable, so safe to share between threads if the functions given to it are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/ownership/field_set.h"
#include "common/devapi/ownership/managed_fields.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct FieldManagerOptions {
  std::string api_version;  // of the request
  std::string kind;
  std::string subresource;  // "" for the object itself
  // Of whole objects in api_version; must outlive the manager.
  const Schema* schema = nullptr;
  // Of the same kind in another version, nullptr if that is not served (any more): then what is
  // recorded in it is forgotten. May be empty if there is one version only.
  std::function<const Schema*(absl::string_view api_version)> schema_of;
  // An object with nothing set, as new ones start from: for built-in kinds the zero value of their
  // type (GoDecode of apiVersion and kind). By default apiVersion and kind alone.
  Value empty;
  // `object` in another version. By default only apiVersion changes, as custom resources with
  // conversion strategy None.
  std::function<Value(const Value& object, absl::string_view api_version)> convert;
  // What an applied object goes through before it is stored: for built-in kinds GoDecode and
  // defaults, for custom ones defaults. By default nothing.
  std::function<absl::StatusOr<Value>(Value object)> finish;
  // Fields that requests of this kind cannot change, which are therefore never owned through them:
  // {{"status"}} for objects with a status subresource, {{"spec"}} for that subresource.
  std::vector<std::vector<std::string>> reset_fields;
};

// One field that another manager owns.
struct ApplyConflict {
  std::string manager;  // as printed: `"kubectl-edit" using apps/v1`
  std::string field;    // ".spec.replicas"

  // The message of its cause: `conflict with "kubectl-edit" using apps/v1`. The cause's reason is
  // "FieldManagerConflict".
  std::string Message() const { return "conflict with " + manager; }
};

struct Applied {
  // What to store; null if there were conflicts. Equal to the live object, apart from what
  // managedFields say, if the apply changes nothing.
  Value object;
  std::vector<ApplyConflict> conflicts;
  std::string message;  // "Apply failed with 1 conflict: ..." if there were
};

class FieldManager {
 public:
  explicit FieldManager(FieldManagerOptions options) : options_(std::move(options)) {}

  // `object` is what a create (`live` null or empty), update or patch is about to store,
  // managedFields as the client sent them: empty ones ([] or [{}]) reset ownership, absent ones
  // keep it. Returns it with managedFields brought up to date. Never fails: an object that does not
  // fit its schema is stored without managedFields.
  Value Update(const Value& live, const Value& object, absl::string_view manager,
               absl::Time now) const;

  // Applies `patch` for `manager`. `live` is null if the object does not exist yet.
  //
  // kInvalidArgument for a bad request (wrong version or kind, managedFields in the patch);
  // kInternal with the reference's text for a patch that does not fit the schema, which the server
  // answers as an error of its own (500).
  absl::StatusOr<Applied> Apply(const Value& live, const Value& patch, absl::string_view manager,
                                bool force, absl::Time now) const;

 private:
  struct Conflicts;
  class Operation;

  Value Empty() const;

  FieldManagerOptions options_;
};

}  // namespace sluice::devapi
