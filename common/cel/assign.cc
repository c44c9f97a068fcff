// SPDX-License-Identifier: Apache-2.0
#include "common/cel/assign.h"

#include "absl/strings/str_cat.h"

namespace sluice::cel {
namespace {

using TypeKind = Type::Kind;

bool IsDyn(const Type& type) { return type.kind == TypeKind::kDyn; }
bool IsDynOrError(const Type& type) { return IsDyn(type) || type.kind == TypeKind::kError; }

bool TakesNull(const Type& type) {
  switch (type.kind) {
    case TypeKind::kOpaque:
    case TypeKind::kStruct:
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
    case TypeKind::kNull:
      return true;
    default:
      return false;
  }
}

bool IsEqualOrLessSpecific(const Type& a, const Type& b) {
  if (IsDyn(a) || a.kind == TypeKind::kParam) return true;
  if (IsDyn(b) || b.kind == TypeKind::kParam) return false;
  if (a.kind != b.kind) return false;
  if (a.kind == TypeKind::kType) return true;
  if (a.kind != TypeKind::kList && a.kind != TypeKind::kMap && a.kind != TypeKind::kOpaque) {
    return SameType(a, b);
  }
  if (a.name != b.name || a.params.size() != b.params.size()) return false;
  for (size_t i = 0; i < a.params.size(); ++i) {
    if (!IsEqualOrLessSpecific(*a.params[i], *b.params[i])) return false;
  }
  return true;
}

}  // namespace

TypePtr MostGeneral(const TypePtr& a, const TypePtr& b) {
  return IsEqualOrLessSpecific(*a, *b) ? a : b;
}

bool Substitutions::Assign(const TypePtr& a, const TypePtr& b) {
  Substitutions attempt = *this;
  if (!attempt.TryAssign(a, b)) return false;
  *this = std::move(attempt);
  return true;
}

bool Substitutions::AssignAll(std::span<const TypePtr> a, std::span<const TypePtr> b) {
  if (a.size() != b.size()) return false;
  Substitutions attempt = *this;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!attempt.TryAssign(a[i], b[i])) return false;
  }
  *this = std::move(attempt);
  return true;
}

bool Substitutions::TryAssign(const TypePtr& a, const TypePtr& b) {
  if (b->kind == TypeKind::kParam) {
    bool known = false;
    if (Bind(a, b, known)) return true;
    if (known) return false;
  }
  if (a->kind == TypeKind::kParam) {
    bool known = false;
    return Bind(b, a, known);
  }
  if (IsDynOrError(*a) || IsDynOrError(*b)) return true;
  if (a->kind == TypeKind::kNull) return TakesNull(*b);
  if (b->kind == TypeKind::kNull) return TakesNull(*a);
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case TypeKind::kType:
      return true;
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kOpaque:
      if (a->name != b->name || a->params.size() != b->params.size()) return false;
      for (size_t i = 0; i < a->params.size(); ++i) {
        if (!TryAssign(a->params[i], b->params[i])) return false;
      }
      return true;
    default:
      return SameType(*a, *b);
  }
}

bool Substitutions::Bind(const TypePtr& type, const TypePtr& variable, bool& known) {
  if (SameType(*type, *variable)) {
    known = true;
    return true;
  }
  const auto found = known_.find(variable->name);
  if (found == known_.end()) {
    if (OccursIn(*variable, *type)) return false;
    known_[variable->name] = type;
    return true;
  }
  known = true;
  const TypePtr bound = found->second;
  if (SameType(*type, *bound)) return true;
  if (!TryAssign(type, bound)) return false;
  const TypePtr general = MostGeneral(type, bound);
  if (!OccursIn(*variable, *general)) known_[variable->name] = general;
  return true;
}

bool Substitutions::OccursIn(const Type& variable, const Type& type) const {
  if (SameType(variable, type)) return true;
  if (type.kind == TypeKind::kParam) {
    const auto found = known_.find(type.name);
    return found != known_.end() && OccursIn(variable, *found->second);
  }
  for (const TypePtr& param : type.params) {
    if (OccursIn(variable, *param)) return true;
  }
  return false;
}

TypePtr Substitutions::Apply(const TypePtr& type, bool to_dyn) const {
  if (type->kind == TypeKind::kParam) {
    const auto found = known_.find(type->name);
    if (found != known_.end()) return Apply(found->second, to_dyn);
    return to_dyn ? SimpleType(TypeKind::kDyn) : type;
  }
  if (type->params.empty()) return type;
  auto copy = std::make_shared<Type>(*type);
  for (TypePtr& param : copy->params) param = Apply(param, to_dyn);
  return copy;
}

TypePtr Substitutions::NewVariable() { return ParamType(absl::StrCat("_var", next_++)); }

TypePtr Substitutions::Instantiate(const TypePtr& type, std::map<std::string, TypePtr>& renamed) {
  if (type->kind == TypeKind::kParam) {
    TypePtr& own = renamed[type->name];
    if (own == nullptr) own = NewVariable();
    return own;
  }
  if (type->params.empty()) return type;
  auto copy = std::make_shared<Type>(*type);
  for (TypePtr& param : copy->params) param = Instantiate(param, renamed);
  return copy;
}

}  // namespace sluice::cel
