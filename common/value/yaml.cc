// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml.h"

#include <optional>

#include "common/base/status_macros.h"
#include "common/value/yaml_composer.h"
#include "common/value/yaml_format.h"

namespace sluice::value {

absl::StatusOr<Value> ParseYaml(absl::string_view text, const YamlOptions& options) {
  YamlComposer composer(text, options);
  ASSIGN_OR_RETURN(std::optional<YamlDocument> document, composer.Next());
  return document.has_value() ? std::move(document->value) : Value();
}

absl::StatusOr<std::vector<YamlDocument>> ParseYamlStream(absl::string_view text,
                                                          const YamlOptions& options) {
  YamlComposer composer(text, options);
  std::vector<YamlDocument> documents;
  while (true) {
    ASSIGN_OR_RETURN(std::optional<YamlDocument> document, composer.Next());
    if (!document.has_value()) return documents;
    if (!document->value.is_null()) documents.push_back(std::move(*document));
  }
}

absl::StatusOr<std::string> JsonToYaml(absl::string_view json) {
  YamlComposer composer(json, {}, YamlFloats::kAsTheyAre);
  ASSIGN_OR_RETURN(const std::optional<YamlDocument> document, composer.Next());
  return FormatYaml(document.has_value() ? document->value : Value(), YamlFloats::kAsTheyAre);
}

}  // namespace sluice::value
