// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/typed_value.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/devapi/ownership/typed_items.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/devapi/schema/go_print.h"

namespace sluice::devapi {
namespace {

absl::string_view GoType(const Value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  if (value.is_array()) return "[]interface {}";
  return value.is_object() ? "map[string]interface {}" : "int64";
}

// What is wrong with `value` as a scalar of the schema, "" if nothing.
std::string ScalarError(const Schema& schema, const Value& value) {
  if (value.is_null()) return "";
  // Formats other than byte are scalars of any type: times, int-or-string.
  const bool formatted = schema.type == SchemaType::kString && schema.checks != nullptr &&
                         !schema.checks->format.empty() && schema.checks->format != "byte";
  if (schema.type == SchemaType::kInteger || schema.type == SchemaType::kNumber) {
    return value.is_number() ? ""
                             : absl::StrCat("expected numeric (int or float), got ", GoType(value));
  }
  if (schema.type == SchemaType::kString && !formatted) {
    return value.is_string()
               ? ""
               : absl::StrCat(
                     "expected string, got &value.valueUnstructured{Value:", GoSyntax(value), "}");
  }
  if (schema.type == SchemaType::kBoolean) {
    return value.is_bool() ? "" : absl::StrCat("expected boolean, got &{", GoPlain(value), "}");
  }
  const bool scalar = !value.is_object() && !value.is_array();
  return scalar ? "" : absl::StrCat("expected any scalar, got &{", GoPlain(value), "}");
}

class Checker {
 public:
  explicit Checker(bool allow_duplicates) : allow_duplicates_(allow_duplicates) {}

  void Check(const Schema& schema, const Value& value) {
    const Shapes shapes = ShapesFor(schema, value);
    if (shapes.map) {
      CheckMap(schema, value);
    } else if (shapes.scalar) {
      if (const std::string error = ScalarError(schema, value); !error.empty()) {
        errors_.Add(path_, error);
      }
    } else {
      CheckList(schema, value);
    }
  }

  absl::Status status() const { return errors_.status(); }

 private:
  void CheckMap(const Schema& schema, const Value& value) {
    if (!value.is_null() && !value.is_object()) {
      errors_.Add(path_, absl::StrCat("expected map, got &{", GoPlain(value), "}"));
      return;
    }
    for (const value::Member& member : value.members()) {
      const Schema* const below = FieldSchema(schema, member.key);
      path_.push_back(PathElement::Field(member.key));
      if (below == nullptr) {
        errors_.Add(path_, "field not declared in schema");
        path_.pop_back();
        return;
      }
      Check(*below, member.value);
      path_.pop_back();
    }
  }

  void CheckList(const Schema& schema, const Value& value) {
    if (!value.is_null() && !value.is_array()) {
      errors_.Add(path_, absl::StrCat("expected list, got &{", GoPlain(value), "}"));
      return;
    }
    std::vector<PathElement> seen;
    for (size_t i = 0; i < value.size(); ++i) {
      PathElement element = PathElement::Index(static_cast<int64_t>(i));
      if (!IsAtomicList(schema)) {
        absl::StatusOr<PathElement> found = ElementOf(schema, value.at(i));
        if (!found.ok()) {
          errors_.Add(path_, absl::StrCat("element ", i, ": ", found.status().message()));
          return;
        }
        element = *std::move(found);
        const auto it = std::lower_bound(seen.begin(), seen.end(), element);
        const bool repeated = it != seen.end() && *it == element;
        if (repeated && !allow_duplicates_) {
          errors_.Add(path_, absl::StrCat("duplicate entries for key ", element.ToString()));
        }
        if (!repeated) seen.insert(it, element);
      }
      path_.push_back(std::move(element));
      Check(*ItemSchema(schema), value.at(i));
      path_.pop_back();
    }
  }

  const bool allow_duplicates_;
  Path path_;
  TypedErrors errors_;
};

// Collects into the set of one node: `set` is what lies below it.
class FieldCollector {
 public:
  // Whether the value itself is a field, so that the caller inserts it.
  bool Collect(const Schema& schema, const Value& value, FieldSet& set) {
    const Shapes shapes = ShapesFor(schema, value);
    if (shapes.map) {
      if (IsAtomicMap(schema)) return true;
      CollectMap(schema, value, set);
      return false;
    }
    if (shapes.scalar) return true;
    if (IsAtomicList(schema)) return true;
    CollectList(schema, value, set);
    return false;
  }

 private:
  void Below(const PathElement& element, const Schema& schema, const Value& value, bool always,
             FieldSet& set) {
    FieldSet below;
    const bool is_field = Collect(schema, value, below);
    if (is_field || always) set.InsertMember(element);
    if (!below.members().empty() || !below.children().empty()) {
      set.Descend(element) = std::move(below);
    }
  }

