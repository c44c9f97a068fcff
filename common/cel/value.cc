// SPDX-License-Identifier: Apache-2.0
#include "common/cel/value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "absl/hash/hash.h"
#include "common/cel/compare.h"
#include "common/cel/document_formats.h"

namespace sluice::cel {
namespace {

// Smaller maps are searched from end to end.
constexpr size_t kIndexedMapSize = 8;

Value NullData() {
  return Value::StaticError("invalid data, got null for schema with nullable=false");
}

Value Scalar(const value::Value& document) {
  switch (document.kind()) {
    case value::Value::Kind::kBool:
      return Value::Bool(document.bool_or(false));
    case value::Value::Kind::kInt:
      return Value::Int(document.int_or(0));
    case value::Value::Kind::kUint:
    case value::Value::Kind::kDouble:
      return Value::Double(document.double_or(0));
    case value::Value::Kind::kString:
      return Value::String(document.str());
    default:
      return Value();
  }
}

bool SameKey(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
      return a.integer() == b.integer();
    case Kind::kDouble:
      return a.floating() == b.floating();
    case Kind::kString:
    case Kind::kBytes:
      return a.text() == b.text();
    default:
      return false;
  }
}

size_t Hash(const Value& key) {
  switch (key.kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return absl::Hash<absl::string_view>()(key.text());
    case Kind::kDouble:
      return absl::Hash<double>()(key.floating());
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
      return absl::Hash<int64_t>()(key.integer());
    default:
      return 0;
  }
}

const MapData::Entry* FindExactly(const MapData& map, const Value& key) {
  if (map.slots == nullptr) {
    for (size_t i = 0; i < map.size; ++i) {
      if (SameKey(map.entries[i].key, key)) return &map.entries[i];
    }
    return nullptr;
  }
  const size_t mask = map.slot_count - 1;
  for (size_t at = Hash(key) & mask; map.slots[at] != 0; at = (at + 1) & mask) {
    const MapData::Entry& entry = map.entries[map.slots[at] - 1];
    if (SameKey(entry.key, key)) return &entry;
  }
  return nullptr;
}

void AddToIndex(MapData& map, size_t index) {
  const size_t mask = map.slot_count - 1;
  size_t at = Hash(map.entries[index].key) & mask;
  while (map.slots[at] != 0) at = (at + 1) & mask;
  map.slots[at] = static_cast<uint32_t>(index + 1);
}

void Reindex(MapData& map, Arena& arena) {
  map.slot_count = 2 * kIndexedMapSize;
  while (map.slot_count < 2 * map.capacity) map.slot_count *= 2;
  map.slots = arena.AllocateArray<uint32_t>(map.slot_count);
  std::fill_n(map.slots, map.slot_count, 0);
  for (size_t i = 0; i < map.size; ++i) AddToIndex(map, i);
}

// The same number in another numeric type; null if there is none.
Value InType(const Value& number, Kind kind) {
  switch (kind) {
    case Kind::kInt:
      if (number.kind() == Kind::kUint && number.integer() >= 0) {
        return Value::Int(number.integer());
      }
      if (number.kind() == Kind::kDouble && std::trunc(number.floating()) == number.floating() &&
          std::abs(number.floating()) < 9.2e18) {
        return Value::Int(static_cast<int64_t>(number.floating()));
      }
      return Value();
    case Kind::kUint:
      if (number.kind() == Kind::kInt && number.integer() >= 0) {
        return Value::Uint(number.unsigned_integer());
      }
      if (number.kind() == Kind::kDouble && std::trunc(number.floating()) == number.floating() &&
          number.floating() >= 0 && number.floating() < 1.8e19) {
        return Value::Uint(static_cast<uint64_t>(number.floating()));
      }
      return Value();
    default:
      return Value();
  }
}

Found FindInDocument(const Value& map, const Value& key, Arena& arena) {
  const Schema* const schema = map.schema();
  if (!key.is_string()) {
    if (schema == nullptr) return {};
    return {true, Value::NoSuchOverload()};
  }
  if (schema == nullptr) {
    const value::Value* const found = map.document().Find(key.text());
    return found == nullptr ? Found() : Found{true, Value::Document(*found, nullptr, arena)};
  }
  if (schema->kind == Schema::Kind::kMap) {
    const value::Value* const found = map.document().Find(key.text());
    if (found == nullptr) return {};
    return {true, Value::Document(*found, schema->items.get(), arena)};
  }
  // Null counts as absent in objects.
  const SchemaField* const field = schema->FindName(key.text());
  const value::Value* const found = field == nullptr ? nullptr : map.document().Find(field->key);
  if (found == nullptr || found->is_null()) return {};
  return {true, Value::Document(*found, field->schema.get(), arena)};
}

}  // namespace

