// The annotation kubectl.kubernetes.io/last-applied-configuration, as moving from client-side to
// server-side apply treats it (apimachinery managedfields/internal/lastapplied*.go).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/devapi/ownership/field_set.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

bool HasLastApplied(const Value& object);

// Records `patch` in `object`, or removes the annotation if it would make all annotations larger
// than 256 KiB, so that the object may still be stored.
void SetLastApplied(const Value& patch, Value& object);

// The fields that client-side apply set and that nobody changed since; none if that was done in
// another version than `api_version`, or does not fit the schema.
FieldSet UnchangedSinceLastApplied(const Schema& schema, absl::string_view api_version,
                                   const Value& live);

}  // namespace sluice::devapi
