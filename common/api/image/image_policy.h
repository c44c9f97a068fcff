// ImagePolicy (image.toolkit.fluxcd.io/v1): spec/image.md §5.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/meta/condition.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::api {

// status.latestRef and its like.
struct ImageRef {
  std::string name;
  std::string tag;
  std::string digest;  // "" for none

  // nullopt if `value` is no object.
  static std::optional<ImageRef> Decode(const Value& value);
  Value Encode() const;
  // "name:tag" or "name:tag@digest".
  std::string ToString() const;

  friend bool operator==(const ImageRef&, const ImageRef&) = default;
};

enum class DigestReflection { kNever, kIfNotPresent, kAlways };

struct FilterTags {
  std::string pattern;
  std::string extract;
};

struct ImagePolicySpec {
  kube::ObjectKey repository;
  // spec.policy; of each present part its argument.
  std::optional<std::string> semver_range;
  std::optional<std::string> alphabetical_order;
  std::optional<std::string> numerical_order;
  std::optional<FilterTags> filter_tags;
  DigestReflection digest_reflection = DigestReflection::kNever;
  std::optional<absl::Duration> interval;
  bool suspend = false;
};

struct ImagePolicyStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::optional<ImageRef> latest_ref;
  std::optional<ImageRef> observed_previous_ref;
  std::string last_handled_reconcile_at;

  // An object that v1beta1's controller left has one text, latestImage, instead of latestRef.
  static ImagePolicyStatus Decode(const Value& status);
  Value Encode() const;
};

// `ns` is the policy's namespace. kInvalidArgument names the field at fault.
absl::StatusOr<ImagePolicySpec> DecodeImagePolicySpec(absl::string_view ns, const Value& spec);

// The ImageRepository that a policy refers to, without reading the rest.
kube::ObjectKey ImageRepositoryOf(const Value& policy);

}  // namespace sluice::api
