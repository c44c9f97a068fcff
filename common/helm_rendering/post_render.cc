// SPDX-License-Identifier: Apache-2.0
#include "common/helm_rendering/post_render.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/memory_tree.h"
#include "common/kube/object.h"
#include "common/kustomize/build.h"
#include "common/value/yaml.h"

namespace sluice::helm_rendering {
namespace {

constexpr char kInput[] = "helm-output.yaml";

// One kustomization over the stream; `renderer` may be null.
absl::StatusOr<kustomize::BuildResult> Kustomize(const Value& renderer, std::string stream) {
  Value kustomization = {{"apiVersion", "kustomize.config.k8s.io/v1beta1"},
                         {"kind", "Kustomization"},
                         {"resources", Value(Value::Array{kInput})}};
  for (const char* field : {"patches", "images"}) {
    if (!renderer[field].empty()) kustomization.Set(field, renderer[field]);
  }
  // Fields of the versions before v2.
  if (!renderer["patchesStrategicMerge"].empty()) {
    Value& patches = kustomization.Set("patchesStrategicMerge", Value::EmptyArray());
    for (const Value& patch : renderer["patchesStrategicMerge"].items()) {
      patches.Append(value::FormatYaml(patch));
    }
  }
  if (!renderer["patchesJson6902"].empty()) {
    Value& patches = kustomization.Set("patchesJson6902", Value::EmptyArray());
    for (const Value& patch : renderer["patchesJson6902"].items()) {
      patches.Append({{"target", patch["target"]}, {"patch", value::FormatYaml(patch["patch"])}});
    }
  }
  fs::MemoryTree tree;
  RETURN_IF_ERROR(tree.AddFile("kustomization.yaml", value::FormatYaml(kustomization)));
  RETURN_IF_ERROR(tree.AddFile(kInput, std::move(stream)));
  return kustomize::Build(tree, "", {});
}

void SetAll(Value& object, absl::string_view field,
            const std::map<std::string, std::string>& entries) {
  for (const auto& [key, text] : entries) kube::SetMetadataEntry(object, field, key, text);
}

}  // namespace

helm::PostRenderStrategy StrategyOf(const api::HelmReleaseSpec& spec, bool helm3_defaults) {
  if (spec.post_render_strategy == "separate") return helm::PostRenderStrategy::kSeparate;
  const bool no_hooks = spec.post_render_strategy == "nohooks" ||
                        (spec.post_render_strategy.empty() && helm3_defaults);
  return no_hooks ? helm::PostRenderStrategy::kNoHooks : helm::PostRenderStrategy::kCombined;
}

PostRendering PostRenderingOf(const kube::ObjectKey& key, const api::HelmReleaseSpec& spec) {
  const Value& metadata = spec.raw["commonMetadata"];
  PostRendering rendering;
  rendering.renderers = spec.raw["postRenderers"];
  for (const value::Member& label : metadata["labels"].members()) {
    rendering.labels[label.key] = std::string(label.value.str());
  }
  for (const value::Member& annotation : metadata["annotations"].members()) {
    rendering.annotations[annotation.key] = std::string(annotation.value.str());
  }
  rendering.owner_labels = {{api::kHelmOwnerNameLabel, key.name},
                            {api::kHelmOwnerNamespaceLabel, key.ns}};
  return rendering;
}

absl::StatusOr<std::string> PostRender(const PostRendering& rendering, const std::string& stream) {
  if (value::ParseYamlStream(stream).value_or(std::vector<value::YamlDocument>{{}}).empty()) {
    return std::string();
  }
  std::string text = stream;
  kustomize::BuildResult built;
  bool any = false;
  for (const Value& renderer : rendering.renderers.items()) {
    if (!renderer["kustomize"].is_object()) continue;
    if (any) text = built.ToYaml();
    ASSIGN_OR_RETURN(built, Kustomize(renderer["kustomize"], std::move(text)));
    any = true;
  }
  if (!any) {
    ASSIGN_OR_RETURN(built, Kustomize(Value(), std::move(text)));
  }
  for (Value& object : built.resources) {
    SetAll(object, "labels", rendering.labels);
    SetAll(object, "annotations", rendering.annotations);
    SetAll(object, "labels", rendering.owner_labels);
  }
  return built.ToYaml();
}

}  // namespace sluice::helm_rendering
