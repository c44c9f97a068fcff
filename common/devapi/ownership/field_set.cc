// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/field_set.h"

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

template <typename List, typename Element>
auto Find(List& list, const Element& element) {
  return std::lower_bound(list.begin(), list.end(), element);
}

}  // namespace

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
