// HelmRelease (helm.toolkit.fluxcd.io/v2): spec/helm.md §1.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/helm/snapshot.h"
#include "common/api/meta/condition.h"
#include "common/api/meta/reference.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::api {

inline constexpr char kHelmOwnerNameLabel[] = "helm.toolkit.fluxcd.io/name";
inline constexpr char kHelmOwnerNamespaceLabel[] = "helm.toolkit.fluxcd.io/namespace";
inline constexpr char kForceRequestAnnotation[] = "reconcile.fluxcd.io/forceAt";
inline constexpr char kResetRequestAnnotation[] = "reconcile.fluxcd.io/resetAt";

enum class CrdPolicy : uint8_t { kSkip, kCreate, kCreateReplace };
enum class ApplyMode : uint8_t { kAuto, kEnabled, kDisabled };  // serverSideApply
enum class DriftMode : uint8_t { kDisabled, kWarn, kEnabled };

struct ValuesReference {
  std::string kind;  // ConfigMap or Secret
  std::string name;
  std::string key;  // effective: "values.yaml" when absent
  std::string target_path;
  bool optional = false;
  bool literal = false;
};

// What install and upgrade do about failures.
struct Remediation {
  int64_t retries = 0;  // negative: without end
  std::optional<bool> ignore_test_failures;
  std::optional<bool> remediate_last_failure;
  bool uninstall = false;  // upgrade: strategy uninstall; install always uninstalls

  bool Exhausted(int64_t failures) const { return retries >= 0 && failures > retries; }
};

// What the actions that apply objects have in common. Timeouts are effective.
struct HelmActionSpec {
  absl::Duration timeout;
  bool disable_wait = false;
  bool disable_wait_for_jobs = false;
  bool disable_hooks = false;
  bool disable_schema_validation = false;
  bool disable_take_ownership = false;
  bool force = false;
  bool cleanup_on_fail = false;
  ApplyMode server_side_apply = ApplyMode::kAuto;
  CrdPolicy crds = CrdPolicy::kCreate;
  Remediation remediation;
  bool retry_on_failure = false;  // strategy RetryOnFailure
  absl::Duration retry_interval;  // of it
};

struct InstallSpec : HelmActionSpec {
  bool create_namespace = false;
  bool replace = false;
};

struct UpgradeSpec : HelmActionSpec {
  bool preserve_values = false;
  bool in_place_chart_name_change = false;  // chartNameChangeStrategy InPlaceUpdate
};

struct TestFilter {
  std::string name;
  bool exclude = false;
};

struct TestSpec {
  bool enable = false;
  absl::Duration timeout;
  bool ignore_failures = false;
  std::vector<TestFilter> filters;
};

struct UninstallSpec {
  absl::Duration timeout;
  bool disable_hooks = false;
  bool disable_wait = false;
  bool keep_history = false;
  std::string deletion_propagation;  // "background", "foreground" or "orphan"
};

struct HelmReleaseSpec {
  absl::Duration interval;
  absl::Duration timeout;
  bool suspend = false;
  std::string release_name;      // effective and shortened, as Helm stores it
  std::string long_name;         // before it was shortened: messages have it
  std::string target_namespace;  // effective
  bool has_target_namespace = false;
  std::string storage_namespace;  // effective
  int64_t max_history = 5;
  std::vector<Dependency> depends_on;
  std::string service_account_name;
  Value values;  // as written, null if absent
  std::vector<ValuesReference> values_from;
  InstallSpec install;
  UpgradeSpec upgrade;
  HelmActionSpec rollback;
  TestSpec test;
  UninstallSpec uninstall;
  DriftMode drift_mode = DriftMode::kDisabled;
  Value drift_ignore;                // list of {paths, target}
  std::string post_render_strategy;  // "" is combined
  bool legacy_wait = false;          // waitStrategy.name legacy
  Value raw;  // the whole spec: chart, chartRef, postRenderers, commonMetadata, healthCheckExprs

  bool has_chart_ref() const { return raw["chartRef"].is_object(); }
};

struct HelmReleaseStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::string helm_chart;  // "ns/name"
  std::string storage_namespace;
  std::vector<Snapshot> history;  // newest first
  Value inventory;                // null until there is one
  int64_t last_attempted_generation = 0;
  std::string last_attempted_revision;
  std::string last_attempted_revision_digest;
  std::string last_attempted_config_digest;
  std::string last_attempted_release_action;  // "install" or "upgrade"
  std::string last_attempted_release_action_duration;
  int64_t failures = 0;
  int64_t install_failures = 0;
  int64_t upgrade_failures = 0;
  std::string observed_post_renderers_digest;
  std::string observed_common_metadata_digest;
  std::string last_handled_reconcile_at;
  std::string last_handled_force_at;
  std::string last_handled_reset_at;

  static HelmReleaseStatus Decode(const Value& status);
  Value Encode() const;
};

// Names longer than Helm's 53 bytes: the first 40, "-" and 12 digits of the SHA-256 of the whole.
std::string ShortenReleaseName(const std::string& name);

// `key` is the HelmRelease's own: references without namespace are in it. kInvalidArgument names
// the field at fault.
absl::StatusOr<HelmReleaseSpec> DecodeHelmReleaseSpec(const kube::ObjectKey& key,
                                                      const Value& spec);

// The object that the chart comes from: what chartRef names, or the HelmChart that belongs to
// `release`, an object. For indexes too, so it never fails; `chart` or `chartRef` may be lacking.
SourceReference ChartSourceOf(const Value& release);
// "ns/name" of the HelmChart that is to be made for `release`; "" with a chartRef.
std::string HelmChartOf(const Value& release);
std::vector<Dependency> HelmDependenciesOf(const Value& release);

}  // namespace sluice::api
