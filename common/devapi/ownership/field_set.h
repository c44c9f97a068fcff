// Sets of fields of an object, as managedFields record them (structured-merge-diff v6 fieldpath).
//
//   f:metadata  f:spec  k:{"name":"web"}  v:"finalizer"  i:3  .
//
// A set is a tree: each node says which of its fields are in the set and which have fields below
// them that are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/devapi/ownership/path_element.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct Schema;

// A value: copies are independent. Not thread-safe while it changes.
class FieldSet {
 public:
  FieldSet();
  ~FieldSet();
  FieldSet(const FieldSet& other);
  FieldSet(FieldSet&&) noexcept;
  FieldSet& operator=(const FieldSet& other);
  FieldSet& operator=(FieldSet&&) noexcept;

  // FieldsV1 to a set and back. kInvalidArgument if a key cannot be read; keys of unknown kinds are
  // left out.
  static absl::StatusOr<FieldSet> Decode(const Value& fields_v1);
  Value Encode() const;

  bool empty() const;
  // An empty path is not inserted: nobody owns the whole object.
  void Insert(const Path& path);
  bool Has(const Path& path) const;
  bool HasMember(const PathElement& element) const;
  // The fields below `element`, or nullptr.
  const FieldSet* Below(const PathElement& element) const;
  // The set below `element`, made if there is none.
  FieldSet& Descend(const PathElement& element);
  void InsertMember(const PathElement& element);

  const std::vector<PathElement>& members() const { return members_; }
  struct Child;
  const std::vector<Child>& children() const { return children_; }

  FieldSet Union(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  // Without the fields of `other`; what is below them stays.
  FieldSet Difference(const FieldSet& other) const;
  // Without the fields of `other` and everything below them.
  FieldSet RecursiveDifference(const FieldSet& other) const;
  // With every named field that has fields below it, as `schema` tells them from keys of maps.
  FieldSet WithNamedFields(const Schema* schema) const;

  // Every path, parents before what is below them, members before children, in order.
  void ForEach(const std::function<void(const Path&)>& visit) const;

  friend bool operator==(const FieldSet& a, const FieldSet& b);

 private:
  void ForEach(Path& prefix, const std::function<void(const Path&)>& visit) const;
  bool DecodeInto(const Value& fields_v1, absl::Status& status);
  Value Encode(bool with_self) const;

  std::vector<PathElement> members_;  // sorted
  std::vector<Child> children_;       // sorted; a child may be empty
};

struct FieldSet::Child {
  PathElement element;
  FieldSet set;

  friend bool operator<(const Child& child, const PathElement& other) {
    return (child.element <=> other) < 0;
  }
};

}  // namespace sluice::devapi
