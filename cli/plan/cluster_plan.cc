// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/cluster_plan.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::plan {
namespace {

std::string KeyOf(absl::string_view group, absl::string_view kind, const kube::ObjectKey& key) {
  return absl::StrCat(group, "/", kind, "/", key.ns, "/", key.name);
}

}  // namespace

void ClusterPlan::Add(std::unique_ptr<Unit> unit) {
  if (unit->record != nullptr) {
    for (const PlannedObject& object : unit->record->objects()) {
      const auto [it, fresh] =
          objects_.emplace(KeyOf(object.id.gvk.group, object.id.gvk.kind, object.id.key),
                           Place{unit.get(), &object});
      if (!fresh) {
        unit->Add(kTwoOwners, object.id.Subject(),
                  absl::StrCat(it->second.unit->subject(), " applies it, too"));
        continue;
      }
      by_kind_[absl::StrCat(object.id.gvk.group, "/", object.id.gvk.kind)].push_back(it->second);
    }
  }
  by_subject_.emplace(unit->subject(), unit.get());
  units_.push_back(std::move(unit));
}

const Unit* ClusterPlan::FindUnit(absl::string_view subject) const {
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? nullptr : found->second;
}

ClusterPlan::Place ClusterPlan::Find(absl::string_view group, absl::string_view kind,
                                     const kube::ObjectKey& key) const {
  const auto found = objects_.find(KeyOf(group, kind, key));
  return found == objects_.end() ? Place() : found->second;
}

std::vector<ClusterPlan::Place> ClusterPlan::OfKind(absl::string_view group,
                                                    absl::string_view kind) const {
  const auto found = by_kind_.find(absl::StrCat(group, "/", kind));
  return found == by_kind_.end() ? std::vector<Place>() : found->second;
}

absl::StatusOr<Value> PlanClient::Do(const Context&, const kube::ApiRequest& request) {
  // /api/v1/namespaces/NS/configmaps/NAME
  const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  const bool known = request.method == "GET" && parts.size() == 7 && parts[2] == "v1";
  const absl::string_view kind = !known                     ? ""
                                 : parts[5] == "configmaps" ? "ConfigMap"
                                 : parts[5] == "secrets"    ? "Secret"
                                                            : "";
  const ClusterPlan::Place place =
      kind.empty() ? ClusterPlan::Place() : plan_.Find("", kind, {parts[4], parts[6]});
  if (place.object == nullptr) {
    return absl::NotFoundError(absl::StrCat(request.path, " is not in the repository"));
  }
  Value object = place.object->Parse();
  for (const value::Member& entry : object["stringData"].members()) {
    object.Ensure("data").Set(entry.key, absl::Base64Escape(entry.value.str()));
  }
  return object;
}

absl::Status PlanClient::WatchStream(const Context&, const kube::ApiRequest&,
                                     const std::function<absl::Status(kube::WatchEvent)>&) {
  return absl::UnimplementedError("a plan does not change");
}

bool IsEncrypted(const Value& object) {
  if (!object["sops"]["mac"].str().empty()) return true;
  for (const value::Member& entry : object["data"].members()) {
    std::string text;
    if (object["kind"].str() == "Secret" && absl::Base64Unescape(entry.value.str(), &text) &&
        absl::StrContains(text, "ENC[AES256_GCM,")) {
      return true;
    }
  }
  return false;
}

}  // namespace sluice::plan
