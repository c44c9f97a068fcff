// ValueAddTransformer: one value put into fields, or into the file paths they hold.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/res_map.h"
#include "common/kustomize/selector.h"
#include "common/value/value.h"

namespace sluice::kustomize {

struct ValueAddTarget {
  std::optional<Selector> selector;  // absent: every object
  std::string field_path;            // "/"-separated
  int64_t position = 0;  // 0: replace the field; else insert as that part of the path it holds
};

class ValueAddTransformer {
 public:
  // From a plugin file. The value defaults to the name of the kustomization's folder.
  static absl::StatusOr<ValueAddTransformer> Load(const FileLoader& loader, const Value& config);
  absl::Status Run(ResMap& map) const;

 private:
  std::string value_;
  std::vector<ValueAddTarget> targets_;
};

// `path` with `part` inserted at `position` of its parts, at the end if it has fewer.
std::string InsertPathPart(absl::string_view path, int64_t position, absl::string_view part);

}  // namespace sluice::kustomize
