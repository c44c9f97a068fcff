// SPDX-License-Identifier: Apache-2.0
#include "common/value/value.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <new>

namespace sluice::value {

// The shared parts. Each starts with its reference count; at one, its only owner may change it.
struct Value::StringRep {
  std::atomic<uint32_t> references;
  uint32_t size;
  // The text follows in the same allocation.
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};
struct Value::ArrayRep {
  std::atomic<uint32_t> references;
  Array items;
};
struct Value::ObjectRep {
  std::atomic<uint32_t> references;
  Object members;
};

namespace {

const Value& NullValue() {
  static const Value* const kNull = new Value;
  return *kNull;
}

bool KeyLess(const Member& member, absl::string_view key) { return member.key < key; }

Value::Object::iterator LowerBound(Value::Object& members, absl::string_view key) {
  // Documents are mostly built in key order: appending is the common case.
  if (members.empty() || members.back().key < key) return members.end();
  return std::lower_bound(members.begin(), members.end(), key, KeyLess);
}

}  // namespace

Value::Value(unsigned long i) {
  kind_ = i > static_cast<unsigned long>(std::numeric_limits<int64_t>::max()) ? Kind::kUint
                                                                              : Kind::kInt;
  data_.integer = static_cast<int64_t>(i);
}

Value::Value(absl::string_view s) : kind_(Kind::kString) {
  void* memory = ::operator new(sizeof(StringRep) + s.size());
  data_.string = new (memory) StringRep{{1}, static_cast<uint32_t>(s.size())};
  if (!s.empty()) std::memcpy(data_.string->bytes(), s.data(), s.size());
}

Value::Value(Array array) : kind_(Kind::kArray) {
  data_.array = new ArrayRep{{1}, std::move(array)};
}

Value::Value(std::initializer_list<std::pair<absl::string_view, Value>> members)
    : Value(EmptyObject()) {
  for (const auto& [key, value] : members) Set(key, value);
}

Value Value::EmptyObject() {
  Value result;
  result.data_.object = new ObjectRep{{1}, {}};
  result.kind_ = Kind::kObject;
  return result;
}

Value Value::FromMembers(Object members) {
  const auto less = [](const Member& a, const Member& b) { return a.key < b.key; };
  if (!std::is_sorted(members.begin(), members.end(), less)) {
    std::stable_sort(members.begin(), members.end(), less);
  }
  size_t kept = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    const bool repeated = i + 1 < members.size() && members[i].key == members[i + 1].key;
    if (repeated) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
  Value result = EmptyObject();
  result.data_.object->members = std::move(members);
  return result;
}

void Value::RetainShared() const {
  // All three representations begin with the count.
  data_.string->references.fetch_add(1, std::memory_order_relaxed);
}

void Value::ReleaseShared() {
  if (data_.string->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  switch (kind_) {
    case Kind::kString:
      data_.string->~StringRep();
      ::operator delete(data_.string);
      break;
    case Kind::kArray:
      delete data_.array;
      break;
    case Kind::kObject:
      delete data_.object;
      break;
    default:
      break;
  }
}

Value::ArrayRep& Value::OwnArray() {
  if (kind_ != Kind::kArray) {
    *this = EmptyArray();
  } else if (data_.array->references.load(std::memory_order_acquire) != 1) {
    *this = Value(data_.array->items);
  }
  return *data_.array;
}

Value::ObjectRep& Value::OwnObject() {
  if (kind_ != Kind::kObject) {
    *this = EmptyObject();
  } else if (data_.object->references.load(std::memory_order_acquire) != 1) {
    Value copy = EmptyObject();
    copy.data_.object->members = data_.object->members;
    *this = std::move(copy);
  }
  return *data_.object;
}

double Value::double_or(double fallback) const {
  switch (kind_) {
    case Kind::kDouble:
      return data_.number;
    case Kind::kInt:
      return static_cast<double>(data_.integer);
    case Kind::kUint:
      return static_cast<double>(static_cast<uint64_t>(data_.integer));
    default:
      return fallback;
  }
}

absl::string_view Value::string_or(absl::string_view fallback) const {
  if (kind_ != Kind::kString) return fallback;
  return absl::string_view(data_.string->bytes(), data_.string->size);
}

size_t Value::size() const {
  if (kind_ == Kind::kArray) return data_.array->items.size();
  if (kind_ == Kind::kObject) return data_.object->members.size();
  return 0;
}

std::span<const Value> Value::items() const {
  if (kind_ != Kind::kArray) return {};
  return data_.array->items;
}

std::span<const Member> Value::members() const {
  if (kind_ != Kind::kObject) return {};
  return data_.object->members;
}

const Value* Value::Find(absl::string_view key) const {
  if (kind_ != Kind::kObject) return nullptr;
  const Object& members = data_.object->members;
  const auto it = std::lower_bound(members.begin(), members.end(), key, KeyLess);
  return it != members.end() && it->key == key ? &it->value : nullptr;
}

const Value& Value::operator[](absl::string_view key) const {
  const Value* found = Find(key);
  return found != nullptr ? *found : NullValue();
}

const Value& Value::at(size_t index) const {
  if (kind_ != Kind::kArray || index >= data_.array->items.size()) return NullValue();
  return data_.array->items[index];
}

Value& Value::Set(absl::string_view key, Value value) {
  Object& members = OwnObject().members;
  auto it = LowerBound(members, key);
  if (it != members.end() && it->key == key) {
    it->value = std::move(value);
  } else {
    it = members.insert(it, Member{std::string(key), std::move(value)});
  }
  return it->value;
}

Value& Value::Ensure(absl::string_view key) {
  Object& members = OwnObject().members;
  auto it = LowerBound(members, key);
  if (it == members.end() || it->key != key) {
    it = members.insert(it, Member{std::string(key), EmptyObject()});
  } else if (!it->value.is_object()) {
    it->value = EmptyObject();
  }
  return it->value;
}

Value* Value::FindMutable(absl::string_view key) {
  if (kind_ != Kind::kObject) return nullptr;
  Object& members = OwnObject().members;
  const auto it = std::lower_bound(members.begin(), members.end(), key, KeyLess);
  return it != members.end() && it->key == key ? &it->value : nullptr;
}

bool Value::Erase(absl::string_view key) {
  if (!Has(key)) return false;
  Object& members = OwnObject().members;
  members.erase(std::lower_bound(members.begin(), members.end(), key, KeyLess));
  return true;
}

Value& Value::Append(Value value) { return OwnArray().items.emplace_back(std::move(value)); }

Value::Array& Value::mutable_items() { return OwnArray().items; }

std::span<Member> Value::mutable_members() { return OwnObject().members; }

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return a.data_.boolean == b.data_.boolean;
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      return a.data_.integer == b.data_.integer;
    case Value::Kind::kDouble:
      return a.data_.number == b.data_.number;
    case Value::Kind::kString:
      return a.data_.string == b.data_.string || a.str() == b.str();
    case Value::Kind::kArray:
      return a.data_.array == b.data_.array || a.data_.array->items == b.data_.array->items;
    case Value::Kind::kObject:
      return a.data_.object == b.data_.object ||
             std::equal(a.members().begin(), a.members().end(), b.members().begin(),
                        b.members().end(), [](const Member& x, const Member& y) {
                          return x.key == y.key && x.value == y.value;
                        });
  }
  return false;
}

const Value& Dig(const Value& root, std::initializer_list<absl::string_view> path) {
  const Value* value = &root;
  for (absl::string_view key : path) value = &(*value)[key];
  return *value;
}

}  // namespace sluice::value
