// Adapting recorded ownership to a schema that has changed since.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/ownership/field_set.h"
#include "common/devapi/schema/schema.h"

namespace sluice::devapi {

// `fields` where everything below a map or list that is owned as a whole now counts as that map or
// list. (What is no longer owned as a whole stays as it was recorded.)
FieldSet ReconcileWithSchema(const Schema& schema, const FieldSet& fields);

}  // namespace sluice::devapi
