// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/strategic_merge.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/devapi/schema/go_print.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kDirective = "$patch";
constexpr absl::string_view kRetainKeys = "$retainKeys";
constexpr absl::string_view kDeletePrefix = "$deleteFromPrimitiveList";
constexpr absl::string_view kOrderPrefix = "$setElementOrder";

absl::Status BadOrder() {
  return absl::InvalidArgumentError("invalid patch format of setElementOrder list");
}
absl::Status BadRetainKeys() {
  return absl::InvalidArgumentError("invalid patch format of retainKeys");
}
absl::Status NoMergeKey(const Value& item, absl::string_view key) {
  return absl::InternalError(
      absl::StrCat("map: ", GoPlain(item), " does not contain declared merge key: ", key));
}

// "$setElementOrder/containers" without the prefix.
absl::StatusOr<std::string> FieldOf(absl::string_view key, absl::string_view prefix) {
  if (!absl::ConsumePrefix(&key, prefix) || !absl::ConsumePrefix(&key, "/")) {
    return prefix == kDeletePrefix
               ? absl::InvalidArgumentError("invalid patch format of primitive list")
               : BadOrder();
  }
  return std::string(key);
}

// `value` without objects that are only directives; nothing if it is one itself.
std::optional<Value> WithoutDirectives(const Value& value) {
  if (value.is_object()) {
    if (value.Has(kDirective)) return std::nullopt;
    Value::Object kept;
    for (const value::Member& member : value.members()) {
      std::optional<Value> inner = WithoutDirectives(member.value);
      if (inner.has_value()) kept.push_back({member.key, *std::move(inner)});
    }
    return Value::FromMembers(std::move(kept));
  }
  if (value.is_array()) {
    Value::Array kept;
    for (const Value& item : value.items()) {
      std::optional<Value> inner = WithoutDirectives(item);
      if (inner.has_value()) kept.push_back(*std::move(inner));
    }
    return Value(std::move(kept));
  }
  return value;
}

Value WithoutNulls(const Value& value) {
  if (value.is_object()) {
    Value::Object kept;
    for (const value::Member& member : value.members()) {
      if (!member.value.is_null()) kept.push_back({member.key, WithoutNulls(member.value)});
    }
    return Value::FromMembers(std::move(kept));
  }
  if (value.is_array()) {
    Value::Array items;
    for (const Value& item : value.items()) items.push_back(WithoutNulls(item));
    return Value(std::move(items));
  }
  return value;
}

// What is merged by: the value of the key, or the scalar itself.
const Value& KeyOf(const Value& item, absl::string_view merge_key) {
  return merge_key.empty() ? item : item[merge_key];
}

// Where an element with the key of `item` is in `list`, or -1.
std::ptrdiff_t IndexOf(const Value::Array& list, const Value& item, absl::string_view merge_key) {
  const Value& key = KeyOf(item, merge_key);
  for (size_t i = 0; i < list.size(); ++i) {
    if (KeyOf(list[i], merge_key) == key) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

// Splits `merged` into the elements that `by` names and the others.
std::pair<Value::Array, Value::Array> Partition(const Value::Array& merged, const Value::Array& by,
                                                absl::string_view merge_key) {
  std::pair<Value::Array, Value::Array> parts;
  for (const Value& item : merged) {
    (IndexOf(by, item, merge_key) >= 0 ? parts.first : parts.second).push_back(item);
  }
  return parts;
}

void SortBy(const Value::Array& order, absl::string_view merge_key, Value::Array& items) {
  std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
    return IndexOf(order, a, merge_key) < IndexOf(order, b, merge_key);
  });
}

// Both halves in one list: each in its own order, and relative to each other as the server has them
// where it has both; the patch's come first otherwise.
Value Interleave(Value::Array patched, Value::Array server_only, const Value::Array& patch_order,
                 const Value::Array& server_order, absl::string_view merge_key) {
  SortBy(patch_order, merge_key, patched);
  SortBy(server_order, merge_key, server_only);
  Value::Array all;
  size_t i = 0;
  size_t j = 0;
  while (i < server_only.size() || j < patched.size()) {
    bool take_server = j == patched.size();
    if (!take_server && i < server_only.size()) {
      const std::ptrdiff_t left = IndexOf(server_order, server_only[i], merge_key);
      const std::ptrdiff_t right = IndexOf(server_order, patched[j], merge_key);
      take_server = left >= 0 && right >= 0 && left < right;
    }
    all.push_back(take_server ? server_only[i++] : patched[j++]);
  }
  return Value(std::move(all));
}

Value::Array ItemsOf(const Value& list) { return {list.items().begin(), list.items().end()}; }

bool HoldsMaps(const Value::Array& a, const Value::Array& b) {
  if (!a.empty()) return a.front().is_object();
  return !b.empty() && b.front().is_object();
}

