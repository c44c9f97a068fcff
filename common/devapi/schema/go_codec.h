// Reading objects of built-in kinds as Go's encoding/json reads them into the API's types, and
// writing them back: what the API server does to every object before anything else. So empty
// optional fields vanish, required ones appear with their zero value, quantities and times take
// their canonical form, unknown fields are dropped, and a value of the wrong type is an error.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct GoDecoded {
  Value value;
  // Members that the types do not have, sorted: "spec.foo", "spec.containers[0].bar". The server
  // refuses them or warns of them, as fieldValidation says.
  std::vector<std::string> unknown;
};

// `value` through the type that `schema`, from BuiltinKinds, describes. kInvalidArgument with Go's
// text: "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type
// int32".
absl::StatusOr<GoDecoded> GoDecode(const Schema& schema, const Value& value);

// The same for metadata of custom resources and of the resources embedded in them, by `root`, the
// schema of the whole object: `object`'s metadata is replaced, unknown fields are added to
// `unknown`. The errors are worded as apiextensions words them.
absl::Status GoDecodeMetadata(const Schema& root, const Schema& object_meta, Value& object,
                              std::vector<std::string>& unknown);

}  // namespace sluice::devapi
