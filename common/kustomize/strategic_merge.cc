// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/strategic_merge.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/kustomize/keyed_lists.h"
#include "common/kustomize/list_elements.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kDirective = "$patch";

// The most elements that both lists may have where keys do not tell them apart; the work grows with
// the square.
constexpr size_t kMaxIrregular = 2'000;
// The most members of a map that is merged, for the same reason.
constexpr size_t kMaxMembers = 5'000;

enum class Directive { kMerge, kReplace, kDelete };

absl::StatusOr<Directive> ParseDirective(absl::string_view text) {
  if (text == "delete") return Directive::kDelete;
  if (text == "replace") return Directive::kReplace;
  if (text == "merge") return Directive::kMerge;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown patch strategy '", text, "'; it must be delete, replace or merge"));
}

// What a map or list of a patch says to do, the saying removed from it.
absl::StatusOr<Directive> TakeDirective(Node* patch) {
  if (patch == nullptr) return Directive::kMerge;
  if (patch->is_map()) {
    const Node* value = FieldOf(patch, kDirective);
    if (value == nullptr) return Directive::kMerge;
    ASSIGN_OR_RETURN(const Directive directive, ParseDirective(value->text));
    ClearField(patch, kDirective);
    return directive;
  }
  if (!patch->is_list()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no implemented strategic merge patch strategy for '", patch->text, "'"));
  }
  for (const Node* item : patch->content) {
    const Node* value = FieldOf(item, kDirective);
    if (value == nullptr) continue;
    // An element that says more than "$patch" speaks for itself, not for the list.
    if (item->content.size() > 2) return Directive::kMerge;
    const absl::string_view text = value->text;
    ASSIGN_OR_RETURN(const Directive directive, ParseDirective(text));
    std::erase_if(patch->content, [text](const Node* other) {
      if (IsEmptyMap(other)) return true;
      const Node* field = FieldOf(other, kDirective);
      return field != nullptr && field->text == text;
    });
    return directive;
  }
  return Directive::kMerge;
}

class Merger {
 public:
  explicit Merger(BuildState& state) : state_(state), arena_(state.arena()) {}

  absl::StatusOr<Node*> Merge(Node* target, Node* patch, FieldType type, size_t depth) {
    if (depth > value::kMaxDepth) {
      return absl::ResourceExhaustedError("patch nests too deep");
    }
    // An empty collection takes the patch's form.
    if (target != nullptr && patch != nullptr && !target->is_scalar() && target->content.empty()) {
      target->style = patch->style;
    }
    if (arena_.has_comments()) type = TypeByComment({target, patch}, type);
    if (!type.known()) type = TypeByKind(target, patch);
    const Node* const first = !IsMissingOrNull(target)  ? target
                              : !IsMissingOrNull(patch) ? patch
                                                        : nullptr;
    // Nothing on either side is walked as a map.
    const Node::Kind kind = first == nullptr ? Node::Kind::kNone : first->kind;
    if (kind != Node::Kind::kNone) {
      RETURN_IF_ERROR(ExpectKind(target, kind));
      RETURN_IF_ERROR(ExpectKind(patch, kind));
    }
    switch (kind) {
      case Node::Kind::kList:
        if (type.merges()) return MergeList(target, patch, type, depth);
        return patch != nullptr ? patch : target;
      case Node::Kind::kScalar:
        return patch != nullptr ? patch : target;
      case Node::Kind::kMap:
      case Node::Kind::kNone:
        break;
    }
    return MergeMap(target, patch, type, depth);
  }

 private:
  FieldType TypeByKind(const Node* target, const Node* patch) const {
    for (const Node* node : {target, patch}) {
      if (IsMissingOrNull(node)) continue;
      Gvk gvk;
      gvk.kind = TextOf(FieldOf(node, "kind"));
      const absl::string_view api_version = TextOf(FieldOf(node, "apiVersion"));
      if (gvk.kind.empty() || api_version.empty()) continue;
      ParseApiVersion(api_version, gvk);
      const FieldType type = state_.TypeOf(gvk);
      if (type.known()) return type;
    }
    return FieldType();
  }

  // What the first comment that is a schema says, or else `type`.
  FieldType TypeByComment(std::initializer_list<const Node*> nodes, const FieldType& type) {
    for (const Node* node : nodes) {
      const FieldType commented = state_.TypeFromComment(node);
      if (commented.known()) return commented;
    }
    return type;
  }

  // The key of the field, where a list's comments stand.
  static const Node* KeyOf(const Node* map, absl::string_view name) {
    const int index = FieldIndex(map, name);
    return index < 0 ? nullptr : map->content[static_cast<size_t>(index)];
  }

