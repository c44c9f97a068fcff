// ClusterPlan: what a cluster would hold if it followed a repository: its Kustomizations and
// HelmReleases ("units"), and their objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "cli/plan/finding.h"
#include "cli/plan/record.h"
#include "common/api/meta/reference.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::plan {

// A Kustomization or a HelmRelease.
struct Unit {
  std::string kind;  // "Kustomization" or "HelmRelease"
  kube::ObjectKey key;
  Value object;
  std::string path;    // of a Kustomization, in its source
  std::string source;  // "GitRepository/flux-system/flux-system"; of a HelmRelease its chart
  std::string parent;  // the subject of the unit that it is an object of; "" for the root
  bool suspended = false;
  bool prune = true;
  bool secret = false;                   // something that was decrypted went into it
  std::vector<std::string> depends_on;   // subjects
  std::shared_ptr<const Record> record;  // null: it could not be rendered
  std::vector<Finding> findings;

  std::string subject() const { return absl::StrCat(kind, "/", key.ToString()); }
  void Add(const Rule& rule, absl::string_view object_subject, std::string message) {
    findings.push_back({&rule, subject(), std::string(object_subject), path, std::move(message)});
  }
};

// Thread-safe for reading.
class ClusterPlan {
 public:
  struct Place {
    const Unit* unit = nullptr;
    const PlannedObject* object = nullptr;
  };

  // Adds the unit and its objects. An object that another unit has already stays that one's, and a
  // finding says so.
  void Add(std::unique_ptr<Unit> unit);

  // In the order they were rendered.
  const std::vector<std::unique_ptr<Unit>>& units() const { return units_; }
  const Unit* FindUnit(absl::string_view subject) const;
  // Null members if there is none. `kind` without the version.
  Place Find(absl::string_view group, absl::string_view kind, const kube::ObjectKey& key) const;
  // Every object of a kind.
  std::vector<Place> OfKind(absl::string_view group, absl::string_view kind) const;
  size_t object_count() const { return objects_.size(); }

 private:
  std::vector<std::unique_ptr<Unit>> units_;
  absl::flat_hash_map<std::string, const Unit*> by_subject_;
  absl::flat_hash_map<std::string, Place> objects_;
  absl::flat_hash_map<std::string, std::vector<Place>> by_kind_;
};

// Reads ConfigMaps and Secrets out of a plan, as an API server would have them.
class PlanClient : public kube::Client {
 public:
  // `plan` must outlive it.
  explicit PlanClient(const ClusterPlan& plan) : plan_(plan) {}

  absl::StatusOr<Value> Do(const Context& ctx, const kube::ApiRequest& request) override;
  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest& request,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override;

 private:
  const ClusterPlan& plan_;
};

// What SOPS encrypted and nobody decrypted.
bool IsEncrypted(const Value& object);

}  // namespace sluice::plan
