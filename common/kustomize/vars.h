// Vars: values of fields that stand for "$(NAME)" in others. Deprecated in kustomize, still in use.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// The vars of a kustomization and those below it, by name.
class VarSet {
 public:
  // Marks the objects that the vars read from and adds the vars. kAlreadyExists for a name that is
  // there already, kInvalidArgument if several objects fit.
  absl::Status Declare(ResMap& map, const std::vector<Var>& vars);
  absl::Status Merge(const VarSet& other);

  // Puts the values into all fields that may use them.
  absl::Status Resolve(ResMap& map, const FieldSpecs& fields) const;

 private:
  absl::Status Add(const Var& var);

  std::map<std::string, Var> vars_;
};

}  // namespace sluice::kustomize
