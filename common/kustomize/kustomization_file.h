// A kustomization file as data.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/decode.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/generators/helm_chart.h"
#include "common/kustomize/selector.h"
#include "common/value/value.h"

namespace sluice::kustomize {

using StringMap = std::map<std::string, std::string>;

struct Label {
  StringMap pairs;
  bool include_selectors = false;
  bool include_templates = false;
  FieldSpecs fields;
};

struct GeneratorOptions {
  StringMap labels;
  StringMap annotations;
  bool disable_name_suffix_hash = false;
  bool immutable = false;
};

// One entry of configMapGenerator or secretGenerator.
struct GeneratorArgs {
  std::string namespace_name;
  std::string name;
  std::string behavior;
  std::vector<std::string> literals;
  std::vector<std::string> files;
  std::vector<std::string> envs;
  std::optional<GeneratorOptions> options;
  std::string type;  // Secrets
};

struct Image {
  std::string name;
  std::string new_name;
  std::string tag_suffix;
  std::string new_tag;
  std::string digest;
};

struct Replica {
  std::string name;
  int64_t count = 0;
};

struct Patch {
  std::string path;
  std::string patch;
  std::optional<Selector> target;
  bool allow_name_change = false;
  bool allow_kind_change = false;
};

struct FieldOptions {
  std::string delimiter;
  int64_t index = 0;
  bool create = false;
};

struct ReplacementSource {
  Selector id;  // plain texts here, not patterns
  std::string field_path;
  FieldOptions options;

  // As error messages name it.
  std::string ToString() const;
};

struct ReplacementTarget {
  std::optional<Selector> select;
  std::vector<Selector> reject;
  std::vector<std::string> field_paths;
  FieldOptions options;
};

struct Replacement {
  std::string path;  // of a file that holds replacements; then nothing else is set
  std::optional<ReplacementSource> source;
  std::optional<std::string> source_value;
  std::vector<ReplacementTarget> targets;
  bool has_targets = false;
};

struct Var {
  std::string name;
  Selector object;  // plain texts here
  std::string field_path;

  // As error messages name it.
  std::string ToString() const;
};

struct SortOptions {
  std::string order;
  bool has_legacy_options = false;
  std::vector<std::string> order_first;
  std::vector<std::string> order_last;
};

struct Kustomization {
  std::string api_version;
  std::string kind;
  StringMap openapi;

  std::string name_prefix;
  std::string name_suffix;
  std::string namespace_name;
  StringMap common_labels;
  std::vector<Label> labels;
  StringMap common_annotations;
  std::vector<std::string> patches_strategic_merge;
  std::vector<Patch> patches_json6902;
  std::vector<Patch> patches;
  std::vector<Image> images;
  std::vector<Replacement> replacements;
  std::vector<Replica> replicas;
  std::vector<Var> vars;
  std::optional<SortOptions> sort_options;

  std::vector<std::string> resources;
  std::vector<std::string> components;
  std::vector<std::string> crds;
  std::vector<GeneratorArgs> config_map_generator;
  std::vector<GeneratorArgs> secret_generator;
  std::vector<HelmChart> helm_charts;
  std::optional<GeneratorOptions> generator_options;
  std::vector<std::string> configurations;
  std::vector<std::string> generators;
  std::vector<std::string> transformers;
  std::vector<std::string> validators;
  std::vector<std::string> build_metadata;

  std::vector<std::string> warnings;  // deprecated fields in use
};

inline constexpr absl::string_view kComponentKind = "Component";
inline constexpr absl::string_view kKustomizationFileNames[] = {
    "kustomization.yaml", "kustomization.yml", "Kustomization"};

// Decodes the file's text: strict, older field names moved to the newer ones, defaults set.
// `folder` is how messages name its folder. kInvalidArgument if it is no kustomization.
absl::StatusOr<Kustomization> ParseKustomization(absl::string_view text, absl::string_view folder);

// Parts of it that plugin files have, too. How strictly they are read depends.
absl::Status DecodeGeneratorArgs(const Value& value, absl::string_view where, Decoding decoding,
                                 GeneratorArgs& args);
absl::StatusOr<Patch> DecodePatch(const Value& value, absl::string_view where, Decoding decoding);
absl::StatusOr<Image> DecodeImage(const Value& value, absl::string_view where, Decoding decoding);
absl::StatusOr<Replica> DecodeReplica(const Value& value, absl::string_view where,
                                      Decoding decoding);
absl::StatusOr<Replacement> DecodeReplacement(const Value& value, absl::string_view where,
                                              Decoding decoding);
absl::StatusOr<SortOptions> DecodeSortOptions(const Value& value, absl::string_view where,
                                              Decoding decoding);

}  // namespace sluice::kustomize
