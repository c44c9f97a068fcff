// JSON Web Tokens that we sign to ask for other tokens (RFC 7523).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"
#include "common/value/value.h"

namespace sluice::bucket {

// RS256; `header` is added to alg and typ. kInvalidArgument for a key that is no RSA key in PEM.
absl::StatusOr<Secret> SignJwt(const Secret& private_key_pem, const Value& header,
                               const Value& claims);

// POSTs `form` to a token endpoint (RFC 6749) and gives the token of the answer. The form's values
// are escaped here.
absl::StatusOr<BearerToken> RequestToken(const Context& ctx, http::Transport& transport,
                                         const std::string& endpoint,
                                         const std::vector<std::pair<std::string, Secret>>& form,
                                         absl::Time now);

// The token of a token endpoint's answer: access_token, expires_in.
absl::StatusOr<BearerToken> TokenOf(const http::Response& response, absl::Time now);

}  // namespace sluice::bucket
