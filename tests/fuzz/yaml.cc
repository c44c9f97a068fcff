// YAML: what is printed can be read again and means the same, and the short cut for plain manifests
// agrees with the long way.

// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml.h"

#include "absl/strings/match.h"
#include "common/value/json.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_plain.h"
#include "common/value/yaml_resources.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

// go-yaml prints some values so that they do not come back: texts with Unicode's line breaks, "<<"
// as a key without quotes, and -0.0 as 0.
bool IsPrintedWrong(absl::string_view json) {
  for (size_t at = json.find("-0"); at != json.npos; at = json.find("-0", at + 1)) {
    const absl::string_view after = json.substr(at + 2);
    if (after.empty() || absl::StrContains(",]}", after[0])) return true;
  }
  return absl::StrContains(json, "\\u2028") || absl::StrContains(json, "\\u2029") ||
         absl::StrContains(json, "\xC2\x85") || absl::StrContains(json, "\"\\u003c\\u003c\":");
}

void CheckV2(absl::string_view input) {
  const auto value = value::ParseYaml(input);
  static_cast<void>(value::ParseYaml(input, {.strict = true}));
  static_cast<void>(value::ParseYamlStream(input));
  if (!value.ok()) return;
  const std::string json = value::FormatJson(*value);
  const std::string printed = value::FormatYaml(*value);
  const auto reread = value::ParseYaml(printed);
  Require(reread.ok() || IsPrintedWrong(json), "printed YAML can be read", printed);
  Require(IsPrintedWrong(json) || *reread == *value, "printed YAML means the same", printed);
  static_cast<void>(value::MarshalYaml(*value));
}

void CheckV3(absl::string_view input) {
  static_cast<void>(value::ParseKyaml(input));
  static_cast<void>(value::ParseYamlNodes(input));
  if (auto resources = value::ReadYamlResources(input, {.keep_sequence_indent = true});
      resources.ok()) {
    static_cast<void>(value::WriteYamlResources(*std::move(resources)));
  }
  const auto plain = value::ReadPlainYaml(input);
  const auto node = value::ParseYamlNode(input);
  if (!plain.has_value()) return;
  Require(node.ok(), "plain YAML can be read the long way", input);
  if (*node == nullptr) {
    Require(plain->value.is_null(), "no document is null", input);
    return;
  }
  if (plain->value.is_null()) return;
  const auto value = value::KyamlNodeToValue(**node);
  Require(value.ok() && *value == plain->value, "the short cut agrees with the long way",
          value::FormatYamlNode(**node));
}

}  // namespace

FUZZ_TARGET(yaml, input) {
  CheckV2(input);
  CheckV3(input);
}

}  // namespace sluice::fuzz
