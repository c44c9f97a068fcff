// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/type.h"

#include "common/gotmpl/function.h"

namespace sluice::gotmpl {

const Function* Type::FindMethod(absl::string_view method) const {
  for (const Function& candidate : methods) {
    if (candidate.name == method) return &candidate;
  }
  return nullptr;
}

int Type::FindField(absl::string_view field) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return static_cast<int>(i);
  }
  return -1;
}

bool Type::is_comparable() const {
  if (kind == Kind::kSlice || kind == Kind::kMap || kind == Kind::kFunc) return false;
  for (const Field& field : fields) {
    if (!field.type->is_comparable()) return false;
  }
  return true;
}

bool AssignableTo(const Type& from, const Type& to) {
  return &from == &to || to.kind == Kind::kInterface || from.literal == &to || to.literal == &from;
}

}  // namespace sluice::gotmpl