  FieldType FieldTypeOf(const Node* target, const Node* patch, const FieldType& type,
                        absl::string_view name) {
    const FieldType field = type.Field(name);
    if (!arena_.has_comments()) return field;
    return TypeByComment(
        {FieldOf(target, name), KeyOf(target, name), FieldOf(patch, name), KeyOf(patch, name)},
        field);
  }

  absl::StatusOr<Node*> MapTarget(Node* target, Node* patch) {
    if (IsMissingOrNull(target)) {
      const absl::StatusOr<Directive> directive = TakeDirective(patch);
      if (directive.ok() && *directive == Directive::kDelete) return nullptr;
      if (patch == nullptr && target != nullptr && !target->text.empty()) {
        Node* null = arena_.Scalar(target->text);
        null->tag = Node::Tag::kNull;
        null->keep_null = true;
        return null;
      }
      return patch;
    }
    if (IsTaggedNull(patch)) return nullptr;
    ASSIGN_OR_RETURN(const Directive directive, TakeDirective(patch));
    if (directive == Directive::kDelete) return nullptr;
    return directive == Directive::kReplace ? patch : target;
  }

  // How the key of a value that comes from the patch is written there.
  static Node::Style KeyStyle(const Node* patch, absl::string_view name, const Node* merged) {
    if (merged == nullptr || FieldOf(patch, name) != merged) return 0;
    return patch->content[static_cast<size_t>(FieldIndex(patch, name))]->style;
  }

  absl::StatusOr<Node*> MergeMap(Node* target, Node* patch, const FieldType& type, size_t depth) {
    ASSIGN_OR_RETURN(Node * result, MapTarget(target, patch));
    if (result == nullptr) return nullptr;
    Texts names = FieldNames(result);
    if (patch != nullptr && patch != result) {
      const Texts more = FieldNames(patch);
      names.insert(names.end(), more.begin(), more.end());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (names.size() > kMaxMembers) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a map with more than ", kMaxMembers, " members cannot be patched"));
    }
    for (absl::string_view name : names) {
      ASSIGN_OR_RETURN(Node * merged, Merge(FieldOf(result, name), FieldOf(patch, name),
                                            FieldTypeOf(result, patch, type, name), depth + 1));
      RETURN_IF_ERROR(SetField(arena_, result, name, merged, KeyStyle(patch, name, merged)));
    }
    return result;
  }

  absl::StatusOr<Node*> ListTarget(Node* target, Node* patch) {
    if (IsMissingOrNull(target)) return patch;
    if (IsTaggedNull(patch)) return nullptr;
    ASSIGN_OR_RETURN(const Directive directive, TakeDirective(patch));
    if (directive == Directive::kDelete) return nullptr;
    return directive == Directive::kReplace ? patch : target;
  }

  // The key values of all elements, the patch's first, each combination once.
  std::vector<Texts> Rows(Node* target, Node* patch, const Texts& keys, bool primitive) {
    std::vector<Texts> rows;
    absl::flat_hash_set<std::string> seen;
    for (const Node* list : {patch, target}) {
      if (list == nullptr) continue;
      for (const Node* item : list->content) {
        Texts row;
        if (primitive) {
          row.push_back(item->text);
        } else {
          for (absl::string_view key : keys) {
            const Node* field = FieldOf(item, key);
            row.push_back(IsNilOrEmpty(field) ? absl::string_view("") : field->text);
          }
        }
        if (seen.insert(absl::StrJoin(row, absl::string_view("\0", 1))).second) {
          rows.push_back(std::move(row));
        }
      }
    }
    return rows;
  }

  Node* ElementOf(Node* list, const Texts& keys, const Texts& values) {
    if (list == nullptr) return nullptr;
    if (keys.empty() || keys[0].empty()) {
      const absl::string_view wanted = values.empty() ? absl::string_view() : values[0];
      for (Node* item : list->content) {
        if (item->text == wanted) return item;
      }
      return nullptr;
    }
    // As many values as keys, or there is no match to be had.
    if (keys.size() != std::max<size_t>(values.size(), 1)) return nullptr;
    for (Node* item : list->content) {
      if (!item->is_map()) continue;
      bool matches = true;
      for (size_t i = 0; i < keys.size() && matches; ++i) {
        const Node* field = FieldOf(item, keys[i]);
        const absl::string_view wanted = i < values.size() ? values[i] : absl::string_view();
        matches = field != nullptr && field->text == wanted;
      }
      if (matches) return item;
    }
    return nullptr;
  }

