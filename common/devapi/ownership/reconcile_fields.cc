// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/reconcile_fields.h"

#include "common/devapi/ownership/typed_schema.h"

namespace sluice::devapi {
namespace {

const Schema* SchemaBelow(const Schema& schema, const PathElement& element) {
  const Shapes shapes = ShapesOf(schema);
  if (shapes.map) {
    return element.kind() == PathElement::Kind::kField ? FieldSchema(schema, element.name())
                                                       : schema.additional;
  }
  return shapes.list ? ItemSchema(schema) : nullptr;
}

// Whether what is below a value of `schema` belongs to it.
bool IsOwnedAsWhole(const Schema& schema) {
  const Shapes shapes = ShapesOf(schema);
  if (shapes.map) return IsAtomicMap(schema);
  return shapes.list && IsAtomicList(schema);
}

}  // namespace

FieldSet ReconcileWithSchema(const Schema& schema, const FieldSet& fields) {
  FieldSet result = fields;
  for (const FieldSet::Child& child : fields.children()) {
    const Schema* const below = SchemaBelow(schema, child.element);
    if (below == nullptr || child.set.empty()) continue;
    if (IsOwnedAsWhole(*below)) {
      FieldSet whole;
      whole.InsertMember(child.element);
      result = result.RecursiveDifference(whole).Union(whole);
    } else {
      result.Descend(child.element) = ReconcileWithSchema(*below, child.set);
    }
  }
  return result;
}

}  // namespace sluice::devapi
