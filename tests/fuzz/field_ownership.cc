// Server-side apply in the development API server: the sections are documents that managers apply
// or write one after the other. What is stored has managed fields that can be read.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/field_ownership.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(field_ownership, input) {
  const auto documents = value::ParseYamlStream(input);
  if (!documents.ok()) return;
  devapi::FieldManagerOptions options;
  options.api_version = "v1";
  options.kind = "Thing";
  options.schema = &devapi::DeducedSchema();
  const devapi::FieldManager fields(std::move(options));
  Value live;
  int writes = 0;
  for (const value::YamlDocument& document : *documents) {
    if (!document.value.is_object() || ++writes > 10) continue;
    const absl::Time now = absl::FromUnixSeconds(writes);
    if (writes % 3 == 0) {
      live = fields.Update(live, document.value, "updater", now);
    } else {
      const auto applied =
          fields.Apply(live, document.value, writes % 2 == 0 ? "a" : "b", /*force=*/true, now);
      if (!applied.ok()) continue;
      live = applied->object;
    }
    const Value& managed = live["metadata"]["managedFields"];
    Require(devapi::DecodeManagedFields(managed).ok(), "managed fields can be read",
            value::FormatJson(live));
  }
}

}  // namespace sluice::fuzz
