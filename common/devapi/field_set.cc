// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/field_set.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/devapi/typed_schema.h"
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

template <typename List, typename Element>
auto Find(List& list, const Element& element) {
  return std::lower_bound(list.begin(), list.end(), element);
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

FieldSet::FieldSet() = default;
FieldSet::~FieldSet() = default;
FieldSet::FieldSet(const FieldSet& other) = default;
FieldSet::FieldSet(FieldSet&&) noexcept = default;
FieldSet& FieldSet::operator=(const FieldSet& other) = default;
FieldSet& FieldSet::operator=(FieldSet&&) noexcept = default;

// Whether the node that `fields_v1` stands for is itself in the set.
bool FieldSet::DecodeInto(const Value& fields_v1, absl::Status& status) {
  bool is_member = false;
  for (const value::Member& member : fields_v1.members()) {
    if (member.key == ".") {
      is_member = true;
      continue;
    }
    absl::StatusOr<PathElement> element = PathElement::Parse(member.key);
    if (absl::IsUnimplemented(element.status())) continue;
    if (!element.ok()) {
      status = element.status();
      continue;
    }
    FieldSet below;
    if (below.DecodeInto(member.value, status)) InsertMember(*element);
    if (!below.members_.empty() || !below.children_.empty()) Descend(*element) = std::move(below);
  }
  return is_member || (members_.empty() && children_.empty());
}

absl::StatusOr<FieldSet> FieldSet::Decode(const Value& fields_v1) {
  FieldSet set;
  absl::Status status;
  set.DecodeInto(fields_v1, status);
  if (!status.ok()) return status;
  return set;
}

Value FieldSet::Encode(bool with_self) const {
  Value::Object fields;
  if (with_self && (!members_.empty() || !children_.empty())) {
    fields.push_back({".", Value::EmptyObject()});
  }
  for (const PathElement& member : members_) {
    if (Below(member) == nullptr) fields.push_back({member.Serialize(), Value::EmptyObject()});
  }
  for (const Child& child : children_) {
    fields.push_back({child.element.Serialize(), child.set.Encode(HasMember(child.element))});
  }
  return Value::FromMembers(std::move(fields));
}

Value FieldSet::Encode() const { return Encode(false); }

bool FieldSet::empty() const {
  return members_.empty() && std::all_of(children_.begin(), children_.end(),
                                         [](const Child& child) { return child.set.empty(); });
}

void FieldSet::InsertMember(const PathElement& element) {
  const auto it = Find(members_, element);
  if (it == members_.end() || *it != element) members_.insert(it, element);
}

FieldSet& FieldSet::Descend(const PathElement& element) {
  auto it = Find(children_, element);
  if (it == children_.end() || it->element != element) {
    it = children_.insert(it, Child{element, FieldSet()});
  }
  return it->set;
}

void FieldSet::Insert(const Path& path) {
  if (path.empty()) return;
  FieldSet* set = this;
  for (size_t i = 0; i + 1 < path.size(); ++i) set = &set->Descend(path[i]);
  set->InsertMember(path.back());
}

bool FieldSet::HasMember(const PathElement& element) const {
  const auto it = Find(members_, element);
  return it != members_.end() && *it == element;
}

const FieldSet* FieldSet::Below(const PathElement& element) const {
  const auto it = Find(children_, element);
  return it != children_.end() && it->element == element ? &it->set : nullptr;
}

bool FieldSet::Has(const Path& path) const {
  if (path.empty()) return false;
  const FieldSet* set = this;
  for (size_t i = 0; i + 1 < path.size() && set != nullptr; ++i) set = set->Below(path[i]);
  return set != nullptr && set->HasMember(path.back());
}

FieldSet FieldSet::Union(const FieldSet& other) const {
  FieldSet result;
  std::set_union(members_.begin(), members_.end(), other.members_.begin(), other.members_.end(),
                 std::back_inserter(result.members_));
  size_t i = 0;
  size_t j = 0;
  while (i < children_.size() || j < other.children_.size()) {
    if (j == other.children_.size() ||
        (i < children_.size() && children_[i] < other.children_[j].element)) {
      result.children_.push_back(children_[i++]);
    } else if (i == children_.size() || other.children_[j] < children_[i].element) {
      result.children_.push_back(other.children_[j++]);
    } else {
      result.children_.push_back(
          {children_[i].element, children_[i].set.Union(other.children_[j].set)});
      ++i;
      ++j;
    }
  }
  return result;
}

FieldSet FieldSet::Intersection(const FieldSet& other) const {
  FieldSet result;
  std::set_intersection(members_.begin(), members_.end(), other.members_.begin(),
                        other.members_.end(), std::back_inserter(result.members_));
  for (const Child& child : children_) {
    const FieldSet* const below = other.Below(child.element);
    if (below == nullptr) continue;
    FieldSet common = child.set.Intersection(*below);
    if (!common.empty()) result.children_.push_back({child.element, std::move(common)});
  }
  return result;
}

FieldSet FieldSet::Difference(const FieldSet& other) const {
  FieldSet result;
  std::set_difference(members_.begin(), members_.end(), other.members_.begin(),
                      other.members_.end(), std::back_inserter(result.members_));
  for (const Child& child : children_) {
    const FieldSet* const below = other.Below(child.element);
    FieldSet rest = below == nullptr ? child.set : child.set.Difference(*below);
    if (below == nullptr || !rest.empty()) {
      result.children_.push_back({child.element, std::move(rest)});
    }
  }
  return result;
}

FieldSet FieldSet::RecursiveDifference(const FieldSet& other) const {
  FieldSet result;
  std::set_difference(members_.begin(), members_.end(), other.members_.begin(),
                      other.members_.end(), std::back_inserter(result.members_));
  for (const Child& child : children_) {
    if (other.HasMember(child.element)) continue;
    const FieldSet* const below = other.Below(child.element);
    FieldSet rest = below == nullptr ? child.set : child.set.RecursiveDifference(*below);
    if (below == nullptr || !rest.empty()) {
      result.children_.push_back({child.element, std::move(rest)});
    }
  }
  return result;
}

FieldSet FieldSet::WithNamedFields(const Schema* schema) const {
  FieldSet result;
  result.members_ = members_;
  for (const Child& child : children_) {
    const bool is_field = child.element.kind() == PathElement::Kind::kField;
    if (is_field && schema != nullptr && IsDeclaredField(*schema, child.element.name())) {
      result.InsertMember(child.element);
    }
    const Schema* below = nullptr;
    if (schema != nullptr && is_field) {
      below = FieldSchema(*schema, child.element.name());
    } else if (schema != nullptr && child.element.kind() == PathElement::Kind::kKey) {
      below = ItemSchema(*schema);
    }
    result.children_.push_back({child.element, child.set.WithNamedFields(below)});
  }
  return result;
}

void FieldSet::ForEach(Path& prefix, const std::function<void(const Path&)>& visit) const {
  for (const PathElement& member : members_) {
    prefix.push_back(member);
    visit(prefix);
    prefix.pop_back();
  }
  for (const Child& child : children_) {
    prefix.push_back(child.element);
    child.set.ForEach(prefix, visit);
    prefix.pop_back();
  }
}

void FieldSet::ForEach(const std::function<void(const Path&)>& visit) const {
  Path prefix;
  ForEach(prefix, visit);
}

bool operator==(const FieldSet& a, const FieldSet& b) {
  return a.members_ == b.members_ &&
         std::equal(a.children_.begin(), a.children_.end(), b.children_.begin(), b.children_.end(),
                    [](const FieldSet::Child& x, const FieldSet::Child& y) {
                      return x.element == y.element && x.set == y.set;
                    });
}

}  // namespace sluice::devapi
