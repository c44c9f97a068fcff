// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/crd_config.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

// Types that refer to each other in a circle end here.
constexpr size_t kMaxDepth = 32;

class CrdReader {
 public:
  CrdReader(const Value& definitions, TransformerConfig& config)
      : definitions_(definitions), config_(config) {}

  absl::Status Read(absl::string_view kind, absl::string_view type, const std::string& path,
                    size_t depth) {
    const Value* definition = definitions_.Find(type);
    if (definition == nullptr || depth > kMaxDepth) return absl::OkStatus();
    for (const value::Member& property : Properties(*definition).members()) {
      const std::string field = path.empty() ? property.key : absl::StrCat(path, "/", property.key);
      const FieldSpec spec("", "", kind, field, false);
      const Value& schema = property.value;
      if (schema["x-kubernetes-annotation"].is_string()) {
        RETURN_IF_ERROR(MergeFieldSpecs(config_.common_annotations, {spec}));
      }
      if (schema["x-kubernetes-label-selector"].is_string()) {
        RETURN_IF_ERROR(MergeFieldSpecs(config_.common_labels, {spec}));
      }
      if (schema["x-kubernetes-identity"].is_string()) {
        RETURN_IF_ERROR(MergeFieldSpecs(config_.name_prefix, {spec}));
      }
      AddReference(kind, field, schema);
      if (const Value* ref = schema.Find("$ref"); ref != nullptr) {
        RETURN_IF_ERROR(Read(kind, ref->str(), field, depth + 1));
      }
    }
    return absl::OkStatus();
  }

  static const Value& Properties(const Value& definition) {
    const Value* schema = definition.Find("Schema");
    return (schema != nullptr ? *schema : definition["schema"])["properties"];
  }

 private:
  void AddReference(absl::string_view kind, const std::string& field, const Value& schema) {
    const Value& version = schema["x-kubernetes-object-ref-api-version"];
    const Value& target = schema["x-kubernetes-object-ref-kind"];
    if (!version.is_string() || !target.is_string()) return;
    const absl::string_view key = schema["x-kubernetes-object-ref-name-key"].string_or("name");
    NameReference reference;
    reference.version = std::string(version.str());
    reference.kind = std::string(target.str());
    reference.referrers.emplace_back("", "", kind, absl::StrCat(field, "/", key), false);
    for (NameReference& known : config_.name_references) {
      if (known.gvk() == reference.gvk()) {
        known.referrers.push_back(reference.referrers[0]);
        return;
      }
    }
    config_.name_references.push_back(std::move(reference));
  }

  const Value& definitions_;
  TransformerConfig& config_;
};

}  // namespace

absl::StatusOr<TransformerConfig> ConfigFromCrd(absl::string_view text) {
  ASSIGN_OR_RETURN(const Value definitions,
                   absl::StartsWith(text, "{") ? value::ParseJson(text) : value::ParseYaml(text));
  TransformerConfig config;
  for (const value::Member& member : definitions.members()) {
    const Value& properties = CrdReader::Properties(member.value);
    if (!properties.Has("kind") || !properties.Has("apiVersion") || !properties.Has("metadata")) {
      continue;
    }
    const size_t dot = member.key.rfind('.');
    const std::string kind = dot == std::string::npos ? member.key : member.key.substr(dot + 1);
    RETURN_IF_ERROR(CrdReader(definitions, config).Read(kind, member.key, "", 0));
  }
  SortConfig(config);
  return config;
}

}  // namespace sluice::kustomize
