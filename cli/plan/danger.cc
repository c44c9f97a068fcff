// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/danger.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/kinds.h"

namespace sluice::plan {
namespace {

// Kinds whose objects hold data, or whose deletion deletes some. "" is any group.
constexpr struct {
  absl::string_view group;
  absl::string_view kind;
} kStateful[] = {
    {"", "PersistentVolumeClaim"},
    {"", "PersistentVolume"},
    {"apps", "StatefulSet"},
    {"snapshot.storage.k8s.io", "VolumeSnapshot"},
    {"snapshot.storage.k8s.io", "VolumeSnapshotContent"},
    {"volsync.backube", "ReplicationDestination"},
    {"volsync.backube", "ReplicationSource"},
    {"postgresql.cnpg.io", "Cluster"},
    {"postgres-operator.crunchydata.com", "PostgresCluster"},
    {"acid.zalan.do", "postgresql"},
    {"k8s.mariadb.com", "MariaDB"},
    {"mysql.oracle.com", "InnoDBCluster"},
    {"psmdb.percona.com", "PerconaServerMongoDB"},
    {"mongodbcommunity.mongodb.com", "MongoDBCommunity"},
    {"kafka.strimzi.io", "Kafka"},
    {"kafka.strimzi.io", "KafkaTopic"},
    {"elasticsearch.k8s.elastic.co", "Elasticsearch"},
    {"ceph.rook.io", "CephCluster"},
    {"ceph.rook.io", "CephBlockPool"},
    {"ceph.rook.io", "CephFilesystem"},
    {"ceph.rook.io", "CephObjectStore"},
    {"redis.redis.opstreelabs.in", "RedisCluster"},
};

bool IsStateful(const kube::GroupVersionKind& gvk) {
  return std::any_of(std::begin(kStateful), std::end(kStateful), [&](const auto& kind) {
    return gvk.group == kind.group && gvk.kind == kind.kind;
  });
}

bool IsFlux(const kube::GroupVersionKind& gvk) {
  return absl::EndsWith(gvk.group, ".toolkit.fluxcd.io");
}

// Who is bound to the role of an administrator: "Kind/ns/name", none if it is another role.
std::set<std::string> Administrators(const Value& binding) {
  std::set<std::string> subjects;
  if (binding["roleRef"]["name"].str() != "cluster-admin") return subjects;
  for (const Value& subject : binding["subjects"].items()) {
    subjects.insert(absl::StrCat(subject["kind"].str(), "/", subject["namespace"].str(), "/",
                                 subject["name"].str()));
  }
  return subjects;
}

std::set<std::string> ServedVersions(const Value& definition) {
  std::set<std::string> served;
  for (const Value& version : definition["spec"]["versions"].items()) {
    if (version["served"].bool_or(false)) served.emplace(version["name"].str());
  }
  return served;
}

std::vector<std::string> Without(const std::set<std::string>& all,
                                 const std::set<std::string>& some) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

class Judge {
 public:
  Judge(const ObjectChange& change, const Value& before, const Value& after)
      : change_(change), before_(before), after_(after) {}

  std::vector<Finding> Run() {
    const kube::GroupVersionKind& gvk = change_.id.gvk;
    if (change_.type == ChangeType::kDelete) {
      JudgeDelete(gvk);
    } else if (change_.type == ChangeType::kChange) {
      JudgeChange(gvk);
    }
    if (gvk.group == "rbac.authorization.k8s.io" && absl::EndsWith(gvk.kind, "RoleBinding")) {
      const std::vector<std::string> fresh =
          Without(Administrators(after_), Administrators(before_));
      if (!fresh.empty())
        Note(kAdminGranted, absl::StrCat("cluster-admin for ", absl::StrJoin(fresh, ", ")));
    }
    return std::move(findings_);
  }

 private:
  void Note(const Rule& rule, std::string message) {
    findings_.push_back({&rule, change_.unit, change_.id.Subject(), "", std::move(message)});
  }

  void JudgeDelete(const kube::GroupVersionKind& gvk) {
    if (IsStateful(gvk)) Note(kStatefulDelete, absl::StrCat("this ", gvk.kind, " holds data"));
    if (gvk.group.empty() && gvk.kind == "Namespace") {
      Note(kNamespaceDelete, "everything in the namespace goes with it");
    }
    if (gvk.kind == "CustomResourceDefinition") {
      Note(kDefinitionDelete, absl::StrCat("all ", before_["spec"]["names"]["plural"].str(),
                                           " of the cluster go with it"));
    }
    const bool prunes = gvk.kind == "HelmRelease" ||
                        (gvk.kind == "Kustomization" && before_["spec"]["prune"].bool_or(false));
    if (IsFlux(gvk) && prunes) Note(kOwnerDelete, "what it applied is deleted");
  }

  void JudgeChange(const kube::GroupVersionKind& gvk) {
    const bool was = before_["spec"]["suspend"].bool_or(false);
    const bool is = after_["spec"]["suspend"].bool_or(false);
    if (IsFlux(gvk) && was != is) {
      Note(kSuspendFlip, is ? "reconciliation stops"
                            : "reconciliation goes on, with all that "
                              "has changed since it was suspended");
    }
    const bool scales =
        gvk.kind == "Deployment" || gvk.kind == "StatefulSet" || gvk.kind == "ReplicaSet";
    if (scales && before_["spec"]["replicas"].int_or(1) > 0 &&
        after_["spec"]["replicas"].int_or(1) == 0) {
      Note(kScaleToZero, absl::StrCat("replicas ", before_["spec"]["replicas"].int_or(1), " → 0"));
    }
    if (gvk.kind == "CustomResourceDefinition") {
      const std::vector<std::string> gone =
          Without(ServedVersions(before_), ServedVersions(after_));
      if (!gone.empty())
        Note(kServedVersionGone, absl::StrCat("no longer served: ", absl::StrJoin(gone, ", ")));
    }
  }

  const ObjectChange& change_;
  const Value& before_;
  const Value& after_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> DangersOf(const ObjectChange& change, const Value& before,
                               const Value& after) {
  if (change.suspended) return {};
  return Judge(change, before, after).Run();
}

std::vector<Finding> PruneDangers(const std::vector<ObjectChange>& changes, int prune_budget) {
  std::map<std::string, int> deleted;
  for (const ObjectChange& change : changes) {
    if (change.type == ChangeType::kDelete && !change.suspended) ++deleted[change.unit];
  }
  std::vector<Finding> findings;
  for (const auto& [unit, count] : deleted) {
    if (count <= prune_budget) continue;
    findings.push_back({&kPruneBudget, unit, "", "",
                        absl::StrCat(count, " objects are deleted, the budget is ", prune_budget)});
  }
  return findings;
}

}  // namespace sluice::plan
