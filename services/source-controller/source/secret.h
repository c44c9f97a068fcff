// The Secrets that sources refer to: common/credentials under this folder's names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/credentials/secret.h"

namespace sluice::source_controller {

using credentials::BasicAuth;
using credentials::BasicAuthFromSecret;
using credentials::ReadProxyUrl;
using credentials::ReadSecret;
using credentials::SecretData;
using credentials::TlsFromSecret;
using credentials::ValueOf;

}  // namespace sluice::source_controller
