// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/plugins.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/generators/helm_chart.h"
#include "common/kustomize/generators/iam_policy.h"
#include "common/kustomize/generators/key_values.h"
#include "common/kustomize/node_value.h"
#include "common/kustomize/transformers/hash.h"
#include "common/kustomize/transformers/metadata.h"
#include "common/kustomize/transformers/patches.h"
#include "common/kustomize/transformers/replacements.h"
#include "common/kustomize/transformers/value_add.h"
#include "common/kustomize/transformers/workloads.h"

namespace sluice::kustomize {
namespace {

using Run = std::function<absl::Status(ResMap&)>;

struct Context {
  BuildState& state;
  const FileLoader& loader;
  const Value& config;
};

void FieldSpecsOf(Decoder& decoder, FieldSpecs& specs) {
  decoder.Any("fieldSpecs", [&specs](const Value& list) -> absl::Status {
    ASSIGN_OR_RETURN(specs, DecodeFieldSpecs(list, "fieldSpecs", Decoding::kPlugin));
    return absl::OkStatus();
  });
}

absl::StatusOr<Run> LoadTexts(const Context& context, absl::string_view field) {
  StringMap texts;
  FieldSpecs specs;
  Decoder decoder(context.config, "transformer", Decoding::kPlugin);
  decoder.StringMap(field, texts);
  FieldSpecsOf(decoder, specs);
  RETURN_IF_ERROR(decoder.Finish());
  return Run([texts, specs](ResMap& map) { return SetTexts(map, texts, specs); });
}

absl::StatusOr<Run> LoadAnnotations(const Context& context) {
  return LoadTexts(context, "annotations");
}

absl::StatusOr<Run> LoadLabels(const Context& context) { return LoadTexts(context, "labels"); }

absl::StatusOr<Run> LoadAffix(const Context& context, Affix affix) {
  std::string text;
  FieldSpecs specs;
  Decoder decoder(context.config, "transformer", Decoding::kPlugin);
  decoder.String(affix == Affix::kPrefix ? "prefix" : "suffix", text);
  FieldSpecsOf(decoder, specs);
  const bool has_specs = decoder.Has("fieldSpecs");
  RETURN_IF_ERROR(decoder.Finish());
  if (!has_specs) return absl::InvalidArgumentError("fieldSpecs is not expected to be nil");
  return Run([affix, text, specs](ResMap& map) { return AddAffix(map, affix, text, specs); });
}

absl::StatusOr<Run> LoadPrefix(const Context& context) {
  return LoadAffix(context, Affix::kPrefix);
}

absl::StatusOr<Run> LoadSuffix(const Context& context) {
  return LoadAffix(context, Affix::kSuffix);
}

absl::StatusOr<Run> LoadBothAffixes(const Context& context) {
  ASSIGN_OR_RETURN(const Run prefix, LoadPrefix(context));
  ASSIGN_OR_RETURN(const Run suffix, LoadSuffix(context));
  return Run([prefix, suffix](ResMap& map) -> absl::Status {
    RETURN_IF_ERROR(prefix(map));
    return suffix(map);
  });
}

absl::StatusOr<Run> LoadNamespace(const Context& context) {
  NamespaceChange change;
  std::string mode;
  Decoder decoder(context.config, "NamespaceTransformer", Decoding::kPlugin);
  decoder.Any("metadata", [&](const Value& metadata) {
    Decoder one(metadata, "metadata", Decoding::kPlugin);
    one.String("namespace", change.namespace_name);
    return one.Finish();
  });
  FieldSpecsOf(decoder, change.specs);
  decoder.Bool("unsetOnly", change.unset_only);
  decoder.String("setRoleBindingSubjects", mode);
  RETURN_IF_ERROR(decoder.Finish());
  ASSIGN_OR_RETURN(change.subjects, ParseSubjectMode(mode));
  return Run([change](ResMap& map) { return ChangeNamespace(map, change); });
}

absl::StatusOr<Run> LoadImage(const Context& context) {
  Image image;
  FieldSpecs specs;
  Decoder decoder(context.config, "ImageTagTransformer", Decoding::kPlugin);
  decoder.Any("imageTag", [&](const Value& value) -> absl::Status {
    ASSIGN_OR_RETURN(image, DecodeImage(value, "Image.imageTag", Decoding::kPlugin));
    return absl::OkStatus();
  });
  FieldSpecsOf(decoder, specs);
  RETURN_IF_ERROR(decoder.Finish());
  return Run([image, specs](ResMap& map) { return ChangeImages(map, image, specs); });
}

absl::StatusOr<Run> LoadReplicas(const Context& context) {
  Replica replica;
  FieldSpecs specs;
  Decoder decoder(context.config, "ReplicaCountTransformer", Decoding::kPlugin);
  decoder.Any("replica", [&](const Value& value) -> absl::Status {
    ASSIGN_OR_RETURN(replica, DecodeReplica(value, "Replica.replica", Decoding::kPlugin));
    return absl::OkStatus();
  });
  FieldSpecsOf(decoder, specs);
  RETURN_IF_ERROR(decoder.Finish());
  return Run([replica, specs](ResMap& map) { return ChangeReplicas(map, replica, specs); });
}

absl::StatusOr<Run> LoadPatch(const Context& context) {
  ASSIGN_OR_RETURN(const Patch patch,
                   DecodePatch(context.config, "PatchTransformer", Decoding::kPlugin));
  ASSIGN_OR_RETURN(PatchTransformer transformer,
                   PatchTransformer::Load(context.state, context.loader, patch));
  return Run([transformer = std::move(transformer)](ResMap& map) { return transformer.Run(map); });
}

absl::StatusOr<Run> LoadJsonPatch(const Context& context) {
  std::optional<Selector> target;
  std::string path;
  std::string operations;
  Decoder decoder(context.config, "PatchJson6902Transformer", Decoding::kPlugin);
  decoder.Any("target", [&](const Value& value) -> absl::Status {
    ASSIGN_OR_RETURN(target, DecodeSelector(value, "Selector.target", Decoding::kPlugin));
    return absl::OkStatus();
  });
  decoder.String("path", path);
  decoder.String("jsonOp", operations);
  RETURN_IF_ERROR(decoder.Finish());
  ASSIGN_OR_RETURN(JsonPatchTransformer transformer,
                   JsonPatchTransformer::Load(context.loader, target, path, operations));
  return Run([transformer = std::move(transformer)](ResMap& map) { return transformer.Run(map); });
}

absl::StatusOr<Run> LoadStrategicMerge(const Context& context) {
  std::vector<std::string> paths;
  std::string patches;
  Decoder decoder(context.config, "PatchStrategicMergeTransformer", Decoding::kPlugin);
  decoder.Strings("paths", paths);
  decoder.String("patches", patches);
  RETURN_IF_ERROR(decoder.Finish());
  ASSIGN_OR_RETURN(StrategicMergeTransformer transformer,
                   StrategicMergeTransformer::Load(context.state, context.loader, paths, patches));
  return Run([transformer = std::move(transformer)](ResMap& map) { return transformer.Run(map); });
}

absl::StatusOr<Run> LoadReplacement(const Context& context) {
  std::vector<Replacement> replacements;
  Decoder decoder(context.config, "ReplacementTransformer", Decoding::kPlugin);
  decoder.Any("replacements", [&](const Value& list) {
    return DecodeObjects(
        list, "replacements", replacements,
        [](const Value& item, Replacement& replacement) -> absl::Status {
          ASSIGN_OR_RETURN(replacement, DecodeReplacement(item, "replacements", Decoding::kPlugin));
          return absl::OkStatus();
        });
  });
  RETURN_IF_ERROR(decoder.Finish());
  ASSIGN_OR_RETURN(replacements, LoadReplacements(context.loader, replacements));
  return Run([replacements](ResMap& map) { return Replace(map, replacements); });
}

absl::StatusOr<Run> LoadValueAdd(const Context& context) {
  ASSIGN_OR_RETURN(ValueAddTransformer transformer,
                   ValueAddTransformer::Load(context.loader, context.config));
  return Run([transformer = std::move(transformer)](ResMap& map) { return transformer.Run(map); });
}

absl::StatusOr<Run> LoadHash(const Context&) {
  return Run([](ResMap& map) { return AddHashes(map); });
}

struct TransformerRow {
  absl::string_view kind;
  absl::StatusOr<Run> (*load)(const Context&);
};
constexpr TransformerRow kTransformers[] = {
    {"AnnotationsTransformer", LoadAnnotations},
    {"HashTransformer", LoadHash},
    {"ImageTagTransformer", LoadImage},
    {"LabelTransformer", LoadLabels},
    {"NamespaceTransformer", LoadNamespace},
    {"PatchJson6902Transformer", LoadJsonPatch},
    {"PatchStrategicMergeTransformer", LoadStrategicMerge},
    {"PatchTransformer", LoadPatch},
    {"PrefixSuffixTransformer", LoadBothAffixes},
    {"PrefixTransformer", LoadPrefix},
    {"SuffixTransformer", LoadSuffix},
    {"ReplacementTransformer", LoadReplacement},
    {"ReplicaCountTransformer", LoadReplicas},
    {"ValueAddTransformer", LoadValueAdd},
};

using Resources = absl::StatusOr<std::vector<Resource*>>;

Resources One(absl::StatusOr<Resource*> resource) {
  if (!resource.ok()) return resource.status();
  return std::vector<Resource*>{*resource};
}

Resources RunKeyValues(const Context& context, GeneratedKind kind) {
  GeneratorArgs args;
  RETURN_IF_ERROR(DecodeGeneratorArgs(context.config, "generator", Decoding::kPlugin, args));
  const Value& metadata = context.config["metadata"];
  if (args.name.empty()) args.name = std::string(metadata["name"].str());
  if (args.namespace_name.empty()) args.namespace_name = std::string(metadata["namespace"].str());
  return One(GenerateKeyValues(context.state, context.loader, kind, args));
}

Resources RunConfigMap(const Context& context) {
  return RunKeyValues(context, GeneratedKind::kConfigMap);
}

Resources RunSecret(const Context& context) {
  return RunKeyValues(context, GeneratedKind::kSecret);
}

Resources RunIamPolicy(const Context& context) {
  return One(GenerateIamPolicy(context.state, context.config));
}

Resources RunHelm(const Context& context) {
  ASSIGN_OR_RETURN(const HelmChart chart, DecodeHelmPlugin(context.config));
  return RenderHelmChart(context.state, context.loader, chart);
}

struct GeneratorRow {
  absl::string_view kind;
  Resources (*run)(const Context&);
};
constexpr GeneratorRow kGenerators[] = {
    {"ConfigMapGenerator", RunConfigMap},
    {"SecretGenerator", RunSecret},
    {"IAMPolicyGenerator", RunIamPolicy},
    {"HelmChartInflationGenerator", RunHelm},
};

template <typename Row, size_t kSize>
const Row* FindKind(const Row (&rows)[kSize], absl::string_view kind) {
  for (const Row& row : rows) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

absl::Status Refuse(const BuildState& state, const Resource& config, bool other_sort,
                    absl::string_view wanted) {
  const ResourceId id = state.OriginalId(config);
  if (!(id.gvk.group.empty() && id.gvk.version == "builtin")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "external plugins disabled; unable to load external plugin '", id.gvk.kind, "'"));
  }
  if (!other_sort) {
    return absl::InvalidArgumentError(
        absl::StrCat("unable to load builtin ", config.gvk().ToString()));
  }
  return absl::InvalidArgumentError(absl::StrCat("plugin ", id.ToString(), " not a ", wanted));
}

bool IsBuiltin(const Resource& config) { return config.api_version() == "builtin"; }

absl::Status ConfigurationError(const BuildState& state, const Resource& config,
                                const absl::Status& status) {
  return Annotate(
      status, absl::StrCat("plugin ", state.OriginalId(config).ToString(), " fails configuration"));
}

// Where the plugin's own file is, if that is to be noted.
std::optional<Origin> PluginOrigin(const Resource& config) {
  if (!HasOrigin(config)) return std::nullopt;
  Origin origin;
  origin.configured_in = OriginPath(config);
  origin.api_version = std::string(config.api_version());
  origin.kind = std::string(config.kind());
  origin.name = std::string(config.name());
  origin.namespace_name = std::string(config.namespace_name());
  return origin;
}

}  // namespace

