// SPDX-License-Identifier: Apache-2.0
#include "common/cel/compare.h"

#include <cmath>
#include <limits>

namespace sluice::cel {
namespace {

template <typename T>
int Order(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int OrderIntDouble(int64_t i, double d) {
  if (d < -9223372036854775808.0) return 1;
  if (d > 9223372036854775807.0) return -1;
  return Order(static_cast<double>(i), d);
}

int OrderUintDouble(uint64_t u, double d) {
  if (d < 0) return 1;
  if (d > 18446744073709551615.0) return -1;
  return Order(static_cast<double>(u), d);
}

int OrderIntUint(int64_t i, uint64_t u) {
  if (i < 0 || u > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return -1;
  return Order(static_cast<uint64_t>(i), u);
}

bool IsNan(const Value& v) { return v.kind() == Kind::kDouble && std::isnan(v.floating()); }

// Both are numbers, none is NaN.
int OrderNumbers(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::kInt:
      if (b.kind() == Kind::kInt) return Order(a.integer(), b.integer());
      if (b.kind() == Kind::kUint) return OrderIntUint(a.integer(), b.unsigned_integer());
      return OrderIntDouble(a.integer(), b.floating());
    case Kind::kUint:
      if (b.kind() == Kind::kInt) return -OrderIntUint(b.integer(), a.unsigned_integer());
      if (b.kind() == Kind::kUint) return Order(a.unsigned_integer(), b.unsigned_integer());
      return OrderUintDouble(a.unsigned_integer(), b.floating());
    default:
      if (b.kind() == Kind::kInt) return -OrderIntDouble(b.integer(), a.floating());
      if (b.kind() == Kind::kUint) return -OrderUintDouble(b.unsigned_integer(), a.floating());
      return Order(a.floating(), b.floating());
  }
}

bool Contains(const Value& list, const Value& item, Arena& arena) {
  for (size_t i = 0; i < Size(list); ++i) {
    if (Equal(ElementAt(list, i, arena), item, arena)) return true;
  }
  return false;
}

const Schema* ListSchema(const Value& list) {
  return list.in_document() ? list.schema() : list.list().schema;
}

// Whether the two elements of a list-map are the same entry.
bool SameEntry(const Value& a, const Value& b, const Schema& schema, Arena& arena) {
  if (!a.is_map() || !b.is_map()) return false;
  for (const std::string& key : schema.list_keys) {
    const Value name = Value::String(key);
    const Found in_a = FindKey(a, name, arena);
    const Found in_b = FindKey(b, name, arena);
    if (in_a.present != in_b.present) return false;
    if (in_a.present && !Equal(in_a.value, in_b.value, arena)) return false;
  }
  return true;
}

bool EqualLists(const Value& a, const Value& b, Arena& arena) {
  if (Size(a) != Size(b)) return false;
  const Schema* const schema = ListSchema(a);
  if (schema != nullptr && schema->list_type == Schema::ListType::kSet) {
    for (size_t i = 0; i < Size(b); ++i) {
      if (!Contains(a, ElementAt(b, i, arena), arena)) return false;
    }
    return true;
  }
  const bool by_key = schema != nullptr && schema->list_type == Schema::ListType::kMap;
  for (size_t i = 0; i < Size(b); ++i) {
    const Value item = ElementAt(b, i, arena);
    if (!by_key) {
      if (!Equal(ElementAt(a, i, arena), item, arena)) return false;
      continue;
    }
    bool found = false;
    for (size_t j = 0; j < Size(a) && !found; ++j) {
      const Value candidate = ElementAt(a, j, arena);
      found = SameEntry(candidate, item, *schema, arena) && Equal(candidate, item, arena);
    }
    if (!found) return false;
  }
  return true;
}

bool EqualMaps(const Value& a, const Value& b, Arena& arena) {
  if (Size(a) != Size(b)) return false;
  for (size_t i = 0; i < KeyCount(a); ++i) {
    const Value key = KeyAt(a, i, arena);
    const Found in_a = FindKey(a, key, arena);
    const Found in_b = FindKey(b, key, arena);
    if (in_a.present != in_b.present) return false;
    if (in_a.present && !Equal(in_a.value, in_b.value, arena)) return false;
  }
  return true;
}

}  // namespace

bool Equal(const Value& a, const Value& b, Arena& arena) {
  if (a.is_number() && b.is_number()) {
    return !IsNan(a) && !IsNan(b) && OrderNumbers(a, b) == 0;
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.boolean() == b.boolean();
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
      return a.text() == b.text();
    case Kind::kDuration:
      return a.integer() == b.integer();
    case Kind::kTimestamp:
      return a.timestamp() == b.timestamp();
    case Kind::kList:
      return EqualLists(a, b, arena);
    case Kind::kMap:
      return EqualMaps(a, b, arena);
    case Kind::kOptional:
      if (a.optional() == nullptr || b.optional() == nullptr) return a.optional() == b.optional();
      return Equal(*a.optional(), *b.optional(), arena);
    case Kind::kOpaque:
      return a.opaque().type_name() == b.opaque().type_name() && a.opaque().Equals(b.opaque());
    case Kind::kUntyped:
      return a.document() == b.document();
    default:
      return false;
  }
}

Value Compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (IsNan(a) || IsNan(b)) return Value::StaticError("NaN values cannot be ordered");
    return Value::Int(OrderNumbers(a, b));
  }
  if (a.kind() != b.kind()) return Value::NoSuchOverload();
  switch (a.kind()) {
    case Kind::kBool:
      return Value::Int(Order(a.boolean() ? 1 : 0, b.boolean() ? 1 : 0));
    case Kind::kString:
    case Kind::kBytes:
      return Value::Int(Order(a.text().compare(b.text()), 0));
    case Kind::kDuration:
      return Value::Int(Order(a.integer(), b.integer()));
    case Kind::kTimestamp:
      return Value::Int(Order(a.timestamp(), b.timestamp()));
    default:
      return Value::NoSuchOverload();
  }
}

}  // namespace sluice::cel