  void CollectMap(const Schema& schema, const Value& value, FieldSet& set) {
    for (const value::Member& member : value.members()) {
      const Schema* const below = FieldSchema(schema, member.key);
      if (below == nullptr) continue;
      const bool empty =
          member.value.is_null() || (member.value.is_object() && member.value.empty());
      Below(PathElement::Field(member.key), *below, member.value,
            empty || !IsDeclaredField(schema, member.key), set);
    }
  }

  void CollectList(const Schema& schema, const Value& value, FieldSet& set) {
    std::map<PathElement, int> counts;
    std::vector<std::optional<PathElement>> elements;
    for (const Value& item : value.items()) {
      const absl::StatusOr<PathElement> element = ElementOf(schema, item);
      elements.push_back(element.ok() ? std::optional(*element) : std::nullopt);
      if (element.ok()) ++counts[*element];
    }
    for (size_t i = 0; i < value.size(); ++i) {
      if (!elements[i].has_value()) continue;
      if (counts[*elements[i]] > 1) {
        // Of elements that occur more than once only the presence is known.
        set.InsertMember(*elements[i]);
      } else {
        Below(*elements[i], *ItemSchema(schema), value.at(i), true, set);
      }
    }
  }
};

bool IsEmptyOrAbsent(const Value* value) {
  return value == nullptr || !(value->is_object() || value->is_array()) || value->empty();
}

bool SameValue(const Value& a, const Value& b) {
  // 1 and 1.0 are the same number.
  return CompareValues(a, b) == 0;
}

class Comparer {
 public:
  explicit Comparer(Comparison& comparison) : comparison_(comparison) {}

  // Either may be null (absent), not both.
  void Compare(const Schema& schema, const Value* before, const Value* after) {
    bool in_leaf = false;
    const Shapes all = ShapesOf(schema);
    const Shapes left = before == nullptr ? all : ShapesFor(schema, *before);
    const Shapes right = after == nullptr ? all : ShapesFor(schema, *after);
    if (after == nullptr) {
      in_leaf = Handle(left, schema, before, after);
    } else if (before == nullptr || left == right) {
      in_leaf = Handle(right, schema, before, after);
    } else {
      // The kind of value changed: what the old kind had below it is gone, too.
      Handle(left, schema, before, after);
      in_leaf = Handle(right, schema, before, after);
    }
    if (in_leaf) return;
    if (before == nullptr) {
      comparison_.added.Insert(path_);
    } else if (after == nullptr) {
      comparison_.removed.Insert(path_);
    }
  }

  absl::Status status() const { return errors_.status(); }

 private:
  // Whether the values were compared as a whole.
  bool Handle(const Shapes& shapes, const Schema& schema, const Value* before, const Value* after) {
    if (shapes.map) return CompareMaps(schema, before, after);
    if (shapes.scalar) {
      Leaf(before, after);
      return true;
    }
    return CompareLists(schema, before, after);
  }

  void Leaf(const Value* before, const Value* after) {
    if (before == nullptr) {
      comparison_.added.Insert(path_);
    } else if (after == nullptr) {
      comparison_.removed.Insert(path_);
    } else if (!SameValue(*before, *after)) {
      comparison_.modified.Insert(path_);
    }
  }

  bool CompareMaps(const Schema& schema, const Value* before, const Value* after) {
    const bool none = (IsEmptyOrAbsent(before) || !before->is_object()) &&
                      (IsEmptyOrAbsent(after) || !after->is_object());
    if (IsAtomicMap(schema) || none) {
      Leaf(before, after);
      return true;
    }
    const std::span<const value::Member> left =
        before == nullptr ? std::span<const value::Member>() : before->members();
    const std::span<const value::Member> right =
        after == nullptr ? std::span<const value::Member>() : after->members();
    size_t i = 0;
    size_t j = 0;
    while (i < left.size() || j < right.size()) {
      const bool take_left = j == right.size() || (i < left.size() && left[i].key <= right[j].key);
      const bool take_right = i == left.size() || (j < right.size() && right[j].key <= left[i].key);
      const std::string& key = take_left ? left[i].key : right[j].key;
      const Schema* const below = FieldSchema(schema, key);
      path_.push_back(PathElement::Field(key));
      if (below == nullptr) {
        errors_.Add(path_, "field not declared in schema");
      } else {
        Compare(*below, take_left ? &left[i].value : nullptr,
                take_right ? &right[j].value : nullptr);
      }
      path_.pop_back();
      i += take_left ? 1 : 0;
      j += take_right ? 1 : 0;
    }
    return false;
  }

  using Elements = std::map<PathElement, std::vector<const Value*>>;

