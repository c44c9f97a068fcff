// Which types can stand for which, and what the variables of signatures stand for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>

#include "common/cel/type.h"

namespace sluice::cel {

// What is known of type variables. A value: copied to try something.
class Substitutions {
 public:
  // Whether a value of `b` can stand where `a` is expected, or the other way round, with what is
  // known of the variables; what was learned is kept if so.
  bool Assign(const TypePtr& a, const TypePtr& b);
  bool AssignAll(std::span<const TypePtr> a, std::span<const TypePtr> b);

  // `type` with known variables replaced, and unknown ones by dyn if `to_dyn`.
  TypePtr Apply(const TypePtr& type, bool to_dyn) const;

  // A variable of its own.
  TypePtr NewVariable();
  // `type` with each of its variables replaced by one of its own.
  TypePtr Instantiate(const TypePtr& type, std::map<std::string, TypePtr>& renamed);

 private:
  bool TryAssign(const TypePtr& a, const TypePtr& b);
  // Whether `variable` can stand for `type`; `known` says whether it stood for something before.
  bool Bind(const TypePtr& type, const TypePtr& variable, bool& known);
  bool OccursIn(const Type& variable, const Type& type) const;

  std::map<std::string, TypePtr> known_;
  int next_ = 0;
};

// The more general of two types of which one can stand for the other.
TypePtr MostGeneral(const TypePtr& a, const TypePtr& b);

}  // namespace sluice::cel
