// JSON pointers (RFC 6901).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

// "a/b~c" as "a~1b~0c".
std::string EscapeToken(absl::string_view token);

// `pointer` and the tokens below it.
std::string Below(absl::string_view pointer, absl::string_view token);
std::string Below(absl::string_view pointer, absl::string_view token, absl::string_view next);

enum class LookupFault { kInvalid, kNotFound };

// What is at `pointer` in `root`: null, with the reason in `fault`, if there is nothing.
const Value* LookUp(const Value& root, absl::string_view pointer, LookupFault& fault);

}  // namespace sluice::jsonschema