const Schema* Below(const Schema* schema, absl::string_view field) {
  return schema == nullptr ? nullptr : schema->Member(field);
}

class Merger {
 public:
  absl::StatusOr<Value> MergeObjects(const Schema* schema, Value original, Value patch) {
    if (const Value* directive = patch.Find(kDirective); directive != nullptr) {
      if (directive->str() == "replace") {
        patch.Erase(kDirective);
        return patch;
      }
      if (directive->str() == "delete") return Value::EmptyObject();
      return absl::InternalError(
          absl::StrCat("unknown patch type: ", GoPlain(*directive), " in map: ", GoPlain(patch)));
    }
    if (!original.is_object()) original = Value::EmptyObject();
    RETURN_IF_ERROR(RetainKeys(original, patch));
    RETURN_IF_ERROR(MergeOrderedLists(schema, original, patch));
    for (const value::Member& member : patch.members()) {
      RETURN_IF_ERROR(MergeMember(schema, member.key, member.value, original));
    }
    return original;
  }

 private:
  static absl::Status RetainKeys(Value& original, Value& patch) {
    const Value* const found = patch.Find(kRetainKeys);
    if (found == nullptr) return absl::OkStatus();
    const Value keys = *found;
    patch.Erase(kRetainKeys);
    if (!keys.is_array()) return BadRetainKeys();
    const auto retained = [&](const std::string& name) {
      return std::any_of(keys.items().begin(), keys.items().end(),
                         [&](const Value& key) { return key.str() == name; });
    };
    for (const value::Member& member : patch.members()) {
      const bool special = member.value.is_null() || absl::StartsWith(member.key, kDeletePrefix) ||
                           absl::StartsWith(member.key, kOrderPrefix);
      if (!special && !retained(member.key)) return BadRetainKeys();
    }
    std::vector<std::string> doomed;
    for (const value::Member& member : original.members()) {
      if (!retained(member.key)) doomed.push_back(member.key);
    }
    for (const std::string& key : doomed) original.Erase(key);
    return absl::OkStatus();
  }

  // The elements of `patch` must come in the order that `order` asks for.
  static absl::Status CheckOrder(const Value::Array& patch, const Value::Array& order,
                                 absl::string_view merge_key) {
    if (order.empty() || patch.empty()) return absl::OkStatus();
    size_t next = 0;
    for (const Value& item : patch) {
      if (item.Has(kDirective)) continue;
      while (next < order.size() && KeyOf(order[next], merge_key) != KeyOf(item, merge_key)) ++next;
      if (next == order.size()) {
        return absl::InternalError(absl::StrCat("The order in patch list:\n", GoPlain(Value(patch)),
                                                "\n doesn't match $setElementOrder list:\n",
                                                GoPlain(Value(order)), "\n"));
      }
      ++next;
    }
    return absl::OkStatus();
  }

  absl::Status MergeOrderedLists(const Schema* schema, Value& original, Value& patch) {
    std::vector<std::string> keys;
    for (const value::Member& member : patch.members()) {
      if (absl::StartsWith(member.key, kOrderPrefix)) keys.push_back(member.key);
    }
    for (const std::string& key : keys) {
      const Value order_value = patch[key];
      patch.Erase(key);
      if (!order_value.is_array()) return BadOrder();
      ASSIGN_OR_RETURN(const std::string field, FieldOf(key, kOrderPrefix));
      const Value* const live = original.Find(field);
      const Value* const sent = patch.Find(field);
      if ((live != nullptr && !live->is_array()) || (sent != nullptr && !sent->is_array())) {
        return absl::InternalError(absl::StrCat("expected a []interface {} in ", field));
      }
      const Schema* const below = Below(schema, field);
      const absl::string_view merge_key = below == nullptr ? "" : below->patch_merge_key;
      const Value::Array order = ItemsOf(order_value);
      const Value::Array server = live == nullptr ? Value::Array() : ItemsOf(*live);
      RETURN_IF_ERROR(
          CheckOrder(sent == nullptr ? Value::Array() : ItemsOf(*sent), order, merge_key));
      Value merged;
      if (live != nullptr && sent != nullptr) {
        ASSIGN_OR_RETURN(merged, MergeLists(below, *live, *sent, false));
      } else if (live != nullptr) {
        merged = *live;
      } else if (sent != nullptr) {
        merged = WithoutDirectives(*sent).value_or(Value::EmptyArray());
      } else {
        continue;
      }
      auto [patched, server_only] = Partition(ItemsOf(merged), order, merge_key);
      original.Set(
          field, Interleave(std::move(patched), std::move(server_only), order, server, merge_key));
      patch.Erase(field);
    }
    return absl::OkStatus();
  }

