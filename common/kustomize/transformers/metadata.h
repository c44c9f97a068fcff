// Names, namespaces, labels and annotations.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// Sets labels or annotations, each at all fields of `specs`.
absl::Status SetTexts(ResMap& map, const StringMap& texts, const FieldSpecs& specs);

enum class Affix : uint8_t { kPrefix, kSuffix };
// Puts `text` before or after the fields of `specs`. CustomResourceDefinitions, APIServices and
// Namespaces keep their names.
absl::Status AddAffix(ResMap& map, Affix affix, const std::string& text, const FieldSpecs& specs);

// Which subjects of a (Cluster)RoleBinding get the namespace.
enum class SubjectMode : uint8_t { kDefaultOnly, kAllServiceAccounts, kNone };
// "" is kDefaultOnly; kInvalidArgument for a mode there is not.
absl::StatusOr<SubjectMode> ParseSubjectMode(absl::string_view text);

struct NamespaceChange {
  std::string namespace_name;
  FieldSpecs specs;
  bool unset_only = false;
  SubjectMode subjects = SubjectMode::kDefaultOnly;
};
// Moves every object that is not known to be cluster-wide into the namespace.
absl::Status ChangeNamespace(ResMap& map, const NamespaceChange& change);
// The same for the fields of one object, its id left to the caller.
absl::Status ChangeNamespaceFields(BuildState& state, Node* root, const NamespaceChange& change);

// The default fields of labels[]: merges the configured ones as the entry's flags say.
absl::StatusOr<FieldSpecs> LabelFields(const Label& label, const TransformerConfig& config);

}  // namespace sluice::kustomize
