// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/kustomization_file.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/node_value.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kKustomizationKind = "Kustomization";
constexpr absl::string_view kKustomizationVersion = "kustomize.config.k8s.io/v1beta1";
constexpr absl::string_view kComponentVersion = "kustomize.config.k8s.io/v1alpha1";

absl::Status DecodeGeneratorOptions(const Value& value, absl::string_view where, Decoding decoding,
                                    GeneratorOptions& options) {
  Decoder decoder(value, where, decoding);
  decoder.StringMap("labels", options.labels);
  decoder.StringMap("annotations", options.annotations);
  decoder.Bool("disableNameSuffixHash", options.disable_name_suffix_hash);
  decoder.Bool("immutable", options.immutable);
  return decoder.Finish();
}

absl::Status DecodeLabel(const Value& value, Label& label) {
  Decoder decoder(value, "Label.labels", Decoding::kKustomization);
  decoder.StringMap("pairs", label.pairs);
  decoder.Bool("includeSelectors", label.include_selectors);
  decoder.Bool("includeTemplates", label.include_templates);
  decoder.Any("fields", [&label](const Value& fields) -> absl::Status {
    ASSIGN_OR_RETURN(label.fields,
                     DecodeFieldSpecs(fields, "FieldSpec.labels.fields", Decoding::kKustomization));
    return absl::OkStatus();
  });
  return decoder.Finish();
}

absl::Status DecodeVar(const Value& value, Var& var) {
  Decoder decoder(value, "Var.vars", Decoding::kKustomization);
  decoder.String("name", var.name);
  decoder.Any("objref", [&var](const Value& object) -> absl::Status {
    Decoder one(object, "Target.vars.objref", Decoding::kKustomization);
    std::string api_version;
    one.String("apiVersion", api_version);
    one.String("group", var.object.group);
    one.String("version", var.object.version);
    one.String("kind", var.object.kind);
    one.String("name", var.object.name);
    one.String("namespace", var.object.namespace_name);
    const std::vector<absl::string_view> parts = absl::StrSplit(api_version, '/');
    if (!api_version.empty() && parts.size() <= 2) {
      if (parts.size() == 2) var.object.group = std::string(parts[0]);
      var.object.version = std::string(parts.back());
    }
    return one.Finish();
  });
  decoder.Any("fieldref", [&var](const Value& field) {
    Decoder one(field, "FieldSelector.vars.fieldref", Decoding::kKustomization);
    one.String("fieldPath", var.field_path);
    return one.Finish();
  });
  return decoder.Finish();
}

template <typename T>
using ObjectDecoder = absl::StatusOr<T> (*)(const Value&, absl::string_view, Decoding);

// A list of objects for which there is a function of the header.
template <typename T>
void Objects(Decoder& decoder, absl::string_view key, absl::string_view where,
             std::vector<T>& target, ObjectDecoder<T> decode) {
  decoder.Any(key, [&](const Value& list) {
    return DecodeObjects(list, where, target, [&](const Value& item, T& element) -> absl::Status {
      ASSIGN_OR_RETURN(element, decode(item, where, Decoding::kKustomization));
      return absl::OkStatus();
    });
  });
}

void Generators(Decoder& decoder, absl::string_view key, absl::string_view where,
                std::vector<GeneratorArgs>& target) {
  decoder.Any(key, [&](const Value& list) {
    return DecodeObjects(list, where, target, [&](const Value& item, GeneratorArgs& args) {
      return DecodeGeneratorArgs(item, where, Decoding::kKustomization, args);
    });
  });
}

void DecodeHelm(Decoder& decoder, Kustomization& result) {
  std::string home;
  decoder.Any("helmGlobals", [&home](const Value& globals) {
    return DecodeHelmGlobals(globals, "HelmGlobals.helmGlobals", Decoding::kKustomization, home);
  });
  decoder.Any("helmCharts", [&result](const Value& list) {
    return DecodeObjects(list, "helmCharts", result.helm_charts,
                         [](const Value& item, HelmChart& chart) {
                           return DecodeHelmChart(item, "HelmChart.helmCharts", chart);
                         });
  });
  decoder.Any("helmChartInflationGenerator", [&result](const Value& list) {
    constexpr absl::string_view kWhere = "HelmChartArgs.helmChartInflationGenerator";
    return DecodeObjects(list, kWhere, result.helm_charts,
                         [&](const Value& item, HelmChart& chart) {
                           return DecodeOldHelmChart(item, kWhere, chart);
                         });
  });
  // One home for all, as in the reference: the last that an older entry names.
  for (const HelmChart& chart : result.helm_charts) {
    if (!chart.home.empty()) home = chart.home;
  }
  for (HelmChart& chart : result.helm_charts) chart.home = home;
}

