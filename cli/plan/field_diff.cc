// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/field_diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::plan {
namespace {

// What tells elements of Kubernetes' lists apart, the better first.
constexpr const char* kKeys[] = {"name",          "key",  "id",          "mountPath", "devicePath",
                                 "containerPort", "port", "topologyKey", "host",      "ip",
                                 "secretName",    "path", "type",        "kind"};

bool IsScalar(const Value& value) { return !value.is_object() && !value.is_array(); }

std::string TextOf(const Value& scalar) {
  return scalar.is_string() ? std::string(scalar.str()) : value::FormatJson(scalar);
}

// Whether `key` is a scalar in every element, and in no two the same.
bool Identifies(const char* key, const Value& list) {
  std::set<std::string> seen;
  for (const Value& item : list.items()) {
    const Value& value = item[key];
    if (value.is_null() || !IsScalar(value) || !seen.insert(TextOf(value)).second) return false;
  }
  return true;
}

const char* KeyOf(const Value& before, const Value& after) {
  for (const char* key : kKeys) {
    if (Identifies(key, before) && Identifies(key, after)) return key;
  }
  return nullptr;
}

bool AllScalars(const Value& list) {
  return std::all_of(list.items().begin(), list.items().end(), IsScalar);
}

class Differ {
 public:
  std::vector<FieldChange> changes;

  void Compare(const std::string& path, const Value& before, const Value& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) {
      CompareMaps(path, before, after);
    } else if (before.is_array() && after.is_array() && !before.empty() && !after.empty()) {
      CompareLists(path, before, after);
    } else {
      changes.push_back({path, before, after});
    }
  }

 private:
  static std::string Child(const std::string& path, const std::string& key) {
    if (absl::StrContains(key, '.') || absl::StrContains(key, '/')) {
      return absl::StrCat(path, "[", key, "]");
    }
    return absl::StrCat(path, path.empty() ? "" : ".", key);
  }

  void CompareMaps(const std::string& path, const Value& before, const Value& after) {
    std::set<std::string> keys;
    for (const value::Member& member : before.members()) keys.insert(member.key);
    for (const value::Member& member : after.members()) keys.insert(member.key);
    for (const std::string& key : keys) Compare(Child(path, key), before[key], after[key]);
  }

  void CompareLists(const std::string& path, const Value& before, const Value& after) {
    if (AllScalars(before) && AllScalars(after)) return CompareScalars(path, before, after);
    if (const char* const key = KeyOf(before, after)) {
      return CompareKeyed(path, key, before, after);
    }
    for (size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      Compare(absl::StrCat(path, "[", i, "]"), before.at(i), after.at(i));
    }
  }

  void CompareKeyed(const std::string& path, const char* key, const Value& before,
                    const Value& after) {
    std::map<std::string, const Value*> old;
    for (const Value& item : before.items()) old[TextOf(item[key])] = &item;
    const size_t known = changes.size();
    for (const Value& item : after.items()) {
      const std::string text = TextOf(item[key]);
      const auto found = old.find(text);
      Compare(absl::StrCat(path, "[", key, "=", text, "]"),
              found == old.end() ? Value() : *found->second, item);
      if (found != old.end()) old.erase(found);
    }
    for (const Value& item : before.items()) {
      const std::string text = TextOf(item[key]);
      if (!old.contains(text)) continue;
      changes.push_back({absl::StrCat(path, "[", key, "=", text, "]"), item, Value()});
    }
    if (changes.size() == known) changes.push_back({absl::StrCat(path, " (order)"), before, after});
  }

  // Lists of texts, such as arguments, whose order may matter: what went, what came.
  void CompareScalars(const std::string& path, const Value& before, const Value& after) {
    std::multiset<std::string> gone;
    std::vector<Value> came;
    for (const Value& item : before.items()) gone.insert(value::FormatJson(item));
    for (const Value& item : after.items()) {
      const auto found = gone.find(value::FormatJson(item));
      if (found == gone.end()) {
        came.push_back(item);
      } else {
        gone.erase(found);
      }
    }
    if (gone.empty() && came.empty()) {
      changes.push_back({absl::StrCat(path, " (order)"), before, after});
      return;
    }
    const std::string at = absl::StrCat(path, "[]");
    for (const Value& item : before.items()) {
      const auto found = gone.find(value::FormatJson(item));
      if (found == gone.end()) continue;
      gone.erase(found);
      changes.push_back({at, item, Value()});
    }
    for (Value& item : came) changes.push_back({at, Value(), std::move(item)});
  }
};

}  // namespace

std::vector<FieldChange> DiffFields(const Value& before, const Value& after) {
  Differ differ;
  differ.Compare("", before, after);
  return std::move(differ.changes);
}

}  // namespace sluice::plan
