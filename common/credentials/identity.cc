// SPDX-License-Identifier: Apache-2.0
#include "common/credentials/identity.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"

namespace sluice::credentials {

absl::Status CheckIdentityGate(absl::string_view provider, absl::string_view service_account,
                               const IdentityOptions& options, absl::string_view where) {
  if (provider.empty() || provider == kGenericProvider) return absl::OkStatus();
  if (service_account.empty() || options.of_objects) return absl::OkStatus();
  return api::Stalling(api::WithReason(
      absl::FailedPreconditionError(absl::StrCat("to use spec.serviceAccountName", where,
                                                 " for provider authentication please enable the ",
                                                 kObjectLevelWorkloadIdentity,
                                                 " feature gate in the controller")),
      kFeatureGateDisabled));
}

absl::Status CheckIdentityFlags(const IdentityOptions& options) {
  if (options.default_service_account.empty() || options.of_objects) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--default-service-account needs --feature-gates=", kObjectLevelWorkloadIdentity, "=true"));
}

cloud_identity::Identity IdentityOf(const std::string& ns, const std::string& service_account,
                                    const IdentityOptions& options) {
  const std::string& account =
      service_account.empty() ? options.default_service_account : service_account;
  if (account.empty()) return std::nullopt;
  return kube::ObjectKey{ns, account};
}

}  // namespace sluice::credentials
