// Detached signatures of SSH keys ("SSHSIG", OpenSSH's PROTOCOL.sshsig), as `ssh-keygen -Y sign`
// and Git make them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/signature/ssh_key.h"

namespace sluice::signature {

// The key among `keys` that made the armoured `signature` of `payload` for `name_space` ("git").
// kInvalidArgument for what is no signature, kPermissionDenied if none of the keys made it. The
// pointer is into `keys`.
absl::StatusOr<const SshPublicKey*> VerifySshSignature(absl::string_view signature,
                                                       absl::string_view payload,
                                                       absl::string_view name_space,
                                                       std::span<const SshPublicKey> keys);

}  // namespace sluice::signature