void DecodeOperands(Decoder& decoder, Kustomization& result) {
  std::vector<std::string> bases;
  decoder.Strings("resources", result.resources);
  decoder.Strings("bases", bases);
  result.resources.insert(result.resources.end(), bases.begin(), bases.end());
  decoder.Strings("components", result.components);
  decoder.Strings("crds", result.crds);
  Generators(decoder, "configMapGenerator", "ConfigMapArgs.configMapGenerator",
             result.config_map_generator);
  Generators(decoder, "secretGenerator", "SecretArgs.secretGenerator", result.secret_generator);
  DecodeHelm(decoder, result);
  decoder.Any("generatorOptions", [&result](const Value& options) {
    return DecodeGeneratorOptions(options, "GeneratorOptions.generatorOptions",
                                  Decoding::kKustomization, result.generator_options.emplace());
  });
  decoder.Strings("configurations", result.configurations);
  decoder.Strings("generators", result.generators);
  decoder.Strings("transformers", result.transformers);
  decoder.Strings("validators", result.validators);
  decoder.Strings("buildMetadata", result.build_metadata);
}

void DecodeOperators(Decoder& decoder, Kustomization& result) {
  decoder.String("namePrefix", result.name_prefix);
  decoder.String("nameSuffix", result.name_suffix);
  decoder.String("namespace", result.namespace_name);
  decoder.StringMap("commonLabels", result.common_labels);
  decoder.Any("labels", [&result](const Value& list) {
    return DecodeObjects(list, "labels", result.labels, DecodeLabel);
  });
  decoder.StringMap("commonAnnotations", result.common_annotations);
  decoder.Strings("patchesStrategicMerge", result.patches_strategic_merge);
  Objects(decoder, "patchesJson6902", "Patch.patchesJson6902", result.patches_json6902,
          DecodePatch);
  Objects(decoder, "patches", "Patch.patches", result.patches, DecodePatch);
  Objects(decoder, "images", "Image.images", result.images, DecodeImage);
  Objects(decoder, "imageTags", "Image.imageTags", result.images, DecodeImage);
  Objects(decoder, "replacements", "ReplacementField.replacements", result.replacements,
          DecodeReplacement);
  Objects(decoder, "replicas", "Replica.replicas", result.replicas, DecodeReplica);
  decoder.Any("vars", [&result](const Value& list) {
    return DecodeObjects(list, "vars", result.vars, DecodeVar);
  });
  decoder.Any("sortOptions", [&result](const Value& options) -> absl::Status {
    ASSIGN_OR_RETURN(result.sort_options, DecodeSortOptions(options, "SortOptions.sortOptions",
                                                            Decoding::kKustomization));
    return absl::OkStatus();
  });
}

absl::Status DecodeMetadata(const Value& value) {
  std::string unused;
  StringMap unused_map;
  Decoder decoder(value, "ObjectMeta.metadata", Decoding::kKustomization);
  decoder.String("name", unused);
  decoder.String("namespace", unused);
  decoder.StringMap("labels", unused_map);
  decoder.StringMap("annotations", unused_map);
  return decoder.Finish();
}

// Whether the document says nothing apart from what it is.
bool SaysNothing(const Value& document) {
  for (const value::Member& member : document.members()) {
    const auto is = [&member](absl::string_view name) {
      return absl::EqualsIgnoreCase(member.key, name);
    };
    if (is("apiVersion") || is("kind") || member.value.is_null()) continue;
    if (member.value.is_string() && member.value.str().empty()) continue;
    const bool moved = is("bases") || is("imageTags") || is("helmChartInflationGenerator");
    if (moved && member.value.is_array() && member.value.empty()) continue;
    return false;
  }
  return true;
}

void NoteDeprecatedFields(const Value& document, Kustomization& result) {
  struct Row {
    absl::string_view field;
    absl::string_view instead;
  };
  static constexpr Row kRows[] = {
      {"bases", "resources"},
      {"commonLabels", "labels"},
      {"imageTags", "images"},
      {"patchesJson6902", "patches"},
      {"patchesStrategicMerge", "patches"},
      {"vars", "replacements"},
  };
  for (const Row& row : kRows) {
    for (const value::Member& member : document.members()) {
      if (absl::EqualsIgnoreCase(member.key, row.field) && !member.value.is_null()) {
        result.warnings.push_back(absl::StrCat("'", row.field, "' is deprecated. Please use '",
                                               row.instead, "' instead."));
      }
    }
  }
}

absl::Status CheckType(const Kustomization& result, absl::string_view folder) {
  std::vector<std::string> errors;
  const bool component = result.kind == kComponentKind;
  if (!component && result.kind != kKustomizationKind) {
    errors.push_back("kind should be Kustomization or Component");
  }
  const absl::string_view version = component ? kComponentVersion : kKustomizationVersion;
  if (result.api_version != version) {
    errors.push_back(absl::StrCat("apiVersion for ", result.kind, " should be ", version));
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("Failed to read kustomization file under ", folder,
                                                 ":\n", absl::StrJoin(errors, "\n")));
}

}  // namespace

