// The JSON patch from one document to another.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/value/value.h"

namespace sluice::helm_controller {

// Operations add, replace and remove, in an order in which they can be done; paths begin with
// `path`. Lists are compared place by place. Empty if the documents are equal.
Value JsonDiff(const Value& before, const Value& after, const std::string& path);

}  // namespace sluice::helm_controller
