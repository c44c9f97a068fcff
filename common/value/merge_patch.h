// JSON Merge Patch (RFC 7386) as the API server does it (evanphx/json-patch 4.12), and how to make
// one from two documents.
//
// Beyond the RFC, nulls of objects inside a list of the patch are dropped too, unless that list
// replaces an object.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::value {

// `document` with `patch` merged in: null deletes a member, objects merge, anything else replaces.
// A patch that is no object replaces the document; the API server refuses one before it gets here.
Value ApplyMergePatch(const Value& document, const Value& patch);

// The patch that turns `original` into `modified`; an empty object if they are equal. 1 and 1.0
// count as equal. Of documents that are not both objects, `modified` itself.
//
// A null in `modified` cannot be told by a merge patch: such a member is deleted by the result.
Value CreateMergePatch(const Value& original, const Value& modified);

}  // namespace sluice::value
