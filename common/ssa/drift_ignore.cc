// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/drift_ignore.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/value/json.h"

namespace sluice::ssa {
namespace {

using Steps = std::vector<std::string>;

// RFC 6901.
Steps StepsOf(absl::string_view pointer) {
  if (!absl::ConsumePrefix(&pointer, "/")) return {};
  Steps steps;
  for (absl::string_view step : absl::StrSplit(pointer, '/')) {
    steps.push_back(absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}}));
  }
  return steps;
}

std::optional<size_t> IndexOf(const Value& list, const std::string& step) {
  size_t index = 0;
  return absl::SimpleAtoi(step, &index) && index < list.size() ? std::optional<size_t>(index)
                                                               : std::nullopt;
}

const Value* Find(const Value& root, const Steps& steps) {
  const Value* at = &root;
  for (const std::string& step : steps) {
    if (at->is_array()) {
      const auto index = IndexOf(*at, step);
      at = index.has_value() ? &at->at(*index) : nullptr;
    } else {
      at = at->Find(step);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

// Makes `change` of whatever holds the last step; nothing if the way there is missing.
template <typename Change>
void AtParent(Value& root, const Steps& steps, const Change& change) {
  if (steps.empty()) return;
  Value* at = &root;
  for (size_t i = 0; i + 1 < steps.size() && at != nullptr; ++i) {
    if (at->is_array()) {
      const auto index = IndexOf(*at, steps[i]);
      at = index.has_value() ? &at->mutable_items()[*index] : nullptr;
    } else {
      at = at->FindMutable(steps[i]);
    }
  }
  if (at != nullptr) change(*at, steps.back());
}

void Remove(Value& root, const Steps& steps) {
  AtParent(root, steps, [](Value& parent, const std::string& last) {
    if (parent.is_array()) {
      if (const auto index = IndexOf(parent, last); index.has_value()) {
        Value::Array& items = parent.mutable_items();
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index));
      }
    } else {
      parent.Erase(last);
    }
  });
}

void Replace(Value& root, const Steps& steps, const Value& value) {
  AtParent(root, steps, [&](Value& parent, const std::string& last) {
    if (parent.is_array()) {
      if (const auto index = IndexOf(parent, last); index.has_value()) {
        parent.mutable_items()[*index] = value;
      }
    } else if (parent.is_object()) {
      parent.Set(last, value);
    }
  });
}

// The entry of `fields` (fieldsV1) for an item of a list: the one whose keys the item has.
const Value* FieldsOfItem(const Value& fields, const Value& item) {
  for (const value::Member& member : fields.members()) {
    absl::string_view key = member.key;
    if (!absl::ConsumePrefix(&key, "k:")) continue;
    const auto keys = value::ParseJson(key);
    if (!keys.ok()) continue;
    bool all = true;
    for (const value::Member& expected : keys->members()) {
      all = all && item[expected.key] == expected.value;
    }
    if (all) return &member.value;
  }
  return nullptr;
}

// Whether the fieldsV1 tree holds what `steps` leads to in `live`. False where that cannot be told.
bool Owns(const Value& fields, const Value& live, const Steps& steps) {
  const Value* owned = &fields;
  const Value* at = &live;
  for (const std::string& step : steps) {
    if (at == nullptr) return false;
    if (at->is_array()) {
      const auto index = IndexOf(*at, step);
      if (!index.has_value()) return false;
      at = &at->at(*index);
      owned = FieldsOfItem(*owned, *at);
    } else {
      at = at->Find(step);
      owned = owned->Find(absl::StrCat("f:", step));
    }
    if (owned == nullptr) return false;
  }
  return true;
}

bool AppliedByAnother(const Value& live, const Steps& steps, absl::string_view own_manager) {
  for (const Value& entry : live["metadata"]["managedFields"].items()) {
    if (entry["operation"].str() == "Apply" && entry["subresource"].str().empty() &&
        entry["manager"].str() != own_manager && Owns(entry["fieldsV1"], live, steps)) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<std::optional<text::Regexp>> Anchored(const Value& target, const char* field) {
  const absl::string_view text = target[field].str();
  if (text.empty()) return std::optional<text::Regexp>();
  auto regexp = text::Regexp::Compile(absl::StrCat("^(?:", text, ")$"));
  if (!regexp.ok()) {
    return Annotate(regexp.status(), absl::StrCat("invalid spec.ignore target.", field));
  }
  return std::optional<text::Regexp>(*std::move(regexp));
}

absl::StatusOr<kube::LabelSelector> Selector(const Value& target, const char* field) {
  auto selector = kube::LabelSelector::Parse(target[field].str());
  if (!selector.ok()) {
    return Annotate(selector.status(), absl::StrCat("invalid spec.ignore target.", field));
  }
  return selector;
}

std::map<std::string, std::string> Entries(const Value& entries) {
  std::map<std::string, std::string> result;
  for (const value::Member& entry : entries.members()) {
    result[entry.key] = std::string(entry.value.str());
  }
  return result;
}

}  // namespace

absl::StatusOr<DriftIgnore> DriftIgnore::Compile(const Value& rules) {
  DriftIgnore result;
  std::optional<size_t> untargeted;
  for (const Value& item : rules.items()) {
    Rule rule;
    for (const Value& path : item["paths"].items()) rule.paths.emplace_back(path.str());
    const Value& target = item["target"];
    ASSIGN_OR_RETURN(rule.group, Anchored(target, "group"));
    ASSIGN_OR_RETURN(rule.version, Anchored(target, "version"));
    ASSIGN_OR_RETURN(rule.kind, Anchored(target, "kind"));
    ASSIGN_OR_RETURN(rule.name, Anchored(target, "name"));
    ASSIGN_OR_RETURN(rule.ns, Anchored(target, "namespace"));
    ASSIGN_OR_RETURN(rule.labels, Selector(target, "labelSelector"));
    ASSIGN_OR_RETURN(rule.annotations, Selector(target, "annotationSelector"));
    if (!target.is_null()) {
      result.rules_.push_back(std::move(rule));
      continue;
    }
    // Of several rules without a target the last one counts, as in the reference.
    if (untargeted.has_value()) {
      result.rules_[*untargeted] = std::move(rule);
    } else {
      untargeted = result.rules_.size();
      result.rules_.push_back(std::move(rule));
    }
  }
  return result;
}

bool DriftIgnore::Rule::Selects(const Value& object) const {
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  const auto fits = [](const std::optional<text::Regexp>& regexp, absl::string_view text) {
    return !regexp.has_value() || regexp->MatchesIn(text);
  };
  return fits(group, gvk.group) && fits(version, gvk.version) && fits(kind, gvk.kind) &&
         fits(name, kube::Name(object)) && fits(ns, kube::Namespace(object)) &&
         labels.Matches(Entries(object["metadata"]["labels"])) &&
         annotations.Matches(Entries(object["metadata"]["annotations"]));
}

std::vector<std::string> DriftIgnore::PathsFor(const Value& object) const {
  std::vector<std::string> paths;
  for (const Rule& rule : rules_) {
    if (rule.Selects(object)) paths.insert(paths.end(), rule.paths.begin(), rule.paths.end());
  }
  return paths;
}

Value WithoutPaths(Value object, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) Remove(object, StepsOf(path));
  return object;
}

Value KeepingLive(Value desired, const Value& live, const Value& dry_run,
                  const std::vector<std::string>& paths, absl::string_view own_manager) {
  for (const std::string& path : paths) {
    const Steps steps = StepsOf(path);
    const Value* now = Find(live, steps);
    const Value* then = Find(dry_run, steps);
    const bool same = now == nullptr || then == nullptr ? now == then : *now == *then;
    if (same) continue;
    if (now == nullptr || AppliedByAnother(live, steps, own_manager)) {
      Remove(desired, steps);
    } else {
      Replace(desired, steps, *now);
    }
  }
  return desired;
}

}  // namespace sluice::ssa
