// Strings of documents whose schema gives them a format, as Kubernetes reads them
// (k8s.io/kube-openapi/pkg/validation/strfmt).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/cel/value.h"

namespace sluice::cel {

// "1h30m" and the longer forms: "3 weeks", "2 days".
Value DurationFromDocument(absl::string_view text, Arena& arena);
// "2006-01-02"
Value DateFromDocument(absl::string_view text, Arena& arena);
// RFC 3339, fractions of any length, zone optional.
Value TimeFromDocument(absl::string_view text, Arena& arena);
// Base64.
Value BytesFromDocument(absl::string_view text, Arena& arena);

}  // namespace sluice::cel