Value Value::Some(Value value, Arena& arena) {
  return Value(Kind::kOptional, arena.New<Value>(value));
}

const ListData& Value::list() const { return *static_cast<const ListData*>(pointer_); }
const MapData& Value::map() const { return *static_cast<const MapData*>(pointer_); }

Value Value::Document(const value::Value& document, const Schema* schema, Arena& arena) {
  const auto composite = [&](Kind kind) {
    Value value(kind, &document);
    value.flag_ = true;
    value.schema_ = schema;
    return value;
  };
  if (schema == nullptr) {
    if (document.is_array()) return composite(Kind::kList);
    if (document.is_object()) return composite(Kind::kMap);
    return Scalar(document);
  }
  if (document.is_null()) return schema->nullable ? Value() : NullData();
  switch (schema->kind) {
    case Schema::Kind::kObject:
    case Schema::Kind::kMap:
      if (document.is_object()) return composite(Kind::kMap);
      return StaticError("invalid data, expected a map for the provided schema with type=object");
    case Schema::Kind::kList:
      if (!document.is_array()) {
        return StaticError(
            "invalid data, expected an array for the provided schema with type=array");
      }
      if (schema->items == nullptr) {
        return StaticError("invalid array type, expected Items with a non-empty Schema");
      }
      return composite(Kind::kList);
    case Schema::Kind::kDouble:
      if (document.is_number()) return Double(document.double_or(0));
      return StaticError("invalid data, expected float");
    case Schema::Kind::kInt:
      if (document.kind() == value::Value::Kind::kInt) return Scalar(document);
      return StaticError("invalid data, expected int");
    case Schema::Kind::kBool:
      if (document.is_bool()) return Scalar(document);
      return StaticError("invalid data, expected bool");
    case Schema::Kind::kIntOrString:
      if (document.is_string() || document.kind() == value::Value::Kind::kInt) {
        return Scalar(document);
      }
      return StaticError(
          "invalid data, expected XIntOrString value to be either a string or integer");
    case Schema::Kind::kUntyped:
      return composite(Kind::kUntyped);
    default:
      break;
  }
  if (!document.is_string()) return StaticError("invalid data, expected string");
  switch (schema->kind) {
    case Schema::Kind::kBytes:
      return BytesFromDocument(document.str(), arena);
    case Schema::Kind::kDuration:
      return DurationFromDocument(document.str(), arena);
    case Schema::Kind::kDate:
      return DateFromDocument(document.str(), arena);
    case Schema::Kind::kTimestamp:
      return TimeFromDocument(document.str(), arena);
    default:
      return String(document.str());
  }
}

absl::string_view Value::type_name() const {
  switch (kind_) {
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kType:
      return "type";
    case Kind::kOptional:
      return "optional_type";
    case Kind::kOpaque:
      return opaque().type_name();
    case Kind::kUntyped:
      return "unknown";
    case Kind::kError:
      return "error";
  }
  return "";
}

size_t Size(const Value& value) {
  if (value.in_document()) return value.document().size();
  return value.is_list() ? value.list().size : value.map().size;
}

Value ElementAt(const Value& list, size_t index, Arena& arena) {
  if (!list.in_document()) return list.list().items[index];
  const Schema* const items = list.schema() == nullptr ? nullptr : list.schema()->items.get();
  return Value::Document(list.document().items()[index], items, arena);
}

size_t KeyCount(const Value& map) { return Size(map); }

Value KeyAt(const Value& map, size_t index, Arena& arena) {
  if (!map.in_document()) return map.map().entries[index].key;
  const std::string& key = map.document().members()[index].key;
  const Schema* const schema = map.schema();
  if (schema == nullptr || schema->kind == Schema::Kind::kMap) return Value::String(key);
  const SchemaField* const field = schema->FindKey(key);
  // What has no field is not found under any name.
  if (field == nullptr || field->name.empty()) return Value::String(arena.Copy("." + key));
  return Value::String(field->name);
}

