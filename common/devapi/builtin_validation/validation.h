// Checking objects of built-in kinds: what users run into (Kubernetes 1.34). Kinds without a row of
// their own are checked for their metadata only. Where the reference prints a value in the form of
// its internal Go types, or a diff, we print the object's own form.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

// `object` is decoded, defaulted and prepared, and has its uid and namespace.
FieldErrors ValidateBuiltinCreate(absl::string_view group, absl::string_view version,
                                  absl::string_view kind, bool namespaced, const Value& object);

// `object` is to replace `old`.
FieldErrors ValidateBuiltinUpdate(absl::string_view group, absl::string_view version,
                                  absl::string_view kind, bool namespaced, const Value& old,
                                  const Value& object);

}  // namespace sluice::devapi
