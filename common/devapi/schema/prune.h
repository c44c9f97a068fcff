// Removing what a custom resource's schema does not know, and filling in its defaults: what the API
// server (apiextensions 1.34) does to every custom object that it reads, in this order:
// PruneUnknown, DropNulls, ApplyDefaults. Metadata is not touched: GoDecode (go_codec.h) does that.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Removes the members of `object` that `root` has no schema for, and returns their paths, sorted:
// "spec.foo", "spec.list[0].bar".
std::vector<std::string> PruneUnknown(const Schema& root, Value& object);

// Removes nulls from fields that are neither nullable nor have a default.
void DropNulls(const Schema& root, Value& object);

// Sets absent fields, and nulls where null is not allowed, to their defaults.
void ApplyDefaults(const Schema& root, Value& object);

}  // namespace sluice::devapi
