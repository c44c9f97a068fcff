// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_policy/latest_ref.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::image_controller {

using api::DigestReflection;

bool NeedsDigest(DigestReflection reflection, const std::optional<api::ImageRef>& latest,
                 const api::ImageRef& picked) {
  if (reflection == DigestReflection::kAlways) return true;
  if (reflection == DigestReflection::kNever) return false;
  return !latest.has_value() || latest->name != picked.name || latest->tag != picked.tag ||
         latest->digest.empty();
}

std::string KnownDigest(DigestReflection reflection, const std::optional<api::ImageRef>& latest) {
  return reflection == DigestReflection::kNever || !latest.has_value() ? "" : latest->digest;
}

void Advance(api::ImageRef picked, api::ImagePolicyStatus& status) {
  if (status.latest_ref == picked) return;
  status.observed_previous_ref = std::exchange(status.latest_ref, std::move(picked));
}

std::string ResolvedMessage(const api::ImagePolicyStatus& status) {
  const api::ImageRef& latest = *status.latest_ref;
  std::string message =
      absl::StrCat("Latest image tag for ", latest.name, " resolved to ", latest.tag);
  if (!latest.digest.empty()) absl::StrAppend(&message, " with digest ", latest.digest);
  const auto& previous = status.observed_previous_ref;
  if (previous.has_value() && *previous != latest) {
    absl::StrAppend(&message, " (previously ", previous->ToString(), ")");
  }
  return message;
}

}  // namespace sluice::image_controller
