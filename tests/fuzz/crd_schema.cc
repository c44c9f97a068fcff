// Schemas of custom resources: the first section is OpenAPI, the second an object, which is pruned,
// defaulted and validated; doing so again changes nothing.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/schema/prune.h"
#include "common/devapi/schema/validate.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(crd_schema, input) {
  static const auto* const kKinds = new devapi::BuiltinKinds();
  const auto sections = Sections(input);
  const auto open_api = value::ParseYaml(sections.begin()->second);
  auto object = value::ParseYaml(sections.rbegin()->second);
  if (!open_api.ok() || !object.ok() || !object->is_object()) return;
  const auto schema = devapi::CompileCustomSchema(*open_api, kKinds->object_meta());
  if (!schema.ok()) return;
  const devapi::Schema& root = *(*schema)->root;
  (void)devapi::PruneUnknown(root, *object);
  devapi::ApplyDefaults(root, *object);
  (void)devapi::ValidateCustomObject(**schema, *object);
  Value again = *object;
  devapi::ApplyDefaults(root, again);
  Require(again == *object, "defaults are given once", value::FormatJson(again));
}

}  // namespace sluice::fuzz
