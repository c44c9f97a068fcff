// postBuild: ${variables} in built manifests (spec/kustomize.md §2.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/value/secret_texts.h"
#include "common/value/value.h"

namespace sluice::kustomization_build {

using Variables = std::map<std::string, std::string>;

// Variables of `post_build`: those of ConfigMaps and Secrets of namespace `ns` in order, then the
// inline ones. What Secrets hold is added to `secrets`, if that is not null. Errors name the object
// or variable, never a value.
absl::StatusOr<Variables> LoadVariables(const Context& ctx, kube::Client& client,
                                        const std::string& ns, const api::PostBuild& post_build,
                                        value::SecretTexts* secrets = nullptr);

// `object` with its variables replaced, as it is if it opted out. With `strict`, a variable without
// value and default is an error.
absl::StatusOr<Value> Substitute(const Value& object, const Variables& variables, bool strict);

}  // namespace sluice::kustomization_build