absl::StatusOr<Generated> RunGeneratorPlugin(BuildState& state, const FileLoader& loader,
                                             const Resource& config) {
  const GeneratorRow* const row =
      IsBuiltin(config) ? FindKind(kGenerators, config.kind()) : nullptr;
  if (row == nullptr) {
    const bool is_transformer = FindKind(kTransformers, config.kind()) != nullptr;
    return Annotate(Refuse(state, config, is_transformer, "generator"), "failed to load generator");
  }
  ASSIGN_OR_RETURN(const Value value, ToValue(config.root));
  Resources resources = row->run({state, loader, value});
  if (!resources.ok()) return ConfigurationError(state, config, resources.status());
  return Generated{*std::move(resources), PluginOrigin(config)};
}

absl::StatusOr<Transformation> LoadTransformerPlugin(BuildState& state, const FileLoader& loader,
                                                     const Resource& config) {
  const TransformerRow* const row =
      IsBuiltin(config) ? FindKind(kTransformers, config.kind()) : nullptr;
  if (row == nullptr) {
    const bool is_generator = FindKind(kGenerators, config.kind()) != nullptr;
    return Refuse(state, config, is_generator, "transformer");
  }
  ASSIGN_OR_RETURN(const Value value, ToValue(config.root));
  absl::StatusOr<Run> run = row->load({state, loader, value});
  if (!run.ok()) return ConfigurationError(state, config, run.status());
  return Transformation{*std::move(run), PluginOrigin(config)};
}

}  // namespace sluice::kustomize
