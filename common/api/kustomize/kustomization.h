// Kustomization (kustomize.toolkit.fluxcd.io/v1): spec/kustomize.md §1.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/meta/condition.h"
#include "common/api/meta/reference.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::api {

inline constexpr char kOwnerNameLabel[] = "kustomize.toolkit.fluxcd.io/name";
inline constexpr char kOwnerNamespaceLabel[] = "kustomize.toolkit.fluxcd.io/namespace";
inline constexpr char kOriginRevisionMetadata[] = "org.opencontainers.image.revision";

enum class DeletionPolicy { kMirrorPrune, kDelete, kWaitForTermination, kOrphan };

struct HealthCheck {
  std::string api_version;  // "" is apps/v1
  std::string kind;
  kube::ObjectKey key;
};

struct SubstituteReference {
  std::string kind;  // ConfigMap or Secret
  std::string name;
  bool optional = false;
};

struct PostBuild {
  std::map<std::string, std::string> substitute;
  std::vector<SubstituteReference> substitute_from;
  bool always = false;  // substituteStrategy: Always
};

struct KustomizationSpec {
  absl::Duration interval;
  absl::Duration retry_interval;  // effective: interval when the field is absent
  absl::Duration timeout;         // effective: see spec/kustomize.md §1.2
  bool suspend = false;
  SourceReference source;
  std::string path;
  bool prune = false;
  DeletionPolicy deletion_policy = DeletionPolicy::kMirrorPrune;
  bool force = false;
  bool wait = false;
  std::vector<HealthCheck> health_checks;
  std::vector<Dependency> depends_on;
  std::string service_account_name;
  std::map<std::string, std::string> common_labels;
  std::map<std::string, std::string> common_annotations;
  std::optional<PostBuild> post_build;
  // The whole spec as it is, for what is handed on unread (patches, images, components …) and for
  // fields that are not supported.
  Value raw;
};

struct KustomizationStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::string last_handled_reconcile_at;
  std::string last_attempted_revision;
  std::string last_applied_revision;
  std::string last_applied_origin_revision;
  Value inventory;  // null until the first apply
  Value history;    // null until the first entry

  static KustomizationStatus Decode(const Value& status);
  Value Encode() const;
};

// `key` is the Kustomization's own: references without namespace are in it. kInvalidArgument names
// the field at fault.
absl::StatusOr<KustomizationSpec> DecodeKustomizationSpec(const kube::ObjectKey& key,
                                                          const Value& spec);

// The references alone, for indexes; they are there even where the rest of the spec is at fault.
SourceReference SourceOf(const Value& kustomization);
std::vector<Dependency> DependenciesOf(const Value& kustomization);

}  // namespace sluice::api
