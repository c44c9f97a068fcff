// SPDX-License-Identifier: Apache-2.0
#include "common/api/image/image_policy.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::api {
namespace {

kube::ObjectKey RepositoryKey(absl::string_view ns, const Value& spec) {
  const Value& reference = spec["imageRepositoryRef"];
  const std::string other = Text(reference["namespace"]);
  return {other.empty() ? std::string(ns) : other, Text(reference["name"])};
}

DigestReflection DecodeReflection(absl::string_view text) {
  if (text == "Always") return DigestReflection::kAlways;
  return text == "IfNotPresent" ? DigestReflection::kIfNotPresent : DigestReflection::kNever;
}

// "host:5000/name:tag": the tag is behind the last colon that no slash follows.
std::optional<ImageRef> DecodeLatestImage(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || text.find('/', colon) != absl::string_view::npos) {
    return std::nullopt;
  }
  return ImageRef{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)), ""};
}

}  // namespace

std::optional<ImageRef> ImageRef::Decode(const Value& value) {
  if (!value.is_object()) return std::nullopt;
  return ImageRef{Text(value["name"]), Text(value["tag"]), Text(value["digest"])};
}

Value ImageRef::Encode() const {
  Value value = {{"name", name}, {"tag", tag}};
  if (!digest.empty()) value.Set("digest", digest);
  return value;
}

std::string ImageRef::ToString() const {
  return digest.empty() ? absl::StrCat(name, ":", tag) : absl::StrCat(name, ":", tag, "@", digest);
}

absl::StatusOr<ImagePolicySpec> DecodeImagePolicySpec(absl::string_view ns, const Value& spec) {
  ImagePolicySpec result;
  result.repository = RepositoryKey(ns, spec);
  const Value& policy = spec["policy"];
  if (policy["semver"].is_object()) result.semver_range = Text(policy["semver"]["range"]);
  if (policy["alphabetical"].is_object()) {
    result.alphabetical_order = Text(policy["alphabetical"]["order"]);
  }
  if (policy["numerical"].is_object()) result.numerical_order = Text(policy["numerical"]["order"]);
  if (const Value& filter = spec["filterTags"]; filter.is_object()) {
    result.filter_tags = FilterTags{Text(filter["pattern"]), Text(filter["extract"])};
  }
  result.digest_reflection = DecodeReflection(spec["digestReflectionPolicy"].str());
  if (!spec["interval"].is_null()) {
    ASSIGN_OR_RETURN(result.interval,
                     DurationField(spec["interval"], "spec.interval", absl::ZeroDuration()));
  }
  result.suspend = spec["suspend"].bool_or(false);
  return result;
}

ImagePolicyStatus ImagePolicyStatus::Decode(const Value& status) {
  ImagePolicyStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.latest_ref = ImageRef::Decode(status["latestRef"]);
  if (!result.latest_ref.has_value()) {
    result.latest_ref = DecodeLatestImage(status["latestImage"].str());
  }
  result.observed_previous_ref = ImageRef::Decode(status["observedPreviousRef"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value ImagePolicyStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (latest_ref.has_value()) status.Set("latestRef", latest_ref->Encode());
  if (observed_previous_ref.has_value()) {
    status.Set("observedPreviousRef", observed_previous_ref->Encode());
  }
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

kube::ObjectKey ImageRepositoryOf(const Value& policy) {
  return RepositoryKey(kube::Namespace(policy), policy["spec"]);
}

}  // namespace sluice::api
