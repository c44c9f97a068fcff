// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/tables/format.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/duration.h"
#include "common/base/human_duration.h"

namespace sluice::devapi {
namespace {

std::string Joined(const Value& list, const char* key) {
  std::vector<std::string> parts;
  for (const Value& item : list.items()) parts.emplace_back(item[key].str());
  return absl::StrJoin(parts, ",");
}

}  // namespace

std::string Age(const Value& timestamp, absl::Time now) {
  if (timestamp.str().empty()) return "<unknown>";
  const absl::StatusOr<absl::Time> time = ParseRfc3339(timestamp.str());
  if (!time.ok()) return "<invalid>";
  return HumanDuration(now - *time);
}

std::string ObjectAge(const Value& object, absl::Time now) {
  return Age(object["metadata"]["creationTimestamp"], now);
}

std::string FormatLabels(const Value& labels) {
  if (labels.empty()) return "<none>";
  std::vector<std::string> parts;
  for (const value::Member& label : labels.members()) {
    parts.push_back(absl::StrCat(label.key, "=", label.value.str()));
  }
  return absl::StrJoin(parts, ",");
}

std::string FormatSelector(const Value& selector) {
  std::vector<std::string> parts;
  for (const value::Member& label : selector["matchLabels"].members()) {
    parts.push_back(absl::StrCat(label.key, "=", label.value.str()));
  }
  for (const Value& expression : selector["matchExpressions"].items()) {
    const absl::string_view key = expression["key"].str();
    const absl::string_view op = expression["operator"].str();
    std::vector<std::string> values;
    for (const Value& item : expression["values"].items()) values.emplace_back(item.str());
    if (op == "In" || op == "NotIn") {
      parts.push_back(
          absl::StrCat(key, op == "In" ? " in (" : " notin (", absl::StrJoin(values, ","), ")"));
    } else {
      parts.push_back(op == "Exists" ? std::string(key) : absl::StrCat("!", key));
    }
  }
  return parts.empty() ? "<none>" : absl::StrJoin(parts, ",");
}

std::string ContainerNames(const Value& pod_spec) { return Joined(pod_spec["containers"], "name"); }
std::string ContainerImages(const Value& pod_spec) {
  return Joined(pod_spec["containers"], "image");
}

}  // namespace sluice::devapi