Value ValueAt(const Value& map, size_t index, Arena& arena) {
  if (!map.in_document()) return map.map().entries[index].value;
  const value::Member& member = map.document().members()[index];
  const Schema* const schema = map.schema();
  if (schema == nullptr) return Value::Document(member.value, nullptr, arena);
  if (schema->kind == Schema::Kind::kMap) {
    return Value::Document(member.value, schema->items.get(), arena);
  }
  return FindInDocument(map, KeyAt(map, index, arena), arena).value;
}

Found FindKey(const Value& map, const Value& key, Arena& arena) {
  if (map.in_document()) return FindInDocument(map, key, arena);
  if (const MapData::Entry* entry = FindExactly(map.map(), key)) return {true, entry->value};
  if (!key.is_number()) return {};
  for (const Kind kind : {Kind::kInt, Kind::kUint}) {
    const Value other = InType(key, kind);
    if (other.kind() == Kind::kNull) continue;
    if (const MapData::Entry* entry = FindExactly(map.map(), other)) return {true, entry->value};
  }
  return {};
}

Value MakeList(const Value* items, size_t count, Arena& arena) {
  return Value::List(arena.New<ListData>(ListData{items, count, count, nullptr}));
}

Value Append(const Value& list, const Value& item, Arena& arena) {
  const size_t size = Size(list);
  const ListData* const data = list.in_document() ? nullptr : &list.list();
  // The items belong to one accumulator, whose older states are never looked at again.
  if (data != nullptr && size < data->capacity) {
    const_cast<Value*>(data->items)[size] = item;
    return Value::List(
        arena.New<ListData>(ListData{data->items, size + 1, data->capacity, data->schema}));
  }
  const size_t capacity = std::max<size_t>(4, 2 * size);
  Value* const items = arena.AllocateArray<Value>(capacity);
  for (size_t i = 0; i < size; ++i) items[i] = ElementAt(list, i, arena);
  items[size] = item;
  const Schema* const schema = data == nullptr ? nullptr : data->schema;
  return Value::List(arena.New<ListData>(ListData{items, size + 1, capacity, schema}));
}

Value Concatenate(const Value& a, const Value& b, Arena& arena) {
  const size_t size_a = Size(a);
  const size_t size_b = Size(b);
  const Schema* schema = a.in_document() ? a.schema() : a.list().schema;
  if (schema != nullptr && schema->list_type == Schema::ListType::kAtomic) schema = nullptr;
  Value* const items = arena.AllocateArray<Value>(size_a + size_b);
  for (size_t i = 0; i < size_a; ++i) items[i] = ElementAt(a, i, arena);
  size_t size = size_a;
  for (size_t i = 0; i < size_b; ++i) {
    const Value item = ElementAt(b, i, arena);
    Value* same = items + size;
    if (schema != nullptr) {
      same = std::find_if(items, items + size, [&](const Value& other) {
        if (schema->list_type == Schema::ListType::kSet) return Equal(other, item, arena);
        return std::all_of(schema->list_keys.begin(), schema->list_keys.end(),
                           [&](const std::string& key) {
                             const Value name = Value::String(key);
                             if (!other.is_map() || !item.is_map()) return false;
                             return Equal(FindKey(other, name, arena).value,
                                          FindKey(item, name, arena).value, arena);
                           });
      });
    }
    if (same == items + size) ++size;
    *same = item;
  }
  return Value::List(arena.New<ListData>(ListData{items, size, size_a + size_b, schema}));
}

MapData* NewMap(size_t capacity, Arena& arena) {
  MapData* const map = arena.New<MapData>();
  map->capacity = capacity;
  map->entries = arena.AllocateArray<MapData::Entry>(capacity);
  return map;
}

bool Insert(MapData& map, const Value& key, const Value& value, Arena& arena) {
  if (const MapData::Entry* entry = FindExactly(map, key)) {
    const_cast<MapData::Entry*>(entry)->value = value;
    return false;
  }
  if (map.size == map.capacity) {
    const size_t capacity = std::max<size_t>(4, 2 * map.capacity);
    MapData::Entry* const entries = arena.AllocateArray<MapData::Entry>(capacity);
    std::copy_n(map.entries, map.size, entries);
    map.entries = entries;
    map.capacity = capacity;
    map.slots = nullptr;
  }
  map.entries[map.size++] = {key, value};
  if (map.slots != nullptr) {
    AddToIndex(map, map.size - 1);
  } else if (map.size > kIndexedMapSize) {
    Reindex(map, arena);
  }
  return true;
}

}  // namespace sluice::cel
