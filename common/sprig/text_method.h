// What the types of package time have in common.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/gotmpl/function.h"

namespace sluice::sprig {

// The method String of a type whose values have a text.
inline gotmpl::Function TextMethod() {
  return {.name = "String",
          .result = &gotmpl::types::kString,
          .code = [](gotmpl::Call& call) -> absl::StatusOr<gotmpl::Value> {
            return gotmpl::Value::String(call[0].type()->text(call[0]));
          }};
}

}  // namespace sluice::sprig