  absl::Status MergeMember(const Schema* schema, const std::string& sent_key, const Value& sent,
                           Value& original) {
    std::string key = sent_key;
    const bool deletes = absl::StartsWith(key, kDeletePrefix);
    if (deletes) {
      ASSIGN_OR_RETURN(key, FieldOf(key, kDeletePrefix));
    }
    if (sent.is_null()) {
      original.Erase(key);
      return absl::OkStatus();
    }
    const Value* const live = original.Find(key);
    const bool mergeable = live != nullptr && ((live->is_object() && sent.is_object()) ||
                                               (live->is_array() && sent.is_array()));
    if (!mergeable) {
      if (deletes) return absl::OkStatus();
      std::optional<Value> kept = WithoutDirectives(WithoutNulls(sent));
      if (kept.has_value()) {
        original.Set(key, *std::move(kept));
      } else {
        original.Erase(key);
      }
      return absl::OkStatus();
    }
    const Schema* const below = Below(schema, key);
    Value merged;
    if (sent.is_array()) {
      ASSIGN_OR_RETURN(merged, MergeLists(below, *live, sent, deletes));
    } else if (below != nullptr && below->patch_replace) {
      merged = sent;
    } else {
      ASSIGN_OR_RETURN(merged, MergeObjects(below, *live, sent));
    }
    original.Set(key, std::move(merged));
    return absl::OkStatus();
  }

  absl::StatusOr<Value> MergeLists(const Schema* schema, const Value& live, const Value& sent,
                                   bool deletes) {
    if (!deletes && (schema == nullptr || !schema->patch_merge)) return sent;
    Value::Array original = ItemsOf(live);
    Value::Array patch = ItemsOf(sent);
    if (original.empty() && patch.empty()) return live;
    const absl::string_view merge_key = schema == nullptr ? "" : schema->patch_merge_key;
    Value::Array merged;
    if (!HoldsMaps(original, patch)) {
      if (deletes) {
        std::erase_if(original, [&](const Value& item) { return IndexOf(patch, item, "") >= 0; });
        return Value(std::move(original));
      }
      for (const Value::Array* list : {&original, &patch}) {
        for (const Value& item : *list) {
          if (IndexOf(merged, item, "") < 0) merged.push_back(item);
        }
      }
    } else {
      if (merge_key.empty()) {
        return absl::InternalError("cannot merge lists without merge key");
      }
      RETURN_IF_ERROR(ObeyDirectives(merge_key, original, patch));
      ASSIGN_OR_RETURN(merged, MergeItems(schema, merge_key, original, patch));
    }
    auto [patched, server_only] = Partition(merged, patch, merge_key);
    return Interleave(std::move(patched), std::move(server_only), patch, original, merge_key);
  }

  // Does what elements of `patch` with a directive say and takes them out.
  static absl::Status ObeyDirectives(absl::string_view merge_key, Value::Array& original,
                                     Value::Array& patch) {
    Value::Array plain;
    bool replace = false;
    for (const Value& item : patch) {
      if (!item.is_object()) {
        return absl::InternalError("delete patch type with no merge key defined");
      }
      const Value* const directive = item.Find(kDirective);
      if (directive == nullptr) {
        plain.push_back(item);
      } else if (directive->str() == "delete") {
        if (!item.Has(merge_key)) return NoMergeKey(item, merge_key);
        std::erase_if(original, [&](const Value& candidate) {
          return candidate[merge_key] == item[merge_key];
        });
      } else if (directive->str() == "replace") {
        replace = true;
      } else if (directive->str() == "merge") {
        return absl::InternalError("merging lists cannot yet be specified in the patch");
      } else {
        return absl::InternalError(
            absl::StrCat("unknown patch type: ", GoPlain(*directive), " in map: ", GoPlain(item)));
      }
    }
    if (replace) {
      original = std::move(plain);
      patch.clear();
    } else {
      patch = std::move(plain);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Value::Array> MergeItems(const Schema* schema, absl::string_view merge_key,
                                          const Value::Array& original, const Value::Array& patch) {
    Value::Array merged = original;
    for (const Value& item : patch) {
      if (!item.Has(merge_key)) return NoMergeKey(item, merge_key);
      const std::ptrdiff_t index = IndexOf(merged, item, merge_key);
      if (index < 0) {
        merged.push_back(item);
        continue;
      }
      Value& target = merged[static_cast<size_t>(index)];
      ASSIGN_OR_RETURN(target, MergeObjects(schema->items, target, item));
    }
    return merged;
  }
};

}  // namespace

absl::StatusOr<Value> StrategicMerge(const Schema& schema, const Value& object,
                                     const Value& patch) {
  return Merger().MergeObjects(&schema, object, patch);
}

}  // namespace sluice::devapi
