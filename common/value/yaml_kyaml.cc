// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>

#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/yaml.h"
#include "common/value/yaml_aliases.h"
#include "common/value/yaml_decode.h"
#include "common/value/yaml_node.h"
#include "common/value/yaml_plain.h"
#include "common/value/yaml_resources.h"

namespace sluice::value {

absl::StatusOr<Value> KyamlNodeToValue(const YamlNode& node) {
  ASSIGN_OR_RETURN(const auto reread, ParseYamlNode(FormatYamlNode(node)));
  if (reread == nullptr) return Value::EmptyObject();
  ASSIGN_OR_RETURN(DecodedYaml decoded, DecodeYamlNode(*reread, DecodeTarget::kMapOrList));
  return DecodedYamlToValue(std::move(decoded));
}

absl::StatusOr<std::vector<YamlDocument>> ParseKyaml(absl::string_view text) {
  ASSIGN_OR_RETURN(const auto parts, SplitYamlResources(text));
  std::vector<YamlDocument> documents;
  absl::Status unusable;  // kyaml reads the whole file before it looks at what is in it
  const auto add = [&documents](const YamlPart& part, int line, Value value) {
    documents.push_back(YamlDocument{part.line + std::max(line - 1, 0), std::move(value)});
  };
  for (const YamlPart& part : parts) {
    if (std::optional<PlainYaml> plain = ReadPlainYaml(part.text)) {
      if (!plain->value.is_null()) add(part, plain->line, std::move(plain->value));
      continue;
    }
    auto node = ParseYamlNode(part.text);
    if (!node.ok()) return Annotate(node.status(), "MalformedYAMLError");
    if (!unusable.ok() || *node == nullptr || (*node)->content[0]->tag == "!!null") continue;
    const int line = (*node)->content[0]->line;
    if (unusable = ExpandYamlAliases(**node); !unusable.ok()) continue;
    auto value = KyamlNodeToValue(**node);
    if (value.ok()) {
      add(part, line, *std::move(value));
    } else {
      unusable = value.status();
    }
  }
  RETURN_IF_ERROR(unusable);
  return documents;
}

}  // namespace sluice::value
