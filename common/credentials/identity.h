// Whose cloud identity stands in for credentials: the object's service account, the controller's
// default one, or the process's own (spec/source.md §6.4, spec/image.md §4.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/cloud_identity/services.h"

namespace sluice::credentials {

// The feature gate behind IdentityOptions::of_objects.
inline constexpr char kObjectLevelWorkloadIdentity[] = "ObjectLevelWorkloadIdentity";

// Whose cloud identity may stand in for credentials.
struct IdentityOptions {
  bool of_objects = false;              // objects may name service accounts
  std::string default_service_account;  // of those that name none; "": the process's own
};

inline constexpr char kGenericProvider[] = "generic";

// OK unless an object whose provider is a cloud names a service account where that is not enabled:
// kFailedPrecondition in Flux's words, with the reason kFeatureGateDisabled, and stalling. `where`
// follows the field's name: "" or " in the ImageRepository".
inline constexpr char kFeatureGateDisabled[] = "FeatureGateDisabled";
absl::Status CheckIdentityGate(absl::string_view provider, absl::string_view service_account,
                               const IdentityOptions& options, absl::string_view where = "");

// kInvalidArgument for flags that give a default service account but do not let it be used.
absl::Status CheckIdentityFlags(const IdentityOptions& options);

// The identity of an object in `ns` that names `service_account`, or none.
cloud_identity::Identity IdentityOf(const std::string& ns, const std::string& service_account,
                                    const IdentityOptions& options);

}  // namespace sluice::credentials
