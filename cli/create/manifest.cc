// SPDX-License-Identifier: Apache-2.0
#include "cli/create/manifest.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/value/yaml.h"

namespace sluice::cli {

std::string FormatManifest(const Value& object) {
  Value shown;
  for (const value::Member& member : object.members()) {
    if (member.key != "status" && member.key != "metadata") shown.Set(member.key, member.value);
  }
  for (const absl::string_view field : {"name", "namespace", "labels", "annotations"}) {
    const Value& value = object["metadata"][field];
    if (!value.is_null()) shown.Ensure("metadata").Set(field, value);
  }
  return absl::StrCat("---\n", value::FormatYaml(shown));
}

}  // namespace sluice::cli
