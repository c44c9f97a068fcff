// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/policies.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::image_controller {
namespace {

// One of matchExpressions in the form that requests write it.
absl::StatusOr<std::string> Requirement(const Value& expression) {
  const std::string key = api::Text(expression["key"]);
  const absl::string_view op = expression["operator"].str();
  const std::vector<std::string> values = api::TextList(expression["values"]);
  const std::string list = absl::StrCat("(", absl::StrJoin(values, ","), ")");
  if (op == "In" || op == "NotIn") {
    if (values.empty()) {
      return absl::InvalidArgumentError("for 'in', 'notin' operators, values set can't be empty");
    }
    return absl::StrCat(key, op == "In" ? " in " : " notin ", list);
  }
  if (op != "Exists" && op != "DoesNotExist") {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", op, "\" is not a valid label selector operator"));
  }
  if (!values.empty()) {
    return absl::InvalidArgumentError(
        "values set must be empty for exists and does not exist operators");
  }
  return absl::StrCat(op == "Exists" ? "" : "!", key);
}

}  // namespace

absl::StatusOr<kube::LabelSelector> SelectorOf(const Value& selector) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : api::TextMap(selector["matchLabels"])) {
    parts.push_back(absl::StrCat(key, "=", value));
  }
  for (const Value& expression : selector["matchExpressions"].items()) {
    ASSIGN_OR_RETURN(parts.emplace_back(), Requirement(expression));
  }
  return kube::LabelSelector::Parse(absl::StrJoin(parts, ","));
}

absl::StatusOr<std::map<std::string, api::ImageRef>> PickedImages(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const kube::LabelSelector& selector) {
  const auto policies = client.List(ctx, api::KindOrDie("ImagePolicy"), ns);
  if (!policies.ok()) return Annotate(policies.status(), "failed to list policies");
  std::map<std::string, api::ImageRef> images;
  for (const Value& policy : policies->items) {
    if (!selector.Matches(api::TextMap(policy["metadata"]["labels"]))) continue;
    auto latest = api::ImagePolicyStatus::Decode(policy["status"]).latest_ref;
    if (latest.has_value()) images.emplace(kube::Name(policy), *std::move(latest));
  }
  return images;
}

}  // namespace sluice::image_controller
