// A certificate with its private key, in the forms that people store them in behind a password.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::crypto {

// What `bytes` hold as PEM without password: the key in PKCS #8, then the certificates, that of the
// key first if they come from a PKCS #12 file, else in their order. `bytes` are PEM, whose key may
// be encrypted with `password`, or PKCS #12 (a .pfx file), also with the ciphers of old, which need
// OpenSSL's legacy provider. kInvalidArgument, quoting nothing, for anything else and for a wrong
// password.
absl::StatusOr<Secret> KeyStoreToPem(const Secret& bytes, const Secret& password);

}  // namespace sluice::crypto
