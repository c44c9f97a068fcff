// ObjectRules: what the schema of a kind makes of an object: decoding, pruning, defaults,
// validation, merging and field ownership. The verbs speak to this; the engines behind it are
// schema_*.h, field_ownership.h and strategic_merge.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/registry.h"
#include "common/devapi/kinds/resource.h"
#include "common/devapi/ownership/field_ownership.h"
#include "common/devapi/schema/field_error.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Who owns what a write sets, and under which name it is recorded.
struct FieldOwner {
  std::string manager;
  std::string subresource;
  absl::Time now;
};

// Thread-safe.
class ObjectRules {
 public:
  // Both must outlive this; `registry` tells the other versions of a kind.
  ObjectRules(const BuiltinKinds& kinds, const Registry& registry)
      : kinds_(kinds), registry_(registry) {}

  // Takes `object`, as a client sent it, to what the server works with: types checked, unknown
  // fields removed, defaults set. Unknown and duplicate fields are added to `unknown` in the words
  // of strict decoding ("unknown field \"spec.foo\""). kInvalidArgument with Go's text for wrong
  // types.
  absl::Status Decode(const Resource& resource, Value& object,
                      std::vector<std::string>& unknown) const;

  // Fits an object that came by another version to the custom version `resource`: drops what that
  // does not know, and sets its defaults.
  void Adapt(const Resource& resource, Value& object) const;

  // What a client is told of an object that is accepted all the same.
  std::vector<std::string> Warnings(const Resource& resource, const Value& object) const;

  // What the server sets in an object that is to be created, or to replace `old` by way of
  // `subresource` ("" for the main resource): status is written by its own subresource only,
  // metadata.generation counts changes of the rest.
  void PrepareCreate(const Resource& resource, absl::Time now, Value& object) const;
  void PrepareUpdate(const Resource& resource, absl::string_view subresource, const Value& old,
                     Value& object) const;

  // What is wrong with an object; `old` is null on creation.
  FieldErrors Validate(const Resource& resource, const Value& object, const Value& old,
                       absl::string_view subresource) const;

  // `object` with its metadata.managedFields after a create (`old` null) or an update of `old`, by
  // a manager that did not apply.
  Value RecordUpdate(const Resource& resource, const Value& old, const Value& object,
                     const FieldOwner& owner) const;

  // Server-side apply of `applied` onto `live` (null: it does not exist): the object to store,
  // decoded and with its managedFields. The conflict error of the API unless `force`.
  absl::StatusOr<Value> Apply(const Resource& resource, const Value& live, const Value& applied,
                              const FieldOwner& owner, bool force) const;

  // Strategic merge of `patch` into `object`; built-in kinds only.
  absl::StatusOr<Value> MergeStrategically(const Resource& resource, const Value& object,
                                           const Value& patch) const;

  // A custom version's schema, ready for the functions above. kInvalidArgument with the fault.
  absl::StatusOr<std::shared_ptr<const CustomSchema>> Compile(const Value& open_api) const;

 private:
  const Schema* SchemaOf(const Resource& resource) const;
  FieldErrors ValidateBuiltin(const Resource& resource, const Value& object, const Value& old,
                              absl::string_view subresource) const;
  FieldManager FieldsOf(const Resource& resource, absl::string_view subresource) const;

  const BuiltinKinds& kinds_;
  const Registry& registry_;
};

}  // namespace sluice::devapi
