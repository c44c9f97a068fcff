// JSON and YAML read as Go programs read them into a map, a list or anything: the value, and what
// Go says of the text.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/gotmpl/type.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// What was read. Beside an error it is nil, or what could be read all the same.
struct DecodedDocument {
  gotmpl::Value value;
  std::string error;  // "" if there was none
};

// encoding/json into a value of `type`: types::kMap, kList or kAny. Null is a nil of the type; a
// number that no float64 holds is nil and an error.
DecodedDocument DecodeJson(absl::string_view text, const gotmpl::Type& type);

// sigs.k8s.io/yaml, the same for the first document. Nothing and null are an empty map or list.
DecodedDocument DecodeYaml(absl::string_view text, const gotmpl::Type& type);

}  // namespace sluice::sprig
