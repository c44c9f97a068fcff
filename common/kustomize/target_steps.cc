// A target's generators, transformers and validators.

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/generators/key_values.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/resource_reader.h"
#include "common/kustomize/target.h"
#include "common/kustomize/transformers/metadata.h"
#include "common/kustomize/transformers/patches.h"
#include "common/kustomize/transformers/replacements.h"
#include "common/kustomize/transformers/workloads.h"

namespace sluice::kustomize {
namespace {

absl::Status Trouble(const absl::Status& status, absl::string_view builtin) {
  return Annotate(status, absl::StrCat("trouble configuring builtin ", builtin));
}

}  // namespace

std::optional<Origin> Target::OriginOf(absl::string_view builtin) const {
  if (!origin_.has_value()) return std::nullopt;
  Origin origin;
  origin.configured_in = origin_->Append(file_name_).path;
  origin.api_version = "builtin";
  origin.kind = std::string(builtin);
  return origin;
}

absl::StatusOr<std::vector<Resource*>> Target::PluginConfigs(
    const std::vector<std::string>& entries) {
  Accumulator configs(state_);
  std::vector<std::string> paths;
  for (const std::string& entry : entries) {
    const absl::StatusOr<std::vector<Resource*>> written = ReadResources(state_, entry);
    if (!written.ok()) {
      paths.push_back(entry);
      continue;
    }
    if (origin_.has_value()) {
      for (Resource* resource : *written) {
        RETURN_IF_ERROR(SetOrigin(state_, *resource, origin_->Append(file_name_)));
      }
    }
    RETURN_IF_ERROR(configs.map.AppendAll(*written));
  }
  RETURN_IF_ERROR(AddResources(configs, paths));
  return configs.map.resources();
}

absl::Status Target::RunAll(ResMap& map, const std::vector<Transformation>& steps) const {
  for (const Transformation& step : steps) {
    RETURN_IF_ERROR(source_.AtItem(step.run(map), step.field, step.index));
    if (step.origin.has_value()) {
      for (Resource* resource : map.resources()) {
        RETURN_IF_ERROR(AddTransformation(map.state(), *resource, *step.origin));
      }
    }
    map.DropDeleted();
  }
  return absl::OkStatus();
}

absl::Status Target::Generate(Accumulator& accumulated) {
  std::vector<Generated> generated;
  const auto run = [&](GeneratedKind kind, absl::string_view name,
                       const std::vector<GeneratorArgs>& list) -> absl::Status {
    const absl::string_view field =
        kind == GeneratedKind::kSecret ? "secretGenerator" : "configMapGenerator";
    for (size_t i = 0; i < list.size(); ++i) {
      const absl::StatusOr<Resource*> resource = GenerateKeyValues(
          state_, loader_, kind, WithOptions(list[i], kustomization_.generator_options));
      if (!resource.ok()) return source_.AtItem(resource.status(), field, i);
      generated.push_back({{*resource}, OriginOf(name), field, i});
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      run(GeneratedKind::kConfigMap, "ConfigMapGenerator", kustomization_.config_map_generator));
  RETURN_IF_ERROR(run(GeneratedKind::kSecret, "SecretGenerator", kustomization_.secret_generator));
  for (HelmChart chart : kustomization_.helm_charts) {
    constexpr absl::string_view kGenerator = "HelmChartInflationGenerator";
    if (chart.namespace_name.empty()) chart.namespace_name = ChartNamespace();
    constexpr absl::string_view kField = "helmCharts";
    const absl::Status status = CheckHelmChart(state_, chart);
    if (!status.ok()) return source_.AtItem(Trouble(status, kGenerator), kField, 0);
    absl::StatusOr<std::vector<Resource*>> resources = RenderHelmChart(state_, loader_, chart);
    if (!resources.ok()) return source_.AtItem(resources.status(), kField, 0);
    generated.push_back({*std::move(resources), OriginOf(kGenerator), kField});
  }
  absl::StatusOr<std::vector<Resource*>> configs = PluginConfigs(kustomization_.generators);
  constexpr absl::string_view kPlugins = "generators";
  const auto failed = [&](const absl::Status& status) {
    return source_.AtItem(Annotate(status, "loading generator plugins"), kPlugins, 0);
  };
  if (!configs.ok()) return failed(configs.status());
  for (const Resource* config : *configs) {
    absl::StatusOr<Generated> one = RunGeneratorPlugin(state_, loader_, *config);
    if (!one.ok()) return failed(one.status());
    generated.push_back(*std::move(one));
  }
  for (const Generated& one : generated) {
    for (Resource* resource : one.resources) {
      if (one.origin.has_value() && !HasOrigin(*resource)) {
        RETURN_IF_ERROR(SetOrigin(state_, *resource, *one.origin));
      }
      const absl::Status status = accumulated.map.Absorb(resource);
      if (!status.ok()) {
        return source_.AtItem(Annotate(status, "merging from generator"), one.field, one.index);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Target::LoadPatches(std::vector<Transformation>& steps) {
  const Kustomization& file = kustomization_;
  if (!file.patches_strategic_merge.empty()) {
    absl::StatusOr<StrategicMergeTransformer> merge =
        StrategicMergeTransformer::Load(state_, loader_, file.patches_strategic_merge, "");
    if (!merge.ok()) {
      return source_.AtItem(Trouble(merge.status(), "PatchStrategicMergeTransformer"),
                            "patchesStrategicMerge", 0);
    }
    steps.push_back({[merge = *std::move(merge)](ResMap& map) { return merge.Run(map); },
                     OriginOf("PatchStrategicMergeTransformer"), "patchesStrategicMerge"});
  }
  for (size_t i = 0; i < file.patches.size(); ++i) {
    absl::StatusOr<PatchTransformer> one = PatchTransformer::Load(state_, loader_, file.patches[i]);
    if (!one.ok()) {
      return source_.AtItem(Trouble(one.status(), "PatchTransformer"), "patches", i);
    }
    steps.push_back({[one = *std::move(one)](ResMap& map) { return one.Run(map); },
                     OriginOf("PatchTransformer"), "patches", i});
  }
  return absl::OkStatus();
}

absl::Status Target::LoadLabels(const TransformerConfig& config,
                                std::vector<Transformation>& steps) {
  const Kustomization& file = kustomization_;
  if (file.labels.empty() && file.common_labels.empty()) return absl::OkStatus();
  for (size_t i = 0; i < file.labels.size(); ++i) {
    const Label& label = file.labels[i];
    const absl::StatusOr<FieldSpecs> specs = LabelFields(label, config);
    if (!specs.ok()) return source_.AtItem(specs.status(), "labels", i);
    steps.push_back(
        {[&label, specs = *specs](ResMap& map) { return SetTexts(map, label.pairs, specs); },
         OriginOf("LabelTransformer"), "labels", i});
  }
  steps.push_back({[&file, &config](ResMap& map) {
                     return SetTexts(map, file.common_labels, config.common_labels);
                   },
                   OriginOf("LabelTransformer"), "commonLabels"});
  return absl::OkStatus();
}

absl::Status Target::LoadMetadata(const TransformerConfig& config,
                                  std::vector<Transformation>& steps) {
  const Kustomization& file = kustomization_;
  if (!file.namespace_name.empty()) {
    NamespaceChange change;
    change.namespace_name = file.namespace_name;
    change.specs = config.namespace_fields;
    steps.push_back({[change](ResMap& map) { return ChangeNamespace(map, change); },
                     OriginOf("NamespaceTransformer"), "namespace"});
  }
  if (!file.name_prefix.empty()) {
    steps.push_back({[&file, &config](ResMap& map) {
                       return AddAffix(map, Affix::kPrefix, file.name_prefix, config.name_prefix);
                     },
                     OriginOf("PrefixTransformer"), "namePrefix"});
  }
  if (!file.name_suffix.empty()) {
    steps.push_back({[&file, &config](ResMap& map) {
                       return AddAffix(map, Affix::kSuffix, file.name_suffix, config.name_suffix);
                     },
                     OriginOf("SuffixTransformer"), "nameSuffix"});
  }
  RETURN_IF_ERROR(LoadLabels(config, steps));
  if (!file.common_annotations.empty()) {
    steps.push_back({[&file, &config](ResMap& map) {
                       return SetTexts(map, file.common_annotations, config.common_annotations);
                     },
                     OriginOf("AnnotationsTransformer"), "commonAnnotations"});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Transformation>> Target::BuiltinTransformations(
    const TransformerConfig& config) {
  std::vector<Transformation> steps;
  const Kustomization& file = kustomization_;
  RETURN_IF_ERROR(LoadPatches(steps));
  RETURN_IF_ERROR(LoadMetadata(config, steps));
  for (size_t i = 0; i < file.patches_json6902.size(); ++i) {
    const Patch& patch = file.patches_json6902[i];
    absl::StatusOr<JsonPatchTransformer> one =
        JsonPatchTransformer::Load(loader_, patch.target, patch.path, patch.patch);
    if (!one.ok()) {
      return source_.AtItem(Trouble(one.status(), "PatchJson6902Transformer"), "patchesJson6902",
                            i);
    }
    steps.push_back({[one = *std::move(one)](ResMap& map) { return one.Run(map); },
                     OriginOf("PatchJson6902Transformer"), "patchesJson6902", i});
  }
  for (size_t i = 0; i < file.replicas.size(); ++i) {
    const Replica& replica = file.replicas[i];
    steps.push_back(
        {[&replica, &config](ResMap& map) { return ChangeReplicas(map, replica, config.replicas); },
         OriginOf("ReplicaCountTransformer"), "replicas", i});
  }
  for (size_t i = 0; i < file.images.size(); ++i) {
    const Image& image = file.images[i];
    steps.push_back(
        {[&image, &config](ResMap& map) { return ChangeImages(map, image, config.images); },
         OriginOf("ImageTagTransformer"), "images", i});
  }
  if (!file.replacements.empty()) {
    constexpr absl::string_view kField = "replacements";
    constexpr size_t kNone = static_cast<size_t>(-1);
    absl::StatusOr<std::vector<Replacement>> loaded = LoadReplacements(loader_, file.replacements);
    if (!loaded.ok()) {
      return source_.AtItem(Trouble(loaded.status(), "ReplacementTransformer"), kField, kNone);
    }
    steps.push_back({[loaded = *std::move(loaded)](ResMap& map) { return Replace(map, loaded); },
                     OriginOf("ReplacementTransformer"), kField, kNone});
  }
  return steps;
}

absl::Status Target::Transform(Accumulator& accumulated) {
  const SharedConfig config = accumulated.config;
  ASSIGN_OR_RETURN(std::vector<Transformation> steps, BuiltinTransformations(*config));
  ASSIGN_OR_RETURN(const std::vector<Resource*> configs,
                   PluginConfigs(kustomization_.transformers));
  for (const Resource* plugin : configs) {
    absl::StatusOr<Transformation> step = LoadTransformerPlugin(state_, loader_, *plugin);
    if (!step.ok()) return source_.AtItem(step.status(), "transformers", 0);
    steps.push_back(*std::move(step));
  }
  return RunAll(accumulated.map, steps);
}

absl::Status Target::Validate(Accumulator& accumulated) {
  ASSIGN_OR_RETURN(const std::vector<Resource*> configs, PluginConfigs(kustomization_.validators));
  for (const Resource* plugin : configs) {
    ASSIGN_OR_RETURN(const Transformation validator,
                     LoadTransformerPlugin(state_, loader_, *plugin));
    const auto snapshot = [&]() -> absl::StatusOr<std::vector<Value>> {
      std::vector<Value> values;
      for (const Resource* resource : accumulated.map.resources()) {
        ASSIGN_OR_RETURN(Value value, ToValue(resource->root));
        Value* labels = value.Ensure("metadata").FindMutable("labels");
        if (labels != nullptr && labels->Erase("validated-by") && labels->empty()) {
          value.Ensure("metadata").Erase("labels");
        }
        values.push_back(std::move(value));
      }
      return values;
    };
    ASSIGN_OR_RETURN(const std::vector<Value> before, snapshot());
    RETURN_IF_ERROR(validator.run(accumulated.map));
    ASSIGN_OR_RETURN(const std::vector<Value> after, snapshot());
    if (before != after) {
      return absl::InvalidArgumentError(absl::StrCat(
          "validator shouldn't modify the resource map: ", state_.OriginalId(*plugin).ToString()));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
