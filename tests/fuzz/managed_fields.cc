// managedFields of live objects: taking over what kubectl left is a patch, or nothing.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "common/ssa/managed_fields.h"
#include "common/ssa/prepare.h"
#include "common/value/json_patch.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(managed_fields, input) {
  auto live = value::ParseYaml(input);
  if (!live.ok()) return;
  const std::vector<std::string> overridden = {"old-manager"};
  const Value patch = ssa::CleanupPatch(*live, "kustomize-controller", overridden);
  if (!patch.is_null()) {
    Require(value::ApplyJsonPatch(*live, patch).ok(), "the patch can be applied");
  }
  if (live->is_object()) ssa::Prepare(*live);
}

}  // namespace sluice::fuzz
