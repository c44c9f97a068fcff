// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/ignore_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/value/json_patch.h"

namespace sluice::helm_controller {
namespace {

constexpr const char* kPatterns[] = {"group", "version", "kind", "name", "namespace"};

std::string FieldOf(const Value& object, absl::string_view field) {
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  if (field == "group") return gvk.group;
  if (field == "version") return gvk.version;
  if (field == "kind") return gvk.kind;
  return std::string(field == "name" ? kube::Name(object) : kube::Namespace(object));
}

absl::StatusOr<std::optional<kube::LabelSelector>> ParseSelector(const Value& text) {
  if (text.str().empty()) return std::nullopt;
  ASSIGN_OR_RETURN(kube::LabelSelector selector, kube::LabelSelector::Parse(text.str()));
  return std::optional<kube::LabelSelector>(std::move(selector));
}

}  // namespace

absl::StatusOr<IgnoreRules> IgnoreRules::Parse(const Value& list) {
  IgnoreRules result;
  for (const Value& item : list.items()) {
    Rule rule;
    rule.paths = api::TextList(item["paths"]);
    const Value& target = item["target"];
    for (const char* field : kPatterns) {
      if (target[field].str().empty()) continue;
      ASSIGN_OR_RETURN(text::Regexp pattern,
                       text::Regexp::Compile(absl::StrCat("^(?:", target[field].str(), ")$")));
      rule.patterns.emplace(field, std::move(pattern));
    }
    ASSIGN_OR_RETURN(rule.labels, ParseSelector(target["labelSelector"]));
    ASSIGN_OR_RETURN(rule.annotations, ParseSelector(target["annotationSelector"]));
    result.rules_.push_back(std::move(rule));
  }
  return result;
}

bool IgnoreRules::Rule::IsAbout(const Value& object) const {
  for (const auto& [field, pattern] : patterns) {
    if (!pattern.MatchesIn(FieldOf(object, field))) return false;
  }
  const Value& metadata = object["metadata"];
  if (labels.has_value() && !labels->Matches(api::TextMap(metadata["labels"]))) return false;
  return !annotations.has_value() || annotations->Matches(api::TextMap(metadata["annotations"]));
}

bool IgnoreRules::IgnoresAll(const Value& object) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return std::find(rule.paths.begin(), rule.paths.end(), "") != rule.paths.end() &&
           rule.IsAbout(object);
  });
}

Value IgnoreRules::Without(const Value& object, const Value& state) const {
  Value result = state;
  for (const Rule& rule : rules_) {
    if (!rule.IsAbout(object)) continue;
    for (const std::string& path : rule.paths) {
      const Value removal(Value::Array{{{"op", "remove"}, {"path", path}}});
      auto removed = value::ApplyJsonPatch(result, removal);
      if (removed.ok())
        result = *std::move(removed);  // a path that is not there is as it should be
    }
  }
  return result;
}

}  // namespace sluice::helm_controller
