// SPDX-License-Identifier: Apache-2.0
#include "common/cel/known_sizes.h"

#include "common/cel/strings.h"
#include "common/cel/type.h"

namespace sluice::cel {
namespace {

bool IsScalar(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kBool:
    case Type::Kind::kDouble:
    case Type::Kind::kDuration:
    case Type::Kind::kInt:
    case Type::Kind::kTimestamp:
    case Type::Kind::kUint:
      return true;
    default:
      return IsOptional(type) && IsScalar(*type.params[0]);
  }
}

KnownSize LiteralSize(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kConstant:
      if (const auto* text = std::get_if<std::string>(&expr.constant)) {
        return Bounds::Fixed(CountCharacters(*text));
      }
      if (const auto* bytes = std::get_if<Bytes>(&expr.constant)) {
        return Bounds::Fixed(bytes->data.size());
      }
      return Bounds::Fixed(1);
    case Expr::Kind::kList:
      return Bounds::Fixed(expr.args.size());
    case Expr::Kind::kMap:
      return Bounds::Fixed(expr.optional.size());
    default:
      return std::nullopt;
  }
}

KnownSize SizeAt(const SchemaPlace& place) {
  if (!place.known || place.node == nullptr) return std::nullopt;
  return Bounds{0, place.node->max_elements};
}

}  // namespace

const KnownSizes::Local* KnownSizes::FindLocal(const std::string& name) const {
  for (auto it = locals_.rbegin(); it != locals_.rend(); ++it) {
    if (it->name == name) return &*it;
  }
  return nullptr;
}

SchemaPlace KnownSizes::PlaceOfName(const std::string& name) const {
  const Local* const local = FindLocal(name);
  return local != nullptr ? local->place : SchemaPlace{true, &root_};
}

SchemaPlace KnownSizes::PlaceOf(const Expr& expr) const {
  if (expr.kind == Expr::Kind::kIdent) {
    if (const Local* local = FindLocal(expr.name)) return local->place;
  }
  const auto found = places_.find(&expr);
  return found == places_.end() ? SchemaPlace() : found->second;
}

SchemaPlace KnownSizes::Step(const SchemaPlace& from, const Schema* next) const {
  if (!from.known) return {true, &root_};
  return {true, from.node == nullptr ? nullptr : next};
}

SchemaPlace KnownSizes::Items(const SchemaPlace& from) const {
  return Step(from, from.node == nullptr ? nullptr : from.node->items.get());
}

SchemaPlace KnownSizes::Keys(const SchemaPlace& from) const {
  static const Schema* const kKey = new Schema;  // of no declared length
  const bool map = from.node != nullptr && from.node->kind == Schema::Kind::kMap;
  return Step(from, map ? kKey : nullptr);
}

SchemaPlace KnownSizes::Field(const SchemaPlace& from, const std::string& name) const {
  const SchemaField* const field = from.node == nullptr ? nullptr : from.node->FindName(name);
  const bool exposed = field != nullptr && field->schema->exposed;
  return Step(from, exposed ? field->schema.get() : nullptr);
}

KnownSize KnownSizes::SizeOf(const Expr& expr) {
  const auto known = sizes_.find(&expr);
  if (known != sizes_.end()) return known->second;
  if (const KnownSize literal = LiteralSize(expr)) return literal;
  if (const KnownSize declared = SizeAt(PlaceOf(expr))) {
    sizes_[&expr] = *declared;
    return declared;
  }
  if (IsScalar(*expr.type)) return Bounds::Fixed(1);
  if (expr.kind == Expr::Kind::kIdent) {
    const Local* const local = FindLocal(expr.name);
    if (local != nullptr && local->size.has_value()) return local->size;
  }
  return std::nullopt;
}

KnownSize KnownSizes::ElementSize(const Expr& list) const {
  const SchemaPlace place = PlaceOf(list);
  return place.known ? SizeAt(Items(place)) : std::nullopt;
}

std::optional<EntrySizes> KnownSizes::EntriesOf(const Expr& expr) const {
  const auto known = entries_.find(&expr);
  if (known != entries_.end()) return known->second;
  if (expr.kind != Expr::Kind::kIdent) return std::nullopt;
  const Local* const local = FindLocal(expr.name);
  return local == nullptr ? std::nullopt : local->entries;
}

std::optional<EntrySizes> KnownSizes::EntriesOfEither(const Expr& a, const Expr& b) const {
  const std::optional<EntrySizes> first = EntriesOf(a);
  const std::optional<EntrySizes> second = EntriesOf(b);
  if (!first.has_value() || !second.has_value()) return std::nullopt;
  return EntrySizes{first->list, first->key.Union(second->key), first->value.Union(second->value)};
}

void KnownSizes::SetSize(const Expr& expr, const KnownSize& size) {
  if (size.has_value()) sizes_[&expr] = *size;
}

void KnownSizes::SetEntries(const Expr& expr, const std::optional<EntrySizes>& entries) {
  if (entries.has_value()) entries_[&expr] = *entries;
}

}  // namespace sluice::cel
