// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/devapi/ownership/typed_items.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/devapi/ownership/typed_value.h"

namespace sluice::devapi {
namespace {

const Value* AsList(const Value* value) {
  return value != nullptr && value->is_array() ? value : nullptr;
}
const Value* AsMap(const Value* value) {
  return value != nullptr && value->is_object() ? value : nullptr;
}
bool IsEmpty(const Value* value) { return value == nullptr || value->empty(); }

class Merger {
 public:
  // Either may be null (absent), not both. Nothing is left of two empty halves of a list or map.
  std::optional<Value> Merge(const Schema& schema, const Value* live, const Value* applied) {
    // Where the kinds differ, the applied one decides; the other half is only looked through for
    // errors by the reference, which changes nothing.
    const Value& decisive = applied != nullptr ? *applied : *live;
    Shapes shapes = ShapesFor(schema, decisive);
    if (applied != nullptr && live != nullptr && applied->is_null()) {
      shapes = ShapesOf(schema);
    }
    if (shapes.map) return MergeMaps(schema, live, applied);
    if (shapes.scalar) return Leaf(live, applied);
    return MergeLists(schema, live, applied);
  }

  absl::Status status() const { return errors_.status(); }

 private:
  static std::optional<Value> Leaf(const Value* live, const Value* applied) {
    return applied != nullptr ? *applied : *live;
  }

  std::optional<Value> MergeMaps(const Schema& schema, const Value* live, const Value* applied) {
    const Value* const left = AsMap(live);
    const Value* const right = AsMap(applied);
    if (IsAtomicMap(schema) || (IsEmpty(left) && IsEmpty(right))) return Leaf(live, applied);
    Value::Object out;
    const auto visit = [&](const std::string& key, const Value* a, const Value* b) {
      const Schema* const below = FieldSchema(schema, key);
      path_.push_back(PathElement::Field(key));
      if (below == nullptr) {
        errors_.Add(path_, "schema error: invalid atom: inlined");
      } else if (std::optional<Value> merged = Merge(*below, a, b); merged.has_value()) {
        out.push_back({key, *std::move(merged)});
      }
      path_.pop_back();
    };
    if (left != nullptr) {
      for (const value::Member& member : left->members()) {
        visit(member.key, &member.value, right == nullptr ? nullptr : right->Find(member.key));
      }
    }
    if (right != nullptr) {
      for (const value::Member& member : right->members()) {
        if (left == nullptr || !left->Has(member.key)) visit(member.key, nullptr, &member.value);
      }
    }
    if (out.empty()) return std::nullopt;
    return Value::FromMembers(std::move(out));
  }

  // The elements of a list in order, and the value of each; that of a repeated one is null.
  struct Elements {
    std::vector<PathElement> order;
    std::map<PathElement, const Value*> values;

    const Value* Find(const PathElement& element) const {
      const auto it = values.find(element);
      return it == values.end() ? nullptr : it->second;
    }
    bool Has(const PathElement& element) const { return values.count(element) > 0; }
  };

  bool Index(const Schema& schema, const Value* list, bool allow_duplicates, Elements& out) {
    static const Value* const kNull = new Value;
    bool fine = true;
    for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
      absl::StatusOr<PathElement> element = ElementOf(schema, list->at(i));
      if (!element.ok()) {
        errors_.Add(path_, absl::StrCat("element ", i, ": ", element.status().message()));
        fine = false;
        continue;
      }
      const bool first = out.values.emplace(*element, &list->items()[i]).second;
      if (!first && !allow_duplicates) {
        errors_.Add(path_, absl::StrCat("duplicate entries for key ", element->ToString()));
        fine = false;
        continue;
      }
      if (!first) out.values[*element] = kNull;
      out.order.push_back(*std::move(element));
    }
    return fine;
  }

  std::optional<Value> MergeLists(const Schema& schema, const Value* live, const Value* applied) {
    const Value* const left = AsList(live);
    const Value* const right = AsList(applied);
    if (IsAtomicList(schema) || (IsEmpty(left) && IsEmpty(right))) return Leaf(live, applied);
    Elements mine;
    Elements theirs;
    const bool right_fine = Index(schema, right, false, theirs);
    if (!Index(schema, left, true, mine) || !right_fine) return std::nullopt;
    return Interleave(schema, left, mine, theirs);
  }

  // Elements that only the live list has stay where they are, relative to those that both have; the
  // rest comes in the order of the applied list.
  std::optional<Value> Interleave(const Schema& schema, const Value* left, const Elements& mine,
                                  const Elements& theirs) {
    std::vector<const PathElement*> shared;
    for (const PathElement& element : theirs.order) {
      if (mine.Has(element)) shared.push_back(&element);
    }
    size_t next_shared = 0;
    const auto is_next = [&](const PathElement& element) {
      return next_shared < shared.size() && *shared[next_shared] == element;
    };
    std::map<PathElement, bool> merged;
    Value::Array out;
    const auto add = [&](const PathElement& element, const Value* a, const Value* b) {
      path_.push_back(element);
      std::optional<Value> item = Merge(*ItemSchema(schema), a, b);
      if (item.has_value()) out.push_back(*std::move(item));
      path_.pop_back();
    };
    size_t l = 0;
    size_t r = 0;
    while (l < mine.order.size() || r < theirs.order.size()) {
      if (l < mine.order.size() && r < theirs.order.size()) {
        const PathElement& element = mine.order[l];
        if (element == theirs.order[r]) {
          merged[element] = true;
          add(element, mine.Find(element), theirs.Find(element));
          ++l;
          ++r;
          ++next_shared;
          continue;
        }
        if (theirs.Has(element) && next_shared < shared.size() && !is_next(element)) {
          ++l;  // both have it, but it is not its turn
          continue;
        }
      }
      if (l < mine.order.size()) {
        const PathElement& element = mine.order[l];
        if (!theirs.Has(element)) {
          add(element, &left->items()[l], nullptr);
          ++l;
          continue;
        }
        if (merged.count(element) > 0) ++l;
      }
      if (r < theirs.order.size()) {
        const PathElement& element = theirs.order[r];
        merged[element] = true;
        add(element, mine.Find(element), theirs.Find(element));
        ++r;
        if (is_next(element)) ++next_shared;
      }
    }
    if (out.empty()) return std::nullopt;
    return Value(std::move(out));
  }

  Path path_;
  TypedErrors errors_;
};

}  // namespace

absl::StatusOr<Value> MergeTyped(const Schema& schema, const Value& live, const Value& applied) {
  Merger merger;
  std::optional<Value> merged = merger.Merge(schema, &live, &applied);
  if (absl::Status status = merger.status(); !status.ok()) return status;
  return merged.value_or(Value());
}

}  // namespace sluice::devapi
