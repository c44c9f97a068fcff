// As whom, and in which cluster, a HelmRelease is worked on (spec/helm.md §2.20).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// Refers to `services`, which must outlive it.
class Identity {
 public:
  // The cluster of spec.kubeConfig, or our own, as spec.serviceAccountName. kInvalidArgument or
  // kNotFound if the kubeconfig is of no use.
  static absl::StatusOr<std::unique_ptr<Identity>> Make(const Context& ctx,
                                                        const Services& services,
                                                        const Session& session);

  kube::Client& client() { return impersonating_ != nullptr ? *impersonating_ : *cluster_; }
  kube::Discovery& discovery() { return *discovery_; }
  CapabilitiesCache& capabilities() { return *capabilities_; }

 private:
  Identity() = default;

  std::unique_ptr<kube::Client> remote_;
  std::unique_ptr<kube::Discovery> remote_discovery_;
  std::unique_ptr<CapabilitiesCache> remote_capabilities_;
  kube::Client* cluster_ = nullptr;
  kube::Discovery* discovery_ = nullptr;
  CapabilitiesCache* capabilities_ = nullptr;
  std::unique_ptr<kube::Client> impersonating_;
};

// The name of the service account to act as; "" for the controller itself.
std::string ServiceAccountOf(const Session& session, const Options& options);

}  // namespace sluice::helm_controller
