// Decryption of what a Kustomization builds from and of what it builds (spec/kustomize.md §2.6).
// Nothing that is decrypted is written to disk, or stands in a message.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/sops/data_key.h"
#include "common/value/secret_texts.h"
#include "common/value/value.h"

namespace sluice::kustomization_build {

// For one run. Not thread-safe.
class Decryption {
 public:
  // With `verify_mac`, a file whose MAC is wrong is an error.
  Decryption(std::unique_ptr<sops::KeyService> keys, bool verify_mac)
      : keys_(std::move(keys)), verify_mac_(verify_mac) {}

  // `tree` with the files decrypted that the secretGenerators and patches of the kustomizations in
  // and below folder `path` name. Errors name the file.
  absl::StatusOr<std::shared_ptr<const fs::Tree>> DecryptSources(
      const Context& ctx, std::shared_ptr<const fs::Tree> tree, absl::string_view path);

  // A built object without encryption: as it is if it has none, or opted out.
  absl::StatusOr<Value> DecryptObject(const Context& ctx, const Value& object);

  // What has been decrypted so far.
  const value::SecretTexts& secrets() const { return secrets_; }

 private:
  const std::unique_ptr<sops::KeyService> keys_;
  const bool verify_mac_;
  value::SecretTexts secrets_;
};

// OK, or kFailedPrecondition for a Secret that SOPS encrypted and that is to be applied all the
// same.
absl::Status CheckNotEncrypted(const Value& object);

}  // namespace sluice::kustomization_build
