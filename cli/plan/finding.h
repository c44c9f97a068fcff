// Findings: what a plan has to say beside the differences. The rules and their ids are stable, and
// described in docs/plan.md.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::plan {

enum class Level : uint8_t {
  kNote,     // good to know
  kWarning,  // may be a mistake
  kDanger,   // loses data or service if it is applied
  kError,    // would not be applied at all
};

// "note", "warning", "danger", "error".
absl::string_view LevelName(Level level);

// Dangers are 0xx, what fails is 1xx, what may be a mistake or is not known is 2xx.
struct Rule {
  absl::string_view id;  // "SLP001"
  Level level;
  absl::string_view name;  // "stateful-delete"
  absl::string_view summary;
};

inline constexpr Rule kStatefulDelete = {"SLP001", Level::kDanger, "stateful-delete",
                                         "an object that holds data is deleted"};
inline constexpr Rule kNamespaceDelete = {"SLP002", Level::kDanger, "namespace-delete",
                                          "a namespace is deleted with everything in it"};
inline constexpr Rule kDefinitionDelete = {
    "SLP003", Level::kDanger, "definition-delete",
    "a CustomResourceDefinition is deleted with all objects of its kind"};
inline constexpr Rule kImmutableChange = {"SLP004", Level::kDanger, "immutable-change",
                                          "the API server refuses to change the object like this"};
inline constexpr Rule kSuspendFlip = {"SLP005", Level::kDanger, "suspend-flip",
                                      "reconciliation is suspended, or taken up again"};
inline constexpr Rule kPruneBudget = {"SLP006", Level::kDanger, "prune-budget",
                                      "one owner deletes more objects than the budget allows"};
inline constexpr Rule kOwnerDelete = {"SLP007", Level::kDanger, "owner-delete",
                                      "a Kustomization or HelmRelease goes, with what it applied"};
inline constexpr Rule kScaleToZero = {"SLP008", Level::kDanger, "scale-to-zero",
                                      "a workload is scaled to nothing"};
inline constexpr Rule kAdminGranted = {"SLP009", Level::kDanger, "admin-granted",
                                       "somebody becomes administrator of the cluster"};
inline constexpr Rule kServedVersionGone = {
    "SLP010", Level::kDanger, "served-version-gone",
    "a CustomResourceDefinition no longer serves a version"};

inline constexpr Rule kBuildFailed = {"SLP101", Level::kError, "build-failed",
                                      "a Kustomization or HelmRelease cannot be rendered"};
inline constexpr Rule kVariableMissing = {"SLP102", Level::kError, "variable-missing",
                                          "a substituted variable has neither value nor default"};
inline constexpr Rule kInvalidObject = {"SLP103", Level::kError, "invalid-object",
                                        "the API server would refuse the object"};
inline constexpr Rule kDependencyMissing = {"SLP104", Level::kError, "dependency-missing",
                                            "dependsOn names what is not there, or a circle"};

inline constexpr Rule kNotRendered = {"SLP201", Level::kWarning, "not-rendered",
                                      "a chart or a source is not at hand"};
inline constexpr Rule kReferenceElsewhere = {
    "SLP202", Level::kNote, "reference-elsewhere",
    "a ConfigMap or Secret that is not in the repository is left out"};
inline constexpr Rule kEncrypted = {"SLP203", Level::kNote, "encrypted",
                                    "no local key decrypts this; it is compared as it is"};
inline constexpr Rule kKindUnknown = {"SLP204", Level::kNote, "kind-unknown",
                                      "no definition of the kind is at hand: not validated"};
inline constexpr Rule kTwoOwners = {"SLP205", Level::kWarning, "two-owners",
                                    "two owners apply the same object"};
inline constexpr Rule kOrderUnsaid = {
    "SLP206", Level::kWarning, "order-unsaid",
    "an object's kind is defined by another owner that is not depended on"};

inline constexpr Rule kUnknownField = {"SLP207", Level::kWarning, "unknown-field",
                                       "the kind has no such field, it is dropped"};

// All of them, by id.
std::span<const Rule* const> Rules();

// Something found about a unit, or about one object of it.
struct Finding {
  const Rule* rule = nullptr;
  std::string unit;    // "Kustomization/flux-system/apps"
  std::string object;  // "Deployment/web/api"; "" is the unit itself
  std::string path;    // folder or file in the repository, where known
  std::string message;

  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace sluice::plan
