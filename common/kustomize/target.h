// One kustomization folder: its resources accumulated, its generators and transformers run.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/error_position.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/origin.h"
#include "common/kustomize/plugins.h"
#include "common/kustomize/res_map.h"
#include "common/kustomize/vars.h"

namespace sluice::kustomize {

// What has been gathered so far, and the rules for what remains to be done at the end.
struct Accumulator {
  explicit Accumulator(BuildState& state) : map(state) {}

  ResMap map;
  SharedConfig config;
  VarSet vars;
};

class Target {
 public:
  // Reads the kustomization file of the loader's folder. Both must outlive the target.
  static absl::StatusOr<std::unique_ptr<Target>> Load(BuildState& state, const FileLoader& loader);

  const Kustomization& kustomization() const { return kustomization_; }

  // For the folder the build starts in: everything, with hashes, references and vars resolved and
  // local objects dropped; not yet sorted.
  absl::StatusOr<ResMap> Customize();

 private:
  Target(BuildState& state, const FileLoader& loader) : state_(state), loader_(loader) {}

  // Adds this folder's work to `accumulated`: nothing yet for a kustomization, what the parent has
  // for a component.
  absl::Status Accumulate(Accumulator& accumulated);
  absl::Status AddResources(Accumulator& accumulated, const std::vector<std::string>& entries);
  absl::Status AddEntry(Accumulator& accumulated, const std::string& entry);
  absl::Status AddFile(Accumulator& accumulated, const std::string& path);
  absl::Status AddFolder(Accumulator& accumulated, const std::string& path,
                         const FileLoader& loader, bool component);
  absl::Status AddComponents(Accumulator& accumulated);
  absl::Status AddConfiguration(Accumulator& accumulated);
  absl::Status Generate(Accumulator& accumulated);
  absl::Status Transform(Accumulator& accumulated);
  absl::Status RunAll(ResMap& map, const std::vector<Transformation>& steps) const;
  absl::Status Validate(Accumulator& accumulated);

  absl::StatusOr<std::vector<Transformation>> BuiltinTransformations(
      const TransformerConfig& config);
  absl::Status LoadPatches(std::vector<Transformation>& steps);
  absl::Status LoadMetadata(const TransformerConfig& config, std::vector<Transformation>& steps);
  absl::Status LoadLabels(const TransformerConfig& config, std::vector<Transformation>& steps);
  // The objects that configure plugins: of files, folders or written into the kustomization.
  absl::StatusOr<std::vector<Resource*>> PluginConfigs(const std::vector<std::string>& entries);
  // The namespace of charts that name none: of this kustomization, or the one above it that has
  // one.
  const std::string& ChartNamespace() const {
    return kustomization_.namespace_name.empty() ? namespace_above_ : kustomization_.namespace_name;
  }
  // What to note on objects that a field of this kustomization made or changed.
  std::optional<Origin> OriginOf(absl::string_view builtin) const;

  BuildState& state_;
  const FileLoader& loader_;
  std::string file_name_;
  SourceFile source_;
  Kustomization kustomization_;
  std::string namespace_above_;
  std::optional<Origin> origin_;  // if anything is to be noted
};

// Uses the schema that a kustomization's `openapi` names, if it names one and it is to count.
absl::Status UseSchemaOf(BuildState& state, const FileLoader& loader,
                         const Kustomization& kustomization, bool at_root);

}  // namespace sluice::kustomize
