// Decryption of what a Kustomization builds from and of what it builds (spec/kustomize.md §2.6).
// Nothing that is decrypted is written to disk, or stands in a message.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/value/value.h"
#include "services/kustomize-controller/kustomization/decryption_keys.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

// kFailedPrecondition with Flux's words if the object asks for an identity of its own and the
// feature gate for that is off.
absl::Status CheckDecryptionIdentity(const api::KustomizationSpec& spec, const Options& options);

// For one run. Not thread-safe.
class Decryption {
 public:
  // Reads the keys of the Kustomization in namespace `ns`. Null if the spec asks for no decryption;
  // the API server's error if the Secret is not there.
  static absl::StatusOr<std::unique_ptr<Decryption>> Create(const Context& ctx,
                                                            const DecryptionServices& services,
                                                            const Options& options,
                                                            const std::string& ns,
                                                            const api::KustomizationSpec& spec);

  // `tree` with the files decrypted that the secretGenerators and patches of the kustomizations in
  // and below folder `path` name. Errors name the file.
  absl::StatusOr<std::shared_ptr<const fs::Tree>> DecryptSources(
      const Context& ctx, std::shared_ptr<const fs::Tree> tree, absl::string_view path);

  // A built object without encryption: as it is if it has none, or opted out.
  absl::StatusOr<Value> DecryptObject(const Context& ctx, const Value& object);

 private:
  Decryption(const DecryptionServices& services, AmbientIdentity identity, bool verify_mac)
      : keys_(services, std::move(identity)), verify_mac_(verify_mac) {}

  DecryptionKeys keys_;
  const bool verify_mac_;
};

// OK, or kFailedPrecondition for a Secret that SOPS encrypted and that is to be applied all the
// same.
absl::Status CheckNotEncrypted(const Value& object);

}  // namespace sluice::kustomize_controller
