// The string formats that the API server checks in custom resources (kube-openapi strfmt, 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace sluice::devapi {

// Whether `text` is of `format` ("date-time", "uuid", "ipv4", ...). True for formats that are not
// checked: those nobody knows, and isbn, creditcard and ssn, which no Kubernetes API uses.
bool MatchesFormat(absl::string_view format, absl::string_view text);

// Whether the API server knows `format` in a definition; it warns of others.
bool IsKnownFormat(absl::string_view format);

}  // namespace sluice::devapi
