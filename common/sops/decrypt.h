// Decryption of documents that SOPS encrypted (format and messages of SOPS 3.11, as
// kustomize-controller 1.9 uses it).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/sops/data_key.h"
#include "common/sops/format.h"

namespace sluice::sops {

struct DecryptOptions {
  // Whether the values, encrypted or not, must be those that were encrypted, in their order. Not
  // for documents that have been changed since, as built objects are.
  bool verify_mac = true;
};

// `text` read as `input`, decrypted, and written as `output`.
//
// kInvalidArgument for a malformed document; kPermissionDenied if no key was found, a value was
// changed or moved to another key, or the MAC is another. Messages hold neither values nor keys.
absl::StatusOr<std::string> Decrypt(const Context& ctx, absl::string_view text, Format input,
                                    Format output, KeyService& service,
                                    const DecryptOptions& options = {});

}  // namespace sluice::sops
