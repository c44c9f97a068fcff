// The key that a document's values are encrypted with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/sops/metadata.h"

namespace sluice::sops {

// What holds the private halves of master keys, or may use them. Thread-safe.
class KeyService {
 public:
  virtual ~KeyService() = default;

  // What is encrypted in `key`. Any error leads to the next key of the group; its message becomes
  // part of a status that users read, so it must hold no secret.
  virtual absl::StatusOr<Secret> Decrypt(const Context& ctx, const MasterKey& key) = 0;
};

// From each group the first key that can be decrypted; several groups are combined.
// kPermissionDenied with the reasons by group and key, laid out as SOPS does, if too few could;
// ctx.Check()'s.
absl::StatusOr<Secret> RecoverDataKey(const Context& ctx, const Metadata& metadata,
                                      KeyService& service);

}  // namespace sluice::sops
