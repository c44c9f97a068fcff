// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/path_element.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

std::strong_ordering Order(absl::string_view a, absl::string_view b) {
  const int order = a.compare(b);
  return order < 0   ? std::strong_ordering::less
         : order > 0 ? std::strong_ordering::greater
                     : std::strong_ordering::equal;
}

// Numbers first, then strings, booleans, lists, objects, null.
int RankOf(const Value& value) {
  if (value.is_number()) return 0;
  if (value.is_string()) return 1;
  if (value.is_bool()) return 2;
  if (value.is_array()) return 3;
  return value.is_object() ? 4 : 5;
}

std::strong_ordering CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == Value::Kind::kInt && b.kind() == Value::Kind::kInt) {
    return a.int_or(0) <=> b.int_or(0);
  }
  const double x = a.double_or(0);
  const double y = b.double_or(0);
  return x < y   ? std::strong_ordering::less
         : x > y ? std::strong_ordering::greater
                 : std::strong_ordering::equal;
}

// A value as Go's %v would print it inside a path.
std::string Printed(const Value& value) {
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Value& item : value.items()) parts.push_back(Printed(item));
    return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
  }
  return value::FormatJson(value, {.escape_html = false});
}

}  // namespace

std::strong_ordering CompareValues(const Value& a, const Value& b) {
  if (const auto order = RankOf(a) <=> RankOf(b); order != 0) return order;
  if (a.is_number()) return CompareNumbers(a, b);
  if (a.is_string()) return Order(a.str(), b.str());
  if (a.is_bool()) return a.bool_or(false) <=> b.bool_or(false);
  if (a.is_array()) {
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (const auto order = CompareValues(a.at(i), b.at(i)); order != 0) return order;
    }
    return a.size() <=> b.size();
  }
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const value::Member& x = a.members()[i];
    const value::Member& y = b.members()[i];
    if (const auto order = Order(x.key, y.key); order != 0) return order;
    if (const auto order = CompareValues(x.value, y.value); order != 0) return order;
  }
  return a.size() <=> b.size();
}

PathElement PathElement::Field(absl::string_view name) {
  PathElement element(Kind::kField);
  element.name_ = std::string(name);
  return element;
}

PathElement PathElement::Key(std::vector<KeyField> fields) {
  PathElement element(Kind::kKey);
  element.key_ = std::move(fields);
  std::stable_sort(element.key_.begin(), element.key_.end(),
                   [](const KeyField& a, const KeyField& b) { return a.name < b.name; });
  return element;
}

PathElement PathElement::Item(Value value) {
  PathElement element(Kind::kValue);
  element.value_ = std::move(value);
  return element;
}

PathElement PathElement::Index(int64_t index) {
  PathElement element(Kind::kIndex);
  element.index_ = index;
  return element;
}

std::strong_ordering operator<=>(const PathElement& a, const PathElement& b) {
  if (const auto order = a.kind_ <=> b.kind_; order != 0) return order;
  switch (a.kind_) {
    case PathElement::Kind::kField:
      return Order(a.name_, b.name_);
    case PathElement::Kind::kKey:
      for (size_t i = 0; i < std::min(a.key_.size(), b.key_.size()); ++i) {
        if (const auto order = Order(a.key_[i].name, b.key_[i].name); order != 0) return order;
        if (const auto order = CompareValues(a.key_[i].value, b.key_[i].value); order != 0) {
          return order;
        }
      }
      return a.key_.size() <=> b.key_.size();
    case PathElement::Kind::kValue:
      return CompareValues(a.value_, b.value_);
    case PathElement::Kind::kIndex:
      return a.index_ <=> b.index_;
  }
  return std::strong_ordering::equal;
}

std::string PathElement::Serialize() const {
  switch (kind_) {
    case Kind::kField:
      return absl::StrCat("f:", name_);
    case Kind::kKey: {
      std::vector<std::string> parts;
      for (const KeyField& field : key_) {
        parts.push_back(absl::StrCat(value::FormatJson(Value(field.name)), ":",
                                     value::FormatJson(field.value)));
      }
      return absl::StrCat("k:{", absl::StrJoin(parts, ","), "}");
    }
    case Kind::kValue:
      return absl::StrCat("v:", value::FormatJson(value_));
    case Kind::kIndex:
      return absl::StrCat("i:", index_);
  }
  return "";
}

absl::StatusOr<PathElement> PathElement::Parse(absl::string_view text) {
  if (text.size() < 2) return absl::InvalidArgumentError("key must be 2 characters long:");
  if (text[1] != ':') return absl::InvalidArgumentError(absl::StrCat("missing colon: ", text));
  const absl::string_view rest = text.substr(2);
  switch (text[0]) {
    case 'f':
      return Field(rest);
    case 'v': {
      ASSIGN_OR_RETURN(Value value, value::ParseJson(rest));
      return Item(std::move(value));
    }
    case 'k': {
      ASSIGN_OR_RETURN(const Value object, value::ParseJson(rest));
      std::vector<KeyField> fields;
      for (const value::Member& member : object.members()) {
        fields.push_back({member.key, member.value});
      }
      return Key(std::move(fields));
    }
    case 'i': {
      int64_t index = 0;
      if (!absl::SimpleAtoi(rest, &index)) {
        return absl::InvalidArgumentError(absl::StrCat("not an index: ", text));
      }
      return Index(index);
    }
    default:
      return absl::UnimplementedError("unknown path element type");
  }
}

std::string PathElement::ToString() const {
  switch (kind_) {
    case Kind::kField:
      return absl::StrCat(".", name_);
    case Kind::kKey: {
      std::vector<std::string> parts;
      for (const KeyField& field : key_) {
        parts.push_back(absl::StrCat(field.name, "=", Printed(field.value)));
      }
      return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
    }
    case Kind::kValue:
      return absl::StrCat("[=", Printed(value_), "]");
    case Kind::kIndex:
      return absl::StrCat("[", index_, "]");
  }
  return "";
}

std::string ToString(const Path& path) {
  std::string text;
  for (const PathElement& element : path) text += element.ToString();
  return text;
}

}  // namespace sluice::devapi
