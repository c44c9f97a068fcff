// What an estimate knows of the values in an expression: where in the schema they come from, how
// many elements or characters they have, and how large their own elements are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/cel/ast.h"
#include "common/cel/cost_bounds.h"
#include "common/cel/schema.h"

namespace sluice::cel {

// Of what has no size, or of a size that nothing tells: nullopt.
using KnownSize = std::optional<Bounds>;

// Where in the schema a value comes from. Not anywhere: `known` is false; somewhere that the schema
// does not describe: `node` is null.
struct SchemaPlace {
  bool known = false;
  const Schema* node = nullptr;
};

// The sizes of what is in a list or map.
struct EntrySizes {
  bool list = false;
  Bounds key;
  Bounds value;
};

// Not thread-safe. The schema must outlive it, and so must the expressions.
class KnownSizes {
 public:
  // A variable of a comprehension.
  struct Local {
    std::string name;
    SchemaPlace place;
    KnownSize size;
    std::optional<EntrySizes> entries;
  };

  explicit KnownSizes(const Schema& root) : root_(root) {}

  void Bind(Local local) { locals_.push_back(std::move(local)); }
  // Takes back the `count` variables that were bound last.
  void Unbind(size_t count) { locals_.resize(locals_.size() - count); }

  // --- Places.

  // The place of the variable of this name, the root if there is none.
  SchemaPlace PlaceOfName(const std::string& name) const;
  SchemaPlace PlaceOf(const Expr& expr) const;
  // The place behind `from`: `next`, if the schema describes `from`. The first step from nowhere
  // leads to the root, as the reference leaves out the first name.
  SchemaPlace Step(const SchemaPlace& from, const Schema* next) const;
  SchemaPlace Items(const SchemaPlace& from) const;
  SchemaPlace Keys(const SchemaPlace& from) const;
  SchemaPlace Field(const SchemaPlace& from, const std::string& name) const;

  // --- Sizes.

  KnownSize SizeOf(const Expr& expr);
  Bounds SizeOrUnknown(const Expr& expr) { return SizeOf(expr).value_or(Bounds::Unknown()); }
  // The size of the elements of a list, from where the list comes from.
  KnownSize ElementSize(const Expr& list) const;
  std::optional<EntrySizes> EntriesOf(const Expr& expr) const;
  // Those of a value that is one of the two, or made of both.
  std::optional<EntrySizes> EntriesOfEither(const Expr& a, const Expr& b) const;

  // --- What the estimate finds out.

  void SetPlace(const Expr& expr, const SchemaPlace& place) { places_[&expr] = place; }
  // Both keep what is known already if the second argument is nullopt.
  void SetSize(const Expr& expr, const KnownSize& size);
  void SetEntries(const Expr& expr, const std::optional<EntrySizes>& entries);

 private:
  const Local* FindLocal(const std::string& name) const;

  const Schema& root_;
  std::vector<Local> locals_;
  std::map<const Expr*, SchemaPlace> places_;
  std::map<const Expr*, Bounds> sizes_;
  std::map<const Expr*, EntrySizes> entries_;
};

}  // namespace sluice::cel
