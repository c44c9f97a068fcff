// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/build.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/target.h"
#include "common/kustomize/transformers/metadata.h"
#include "common/kustomize/transformers/sort_order.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

bool Wants(const Kustomization& kustomization, absl::string_view option) {
  const auto& list = kustomization.build_metadata;
  return std::find(list.begin(), list.end(), option) != list.end();
}

// Annotations that tools leave in files and that must not reach a cluster.
bool IsBuildAnnotation(absl::string_view key) {
  static constexpr absl::string_view kKeys[] = {
      "config.k8s.io/id",
      "config.kubernetes.io/index",
      "config.kubernetes.io/path",
      "internal.config.kubernetes.io/allowKindChange",
      "internal.config.kubernetes.io/allowNameChange",
      "internal.config.kubernetes.io/annotations-migration-resource-id",
      "internal.config.kubernetes.io/generatorBehavior",
      "internal.config.kubernetes.io/helm-generated",
      "internal.config.kubernetes.io/id",
      "internal.config.kubernetes.io/index",
      "internal.config.kubernetes.io/needsHashSuffix",
      "internal.config.kubernetes.io/path",
      "internal.config.kubernetes.io/prefixes",
      "internal.config.kubernetes.io/previousKinds",
      "internal.config.kubernetes.io/previousNames",
      "internal.config.kubernetes.io/previousNamespaces",
      "internal.config.kubernetes.io/refBy",
      "internal.config.kubernetes.io/seqindent",
      "internal.config.kubernetes.io/suffixes",
  };
  return std::binary_search(std::begin(kKeys), std::end(kKeys), key);
}

absl::Status CleanAnnotations(BuildState& state, Resource& resource, bool keep_origin,
                              bool keep_transformations) {
  TextMap annotations = MetadataTexts(resource.root, "annotations");
  if (annotations.empty() && keep_origin && keep_transformations) return absl::OkStatus();
  std::erase_if(annotations, [](const auto& entry) { return IsBuildAnnotation(entry.first); });
  if (!keep_origin) EraseText(annotations, kOriginAnnotation);
  if (!keep_transformations) EraseText(annotations, kTransformationsAnnotation);
  return SetMetadataTexts(state.arena(), resource.root, "annotations", annotations);
}

absl::Status Order(ResMap& map, const Kustomization& kustomization, Reorder reorder) {
  if (kustomization.sort_options.has_value()) return SortAs(map, *kustomization.sort_options);
  return reorder == Reorder::kLegacy ? SortLegacy(map) : absl::OkStatus();
}

absl::Status Finish(BuildState& state, ResMap& map, const Kustomization& kustomization) {
  const BuildOptions& options = state.options();
  RETURN_IF_ERROR(Order(map, kustomization, options.reorder));
  if (options.managed_by_label || Wants(kustomization, "managedByLabel")) {
    RETURN_IF_ERROR(SetTexts(map, {{"app.kubernetes.io/managed-by", "kustomize-v5.8.1"}},
                             {FieldSpec("", "", "", "metadata/labels", true)}));
  }
  const bool keep_origin = Wants(kustomization, "originAnnotations");
  const bool keep_transformations = Wants(kustomization, "transformerAnnotations");
  for (Resource* resource : map.resources()) {
    RETURN_IF_ERROR(CleanAnnotations(state, *resource, keep_origin, keep_transformations));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Value>> ToValues(const BuildState& state, const ResMap& map) {
  std::vector<Value> values;
  values.reserve(map.size());
  for (const Resource* resource : map.resources()) {
    absl::StatusOr<Value> value = ToValue(resource->root);
    if (!value.ok()) {
      return Annotate(value.status(), state.CurrentId(*resource).ToString());
    }
    value = AsPrinted(*std::move(value));
    if (!value.ok()) {
      return Annotate(value.status(), state.CurrentId(*resource).ToString());
    }
    values.push_back(*std::move(value));
  }
  return values;
}

}  // namespace

std::string BuildResult::ToYaml() const {
  std::string text;
  for (const Value& resource : resources) {
    if (!text.empty()) text += "---\n";
    text += value::FormatYaml(resource);
  }
  return text;
}

absl::StatusOr<BuildResult> Build(const fs::Tree& tree, absl::string_view path,
                                  const BuildOptions& options) {
  TreeReader reader(tree, options);
  BuildState state(options);
  ASSIGN_OR_RETURN(const std::unique_ptr<FileLoader> loader, FileLoader::AtRoot(reader, path));
  ASSIGN_OR_RETURN(const std::unique_ptr<Target> target, Target::Load(state, *loader));
  const Kustomization& kustomization = target->kustomization();
  RETURN_IF_ERROR(UseSchemaOf(state, *loader, kustomization, /*at_root=*/true));
  ASSIGN_OR_RETURN(ResMap map, target->Customize());
  RETURN_IF_ERROR(Finish(state, map, kustomization));
  BuildResult result;
  ASSIGN_OR_RETURN(result.resources, ToValues(state, map));
  result.warnings = std::move(state.warnings());
  result.inputs = std::move(reader.inputs());
  return result;
}

}  // namespace sluice::kustomize
