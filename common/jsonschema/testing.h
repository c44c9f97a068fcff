// What a document is refused with, for this folder's tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "common/jsonschema/schema.h"
#include "common/value/json.h"

namespace sluice::jsonschema {

struct Row {
  const char* schema;
  const char* instance;
  const char* findings;  // empty: valid
};

// What the instance is refused with.
inline std::string Findings(const Row& row) {
  const absl::StatusOr<Schema> schema = Schema::Parse(row.schema);
  if (!schema.ok()) return absl::StrCat("refused: ", schema.status().message());
  const absl::Status status = schema->Validate(value::ParseJson(row.instance).value());
  return std::string(status.message());
}

}  // namespace sluice::jsonschema
