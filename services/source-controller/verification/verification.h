// spec.verify of OCIRepository and HelmChart: whether an artifact in a registry is signed by those
// whom the user trusts (spec/source.md §4.8, §5.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/oci_repository.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/oci/client.h"

namespace sluice::source_controller {

enum class Verdict {
  kVerified,
  kIgnored,  // nobody vouches for it, and the policy does not ask for more
};

// What verifications work with. All of it outlives the call.
struct VerificationServices {
  kube::Client& client;
  oci::Client& registry;
  Clock& clock;
  // Of the public Sigstore, for identities without a trusted root of their own: the path of a
  // trusted_root.json; "" if there is none.
  const std::string& public_root_path;
};

// Whether `artifact`, which has a digest, is signed as `verify` asks for. The Secrets are those of
// `ns`. An error says why not, without the words that the condition puts before it.
absl::StatusOr<Verdict> VerifyArtifact(const Context& ctx, const VerificationServices& services,
                                       const std::string& ns, const oci::Reference& artifact,
                                       const api::OciVerification& verify);

// "failed to verify the signature using provider 'cosign keyless'".
std::string VerificationFailure(const api::OciVerification& verify);

}  // namespace sluice::source_controller
