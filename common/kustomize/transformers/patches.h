// Patches: strategic merge and JSON 6902, as kustomizations and plugin files name them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"
#include "common/kustomize/selector.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// One entry of `patches`: a file or text that is either kind of patch.
class PatchTransformer {
 public:
  // Reads and parses the patch. kInvalidArgument if it is neither kind, or both.
  static absl::StatusOr<PatchTransformer> Load(BuildState& state, const FileLoader& loader,
                                               const Patch& patch);
  absl::Status Run(ResMap& map) const;

 private:
  absl::Status MergeInto(ResMap& map) const;
  absl::Status PatchJson(ResMap& map) const;

  std::string source_;  // how messages name the patch
  std::optional<Selector> target_;
  std::vector<Resource*> merges_;
  std::optional<Value> operations_;
};

// `patchesStrategicMerge`: each entry a file or the patch itself.
class StrategicMergeTransformer {
 public:
  // `inline_text` holds more patches, as plugin files may have them.
  static absl::StatusOr<StrategicMergeTransformer> Load(BuildState& state, const FileLoader& loader,
                                                        const std::vector<std::string>& paths,
                                                        absl::string_view inline_text);
  absl::Status Run(ResMap& map) const;

 private:
  std::vector<Resource*> patches_;
};

// One entry of `patchesJson6902`.
class JsonPatchTransformer {
 public:
  static absl::StatusOr<JsonPatchTransformer> Load(const FileLoader& loader,
                                                   const std::optional<Selector>& target,
                                                   const std::string& path,
                                                   const std::string& inline_text);
  absl::Status Run(ResMap& map) const;

 private:
  Selector target_;
  Value operations_;
};

}  // namespace sluice::kustomize