  Elements Index(const Schema& schema, const Value* list) {
    Elements elements;
    if (list == nullptr) return elements;
    for (size_t i = 0; i < list->size(); ++i) {
      absl::StatusOr<PathElement> element = ElementOf(schema, list->at(i));
      if (!element.ok()) {
        errors_.Add(path_, absl::StrCat("element ", i, ": ", element.status().message()));
        continue;
      }
      elements[*std::move(element)].push_back(&list->items()[i]);
    }
    return elements;
  }

  bool CompareLists(const Schema& schema, const Value* before, const Value* after) {
    const bool none = (IsEmptyOrAbsent(before) || !before->is_array()) &&
                      (IsEmptyOrAbsent(after) || !after->is_array());
    if (IsAtomicList(schema) || none) {
      Leaf(before, after);
      return true;
    }
    const Elements left = Index(schema, before != nullptr && before->is_array() ? before : nullptr);
    const Elements right = Index(schema, after != nullptr && after->is_array() ? after : nullptr);
    static const std::vector<const Value*> kNone;
    for (const auto& [element, items] : left) {
      const auto it = right.find(element);
      CompareItems(schema, element, items, it == right.end() ? kNone : it->second);
    }
    for (const auto& [element, items] : right) {
      if (left.find(element) == left.end()) CompareItems(schema, element, kNone, items);
    }
    return false;
  }

  // The elements of one key; more than one are compared as a whole.
  void CompareItems(const Schema& schema, const PathElement& element,
                    const std::vector<const Value*>& before,
                    const std::vector<const Value*>& after) {
    path_.push_back(element);
    const Schema& below = *ItemSchema(schema);
    if (before.size() <= 1 && after.size() <= 1) {
      Compare(below, before.empty() ? nullptr : before[0], after.empty() ? nullptr : after[0]);
    } else if (before.size() >= 2 && after.size() >= 2) {
      const bool same =
          std::equal(before.begin(), before.end(), after.begin(), after.end(),
                     [](const Value* a, const Value* b) { return SameValue(*a, *b); });
      if (!same) comparison_.modified.Insert(path_);
    } else if (before.size() >= 2) {
      if (!after.empty()) Compare(below, nullptr, after[0]);
      comparison_.removed.Insert(path_);
    } else {
      if (!before.empty()) Compare(below, before[0], nullptr);
      comparison_.added.Insert(path_);
    }
    path_.pop_back();
  }

  Comparison& comparison_;
  Path path_;
  TypedErrors errors_;
};

Value RemoveBelow(const Schema& schema, const Value& value, const FieldSet& fields) {
  const Shapes shapes = ShapesFor(schema, value);
  if (shapes.map) {
    if (!value.is_object() || value.empty() || IsAtomicMap(schema)) return Value();
    Value::Object kept;
    for (const value::Member& member : value.members()) {
      const PathElement element = PathElement::Field(member.key);
      if (fields.HasMember(element)) continue;
      const FieldSet* const below = fields.Below(element);
      const Schema* const member_schema = FieldSchema(schema, member.key);
      const bool touched = below != nullptr && !below->empty() && member_schema != nullptr;
      kept.push_back(
          {member.key, touched ? RemoveBelow(*member_schema, member.value, *below) : member.value});
    }
    return kept.empty() ? Value() : Value::FromMembers(std::move(kept));
  }
  if (shapes.scalar) return value;
  if (!value.is_array() || value.empty() || IsAtomicList(schema)) return Value();
  Value::Array kept;
  for (const Value& item : value.items()) {
    const absl::StatusOr<PathElement> element = ElementOf(schema, item);
    if (element.ok() && fields.HasMember(*element)) continue;
    const FieldSet* const below = element.ok() ? fields.Below(*element) : nullptr;
    const bool touched = below != nullptr && !below->empty();
    kept.push_back(touched ? RemoveBelow(*ItemSchema(schema), item, *below) : item);
  }
  return kept.empty() ? Value() : Value(std::move(kept));
}

}  // namespace

absl::Status CheckTyped(const Schema& schema, const Value& value, bool allow_duplicates) {
  Checker checker(allow_duplicates);
  checker.Check(schema, value);
  return checker.status();
}

FieldSet FieldsOf(const Schema& schema, const Value& value) {
  FieldSet set;
  FieldCollector().Collect(schema, value, set);
  return set;
}

absl::StatusOr<Comparison> CompareTyped(const Schema& schema, const Value& before,
                                        const Value& after) {
  Comparison comparison;
  Comparer comparer(comparison);
  comparer.Compare(schema, &before, &after);
  if (absl::Status status = comparer.status(); !status.ok()) return status;
  return comparison;
}

Value WithoutFields(const Schema& schema, const Value& value, const FieldSet& fields) {
  return RemoveBelow(schema, value, fields);
}

}  // namespace sluice::devapi
