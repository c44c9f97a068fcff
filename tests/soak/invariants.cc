// SPDX-License-Identifier: Apache-2.0
#include "tests/soak/invariants.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/kube/object.h"
#include "common/value/json.h"

namespace sluice::soak {
namespace {

constexpr absl::Duration kCallLimit = absl::Seconds(20);
// Flux's --artifact-retention-records; and a current one that is being replaced.
constexpr int kRecords = 3;

const std::vector<std::pair<const char*, const char*>> kImmortals = {
    {"ConfigMap", "keep-base"},   {"ConfigMap", "keep-team"},   {"ConfigMap", "keep-orphan"},
    {"ConfigMap", "keep-bundle"}, {"ConfigMap", "auto"},        {"ConfigMap", "beside"},
    {"ConfigMap", "shop-config"}, {"ConfigMap", "cart-config"}, {"Deployment", "web"}};

const char* ApiVersion(const std::string& kind) { return kind == "Deployment" ? "apps/v1" : "v1"; }

// `live` has all that `wanted` has. What it has beside that others may have written.
bool Contains(const Value& live, const Value& wanted) {
  if (wanted.is_object()) {
    for (const value::Member& member : wanted.members()) {
      if (!Contains(live[member.key], member.value)) return false;
    }
    return true;
  }
  if (!wanted.is_array()) return live == wanted;
  if (live.size() != wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!Contains(live.at(i), wanted.at(i))) return false;
  }
  return true;
}

constexpr char kKustomizationLabel[] = "kustomize.toolkit.fluxcd.io/name";
constexpr char kReleaseLabel[] = "helm.toolkit.fluxcd.io/name";

// What somebody added with kubectl to an object of a Kustomization is drift, too; Helm leaves it.
bool IsAsWanted(const Value& live, const Value& wanted, absl::string_view label) {
  const bool exact = label == kKustomizationLabel && kube::GvkOf(wanted).kind == "ConfigMap";
  return Contains(live, wanted) && (!exact || live["data"] == wanted["data"]);
}

std::set<std::string> Owned(Fleet& fleet, const char* label) {
  const kube::Resource kinds[] = {{"", "v1", "configmaps", "ConfigMap", true},
                                  {"apps", "v1", "deployments", "Deployment", true}};
  std::set<std::string> owned;
  for (const kube::Resource& kind : kinds) {
    const auto list =
        fleet.cluster().client().List(Context::Background().WithTimeout(kCallLimit), kind,
                                      fleet.cluster().ns(), {.label_selector = label});
    INFO(list.status());
    REQUIRE(list.ok());
    for (const Value& object : list->items) {
      owned.insert(
          absl::StrCat(kind.kind, " ", kube::Name(object), " of ", kube::Label(object, label)));
    }
  }
  return owned;
}

}  // namespace

std::vector<std::string> DeviationsFromWanted(Fleet& fleet) {
  std::vector<std::string> deviations;
  const auto compare = [&](const char* label, const std::vector<std::string>& owners,
                           const std::function<std::vector<Value>(const std::string&)>& wanted_of) {
    std::set<std::string> left = Owned(fleet, label);
    for (const std::string& owner : owners) {
      for (const Value& wanted : wanted_of(owner)) {
        const std::string kind = kube::GvkOf(wanted).kind;
        const std::string name = absl::StrCat(kind, " ", kube::Name(wanted), " of ", owner);
        const auto live = fleet.cluster().Get(wanted["apiVersion"].str(), kind, kube::Name(wanted));
        if (!live.has_value() || left.erase(name) == 0) {
          deviations.push_back(name + " is missing");
        } else if (!IsAsWanted(*live, wanted, label)) {
          deviations.push_back(absl::StrCat(name, " is not as wanted: ", value::FormatJson(*live),
                                            "\nbut should have: ", value::FormatJson(wanted)));
        }
      }
    }
    for (const std::string& name : left) deviations.push_back(name + " should have been pruned");
  };
  compare(kKustomizationLabel, kKustomizations,
          [&](const std::string& name) { return fleet.upstream().Objects(name); });
  compare(kReleaseLabel, kReleases,
          [&](const std::string& name) { return fleet.upstream().ReleaseObjects(name); });
  return deviations;
}

std::map<std::string, std::string> UidsOfImmortals(Fleet& fleet) {
  std::map<std::string, std::string> uids;
  for (const auto& [kind, name] : kImmortals) {
    const auto live = fleet.cluster().Get(ApiVersion(kind), kind, name);
    uids[absl::StrCat(kind, " ", name)] = std::string(live.has_value() ? kube::Uid(*live) : "none");
  }
  return uids;
}

std::vector<std::string> DeviationsOfStorage(Fleet& fleet) {
  std::vector<std::string> deviations;
  std::map<std::string, int> records;  // by folder
  const std::string root = fleet.cluster().storage();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string path = entry.path().string().substr(root.size() + 1);
    // Clones of repositories, which are updated in place.
    if (entry.is_directory() || absl::StrContains("/" + path, "/.git-mirrors/")) continue;
    const std::string file = entry.path().filename().string();
    if (file.front() == '.') {
      deviations.push_back(path + " is left over");
    } else if (!entry.is_symlink()) {
      ++records[path.substr(0, path.rfind('/'))];
    }
  }
  for (const auto& [folder, count] : records) {
    const std::vector<std::string> parts = absl::StrSplit(folder, '/');  // kind/namespace/name
    if (count > kRecords) deviations.push_back(absl::StrCat(folder, " has ", count, " artifacts"));
    if (parts.size() != 3 || parts[1] != fleet.cluster().ns()) {
      deviations.push_back(folder + " is nobody's");
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(fleet.temporary())) {
    deviations.push_back(entry.path().string() + " is left over");
  }
  return deviations;
}

}  // namespace sluice::soak