  // The elements that have a row's values, merged; the keys make sure they stay recognisable.
  absl::Status MergeElement(Node* target, Node* patch, const Texts& keys, const Texts& values,
                            const FieldType& type, size_t depth, Node* result, Node* merged_list) {
    const auto [own_keys, own_values] = UsedKeys({values}, keys, values);
    ASSIGN_OR_RETURN(Node * merged, Merge(ElementOf(target, own_keys, own_values),
                                          ElementOf(patch, own_keys, own_values), type, depth + 1));
    if (IsEmptyMap(merged)) {
      for (size_t i = 0; i < keys.size(); ++i) SetElement(result, keys, values, nullptr);
      return absl::OkStatus();
    }
    for (size_t i = 0; i < keys.size() && i < values.size(); ++i) {
      if (!merged->is_map() || values[i].empty() || FieldOf(merged, keys[i]) != nullptr) continue;
      RETURN_IF_ERROR(SetField(arena_, merged, keys[i], arena_.Scalar(values[i])));
    }
    SetElement(merged_list, keys, values, merged);
    return absl::OkStatus();
  }

  // Adds what `from` has to `list`, replacing elements of the same key values.
  void AppendList(Node* list, const Node* from, const Texts& keys) {
    for (Node* item : from->content) {
      if (keys.empty() || keys[0].empty()) {
        SetElement(list, {absl::string_view()}, {item->text}, item);
        continue;
      }
      Texts values;
      for (absl::string_view key : keys) {
        const Node* field = FieldOf(item, key);
        if (field == nullptr) {
          list->content.push_back(item);
        } else {
          values.push_back(field->text);
        }
      }
      if (keys.size() > 1) SetElement(list, keys, values, nullptr);
      SetElement(list, keys, values, item);
    }
  }

  // Lists whose elements the keys tell apart.
  absl::StatusOr<Node*> MergeKeyed(const KeyedLists& lists, const Node* target,
                                   const FieldType& element, size_t depth) {
    std::vector<Node*> merged;
    merged.reserve(lists.rows().size());
    for (const KeyedLists::Row& row : lists.rows()) {
      ASSIGN_OR_RETURN(Node * one, Merge(row.target, row.patch, element, depth + 1));
      merged.push_back(IsEmptyMap(one) ? nullptr : one);
      if (merged.back() == nullptr || !one->is_map()) continue;
      for (size_t i = 0; i < lists.keys().size(); ++i) {
        const absl::string_view key = lists.keys()[i];
        if (FieldOf(one, key) != nullptr) continue;
        RETURN_IF_ERROR(SetField(arena_, one, key, arena_.Scalar(row.values[i])));
      }
    }
    Node* list = arena_.List();
    list->content = lists.Assemble(target, merged);
    return list;
  }

  absl::StatusOr<Node*> MergeList(Node* target, Node* patch, const FieldType& type, size_t depth) {
    ASSIGN_OR_RETURN(Node * result, ListTarget(target, patch));
    if (result == nullptr) return nullptr;
    Texts keys = type.merge_keys();
    const FieldType element = type.Elements();
    const std::optional<KeyedLists> lists = KeyedLists::Of(result, patch, keys);
    if (lists.has_value() && !lists->rows().empty()) {
      return MergeKeyed(*lists, result, element, depth);
    }
    if (result->content.size() + (patch == nullptr ? 0 : patch->content.size()) > kMaxIrregular) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "a list with more than ", kMaxIrregular,
          " elements can only be patched if each of them has ", absl::StrJoin(keys, " and ")));
    }
    const bool primitive = keys.empty();
    std::vector<Texts> rows = Rows(result, patch == result ? nullptr : patch, keys, primitive);
    if (primitive) keys = {absl::string_view()};
    if (rows.empty()) return result;
    if (keys.size() > 1) UnifyRows(rows);
    Node* merged_list = arena_.List();
    Texts used_keys;
    for (const Texts& row : rows) {
      auto [row_keys, row_values] = UsedKeys(rows, keys, row);
      RETURN_IF_ERROR(
          MergeElement(result, patch, row_keys, row_values, element, depth, result, merged_list));
      used_keys = std::move(row_keys);
    }
    AppendList(merged_list, result, used_keys);
    return merged_list;
  }

  BuildState& state_;
  NodeArena& arena_;
};

}  // namespace

absl::StatusOr<Node*> StrategicMerge(BuildState& state, Node* target, Node* patch) {
  return Merger(state).Merge(target, patch, FieldType(), 0);
}

}  // namespace sluice::kustomize
