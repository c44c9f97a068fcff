// The decryption of a Kustomization as its spec and the controller's options ask for it
// (spec/kustomize.md §2.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/kustomization_build/decryption.h"
#include "services/kustomize-controller/kustomization/decryption_keys.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

// kFailedPrecondition with Flux's words if the object asks for an identity of its own and the
// feature gate for that is off.
absl::Status CheckDecryptionIdentity(const api::KustomizationSpec& spec, const Options& options);

// With the keys of the Kustomization in namespace `ns`. Null if the spec asks for no decryption;
// the API server's error if the Secret is not there.
absl::StatusOr<std::unique_ptr<kustomization_build::Decryption>> CreateDecryption(
    const Context& ctx, const DecryptionServices& services, const Options& options,
    const std::string& ns, const api::KustomizationSpec& spec);

}  // namespace sluice::kustomize_controller
