// Which redirects the client follows, and with what.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/message.h"

namespace sluice::http {

// 80 or 443 when `url` names none; 0 for another scheme.
int EffectivePort(const Url& url);
// Same scheme, host and effective port.
bool SameOrigin(const Url& a, const Url& b);

// Whether `status` is a redirect that a GET or HEAD follows unchanged.
bool IsRedirect(int status);

// Where `location` (absolute, or relative to `base`: RFC 3986 5.2) leads. kInvalidArgument if it is
// no http or https URL, kFailedPrecondition if it leads from https to http.
absl::StatusOr<Url> ResolveRedirect(const Url& base, absl::string_view location);

// Removes what must not reach another origin: credentials and cookies.
void DropCredentials(Headers& headers);

}  // namespace sluice::http