std::string Var::ToString() const {
  const Gvk gvk{object.group, object.version, object.kind};
  return absl::StrCat("{", name, " ", gvk.ToString(), " {", field_path, "}}");
}

absl::Status DecodeGeneratorArgs(const Value& value, absl::string_view where, Decoding decoding,
                                 GeneratorArgs& args) {
  Decoder decoder(value, where, decoding);
  std::string env;
  decoder.String("namespace", args.namespace_name);
  decoder.String("name", args.name);
  decoder.String("behavior", args.behavior);
  decoder.Strings("literals", args.literals);
  decoder.Strings("files", args.files);
  decoder.Strings("envs", args.envs);
  decoder.String("env", env);
  // Only kustomization files are brought up to date; a plugin's `env` is read and not used.
  if (!env.empty() && decoding == Decoding::kKustomization) args.envs.push_back(env);
  decoder.Any("options", [&](const Value& options) {
    return DecodeGeneratorOptions(options, absl::StrCat(where, ".options"), decoding,
                                  args.options.emplace());
  });
  if (decoding == Decoding::kPlugin || absl::StrContains(where, "secret"))
    decoder.String("type", args.type);
  return decoder.Finish();
}

absl::StatusOr<Patch> DecodePatch(const Value& value, absl::string_view where, Decoding decoding) {
  Patch patch;
  Decoder decoder(value, where, decoding);
  decoder.String("path", patch.path);
  decoder.String("patch", patch.patch);
  decoder.Any("target", [&](const Value& target) -> absl::Status {
    ASSIGN_OR_RETURN(patch.target,
                     DecodeSelector(target, absl::StrCat(where, ".target"), decoding));
    return absl::OkStatus();
  });
  decoder.Any("options", [&](const Value& options) {
    Decoder one(options, absl::StrCat(where, ".options"), decoding);
    one.Bool("allowNameChange", patch.allow_name_change);
    one.Bool("allowKindChange", patch.allow_kind_change);
    return one.Finish();
  });
  RETURN_IF_ERROR(decoder.Finish());
  return patch;
}

absl::StatusOr<Image> DecodeImage(const Value& value, absl::string_view where, Decoding decoding) {
  Image image;
  Decoder decoder(value, where, decoding);
  decoder.String("name", image.name);
  decoder.String("newName", image.new_name);
  decoder.String("tagSuffix", image.tag_suffix);
  decoder.String("newTag", image.new_tag);
  decoder.String("digest", image.digest);
  RETURN_IF_ERROR(decoder.Finish());
  return image;
}

absl::StatusOr<Replica> DecodeReplica(const Value& value, absl::string_view where,
                                      Decoding decoding) {
  Replica replica;
  Decoder decoder(value, where, decoding);
  decoder.String("name", replica.name);
  decoder.Int("count", replica.count);
  RETURN_IF_ERROR(decoder.Finish());
  return replica;
}

absl::StatusOr<SortOptions> DecodeSortOptions(const Value& value, absl::string_view where,
                                              Decoding decoding) {
  SortOptions options;
  Decoder decoder(value, where, decoding);
  decoder.String("order", options.order);
  decoder.Any("legacySortOptions", [&](const Value& legacy) {
    options.has_legacy_options = true;
    Decoder one(legacy, absl::StrCat(where, ".legacySortOptions"), decoding);
    one.Strings("orderFirst", options.order_first);
    one.Strings("orderLast", options.order_last);
    return one.Finish();
  });
  RETURN_IF_ERROR(decoder.Finish());
  return options;
}

absl::StatusOr<Kustomization> ParseKustomization(absl::string_view text, absl::string_view folder) {
  absl::StatusOr<Value> document = value::ParseYaml(text);
  // What it configures is written out as YAML and read again.
  if (document.ok()) document = AsPrinted(*std::move(document));
  if (!document.ok()) return Annotate(document.status(), "invalid Kustomization");
  Kustomization result;
  Decoder decoder(*document, "Kustomization", Decoding::kKustomization);
  decoder.String("apiVersion", result.api_version);
  decoder.String("kind", result.kind);
  decoder.Any("metadata", DecodeMetadata);
  decoder.StringMap("openapi", result.openapi);
  DecodeOperators(decoder, result);
  DecodeOperands(decoder, result);
  const absl::Status status = decoder.Finish();
  if (!status.ok()) return Annotate(status, "invalid Kustomization");
  NoteDeprecatedFields(*document, result);
  if (result.kind.empty()) result.kind = std::string(kKustomizationKind);
  if (result.api_version.empty()) {
    result.api_version =
        std::string(result.kind == kComponentKind ? kComponentVersion : kKustomizationVersion);
  }
  if (SaysNothing(*document)) {
    return absl::InvalidArgumentError("kustomization.yaml is empty");
  }
  RETURN_IF_ERROR(CheckType(result, folder));
  return result;
}

}  // namespace sluice::kustomize
