// One encrypted value: "ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/sops/tree.h"

namespace sluice::sops {

// The scalar that `text` holds; "" is the empty string. `path` is what the value is bound to: the
// keys above it, each with a ":" behind it.
//
// kInvalidArgument, without the text, for what is no such value; kPermissionDenied if it was
// encrypted under another key or path, or changed.
absl::StatusOr<Node> DecryptValue(absl::string_view text, const Secret& key,
                                  absl::string_view path);

}  // namespace sluice::sops
