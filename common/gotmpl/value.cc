// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

Value Object::GetField(size_t) const { return Value(); }

Value Value::Strings(std::span<const std::string> texts) {
  List items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(String(text));
  return ListOf(types::kStrings, std::move(items));
}

Value Value::StringOf(const Type& type, absl::string_view text) {
  return Value(type, std::make_shared<const std::string>(text));
}

Value Value::ListOf(const Type& type, List items) {
  return Value(type, std::make_shared<const List>(std::move(items)));
}

Value Value::MapOf(const Type& type, Map members) {
  return Value(type, std::make_shared<Map>(std::move(members)));
}

Value Value::Zero(const Type& type) {
  switch (type.kind) {
    case Kind::kInvalid:
    case Kind::kInterface:
      return Value();
    case Kind::kBool:
      return Value(type, false);
    case Kind::kFloat32:
    case Kind::kFloat64:
      return Value(type, 0.0);
    case Kind::kComplex128:
      return Value(type, std::complex<double>());
    case Kind::kString:
      return StringOf(type, "");
    default:
      break;
  }
  if (type.is_signed()) return Value(type, int64_t{0});
  if (type.is_unsigned()) return Value(type, uint64_t{0});
  return Value(type, std::monostate());
}

bool Value::is_nil() const {
  return type_ == nullptr ||
         (type_->is_nillable() && std::holds_alternative<std::monostate>(data_));
}

absl::string_view Value::text() const {
  const auto* content = std::get_if<std::shared_ptr<const std::string>>(&data_);
  return content == nullptr ? absl::string_view() : absl::string_view(**content);
}

size_t Value::size() const {
  if (const auto* text = std::get_if<std::shared_ptr<const std::string>>(&data_)) {
    return (*text)->size();
  }
  if (const auto* list = std::get_if<std::shared_ptr<const List>>(&data_)) return (*list)->size();
  if (const auto* map = std::get_if<std::shared_ptr<Map>>(&data_)) return (*map)->size();
  return 0;
}

Value Value::at(size_t index) const {
  if (const auto* text = std::get_if<std::shared_ptr<const std::string>>(&data_)) {
    return Value(types::kUint8, uint64_t{static_cast<unsigned char>((**text)[index])});
  }
  return items()[index];
}

const List& Value::items() const {
  static const List& none = *new List();
  const auto* list = std::get_if<std::shared_ptr<const List>>(&data_);
  return list == nullptr ? none : **list;
}

const std::shared_ptr<Map>& Value::map() const {
  static const auto& none = *new std::shared_ptr<Map>();
  const auto* map = std::get_if<std::shared_ptr<Map>>(&data_);
  return map == nullptr ? none : *map;
}

const Value* Value::Find(absl::string_view key) const {
  const std::shared_ptr<Map>& members = map();
  if (members == nullptr) return nullptr;
  const auto member = members->find(key);
  return member == members->end() ? nullptr : &member->second;
}

const std::shared_ptr<const Object>& Value::object() const {
  static const auto& none = *new std::shared_ptr<const Object>();
  const auto* object = std::get_if<std::shared_ptr<const Object>>(&data_);
  return object == nullptr ? none : *object;
}

const std::shared_ptr<const Function>& Value::function() const {
  static const auto& none = *new std::shared_ptr<const Function>();
  const auto* function = std::get_if<std::shared_ptr<const Function>>(&data_);
  return function == nullptr ? none : *function;
}

Value Value::field(size_t index) const {
  if (object() == nullptr) return Zero(*type_->fields[index].type);
  return object()->GetField(index);
}

Value Value::As(const Type& type) const {
  Value same = *this;
  same.type_ = &type;
  return same;
}

Value Value::Pointee() const { return As(*type_->elem); }

bool Value::IsTrue() const {
  switch (kind()) {
    case Kind::kInvalid:
      return false;
    case Kind::kBool:
      return boolean();
    case Kind::kComplex128:
      return complex() != std::complex<double>();
    case Kind::kString:
    case Kind::kSlice:
    case Kind::kMap:
      return size() > 0;
    case Kind::kStruct:
      return true;
    case Kind::kPointer:
    case Kind::kFunc:
    case Kind::kInterface:
      return !is_nil();
    default:
      break;
  }
  if (type_->is_float()) return number() != 0;
  return type_->is_signed() ? signed_integer() != 0 : unsigned_integer() != 0;
}

bool Identical(const Value& a, const Value& b) {
  if (a.type() != b.type()) return false;
  switch (a.kind()) {
    case Kind::kInvalid:
      return true;
    case Kind::kBool:
      return a.boolean() == b.boolean();
    case Kind::kComplex128:
      return a.complex() == b.complex();
    case Kind::kString:
      return a.text() == b.text();
    case Kind::kPointer:
      return a.object() == b.object();
    case Kind::kStruct:
      for (size_t i = 0; i < a.type()->fields.size(); ++i) {
        if (!Identical(a.field(i), b.field(i))) return false;
      }
      return !a.type()->fields.empty() || a.object() == b.object();
    default:
      break;
  }
  if (a.type()->is_float()) return a.number() == b.number();
  if (a.type()->is_signed()) return a.signed_integer() == b.signed_integer();
  return a.type()->is_unsigned() && a.unsigned_integer() == b.unsigned_integer();
}

}  // namespace sluice::gotmpl
