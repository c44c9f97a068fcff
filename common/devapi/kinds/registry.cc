// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/registry.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sluice::devapi {
namespace {

// Storage shared across groups or versions; everything else is stored as "<plural>.<group>" in the
// version it is served in.
void SetStorage(Resource& resource) {
  resource.storage = resource.group_resource().ToString();
  resource.storage_api_version = resource.api_version();
  if (resource.plural == "events" && resource.group == "events.k8s.io") {
    resource.storage = "events";
    resource.storage_api_version = "v1";
  }
  if (resource.group == "autoscaling") resource.storage_api_version = "autoscaling/v2";
}

ResourceRef ResourceOf(const BuiltinKind& kind) {
  auto resource = std::make_shared<Resource>();
  resource->group = kind.group;
  resource->version = kind.version;
  resource->plural = kind.plural;
  resource->singular = kind.singular;
  resource->kind = kind.kind;
  resource->list_kind = absl::StrCat(kind.kind, "List");
  resource->namespaced = kind.namespaced;
  resource->short_names = kind.short_names;
  resource->categories = kind.categories;
  resource->verbs = kind.verbs;
  for (const BuiltinSubresource& sub : kind.subresources) {
    resource->subresources.push_back({sub.name, {sub.group, sub.version, sub.kind}, sub.verbs});
  }
  SetStorage(*resource);
  return resource;
}

// {rank, major, minor} of "v2", "v1beta3", "v1alpha1"; rank 0 for any other name.
std::tuple<int, int, int> VersionPriority(absl::string_view version) {
  size_t pos = 1;
  const auto number = [&](int* out) {
    const size_t start = pos;
    while (pos < version.size() && absl::ascii_isdigit(version[pos])) ++pos;
    return pos > start && absl::SimpleAtoi(version.substr(start, pos - start), out);
  };
  int major = 0;
  if (version.empty() || version[0] != 'v' || !number(&major)) return {0, 0, 0};
  if (pos == version.size()) return {3, major, 0};
  int rank = 0;
  for (const auto& [word, value] : {std::pair<absl::string_view, int>{"beta", 2}, {"alpha", 1}}) {
    if (version.substr(pos, word.size()) == word) {
      rank = value;
      pos += word.size();
      break;
    }
  }
  int minor = 0;
  if (rank == 0 || !number(&minor) || pos != version.size()) return {0, 0, 0};
  return {rank, major, minor};
}

}  // namespace

bool PreferredVersion(absl::string_view a, absl::string_view b) {
  const auto left = VersionPriority(a);
  const auto right = VersionPriority(b);
  if (left != right) return left > right;
  return a < b;
}

std::vector<ServedGroup> GroupsOf(std::span<const BuiltinKind> kinds) {
  std::vector<ServedGroup> groups;
  for (const BuiltinKind& kind : kinds) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const ServedGroup& candidate) {
      return candidate.name == kind.group;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), ServedGroup{kind.group, {}});
    auto version = std::find_if(
        group->versions.begin(), group->versions.end(),
        [&](const ServedGroup::Version& candidate) { return candidate.version == kind.version; });
    if (version == group->versions.end()) {
      version = group->versions.insert(version, ServedGroup::Version{kind.version, {}});
    }
    version->resources.push_back(ResourceOf(kind));
  }
  return groups;
}

ResourceRef ResourceTable::Find(absl::string_view group, absl::string_view version,
                                absl::string_view plural) const {
  const ServedGroup::Version* served = FindVersion(group, version);
  if (served == nullptr) return nullptr;
  for (const ResourceRef& resource : served->resources) {
    if (resource->plural == plural) return resource;
  }
  return nullptr;
}

ResourceRef ResourceTable::FindKind(absl::string_view group, absl::string_view version,
                                    absl::string_view kind) const {
  const ServedGroup::Version* served = FindVersion(group, version);
  if (served == nullptr) return nullptr;
  for (const ResourceRef& resource : served->resources) {
    if (resource->kind == kind) return resource;
  }
  return nullptr;
}

ResourceRef ResourceTable::FindKindInGroup(absl::string_view group, absl::string_view kind) const {
  const ServedGroup* served = FindGroup(group);
  if (served == nullptr) return nullptr;
  for (const ServedGroup::Version& version : served->versions) {
    for (const ResourceRef& resource : version.resources) {
      if (resource->kind == kind) return resource;
    }
  }
  return nullptr;
}

ResourceRef ResourceTable::FindInGroup(absl::string_view group, absl::string_view plural) const {
  const ServedGroup* served = FindGroup(group);
  if (served == nullptr) return nullptr;
  for (const ServedGroup::Version& version : served->versions) {
    for (const ResourceRef& resource : version.resources) {
      if (resource->plural == plural) return resource;
    }
  }
  return nullptr;
}

ResourceRef ResourceTable::FindStorage(absl::string_view storage) const {
  ResourceRef found;
  for (const ServedGroup& group : groups_) {
    for (const ServedGroup::Version& version : group.versions) {
      for (const ResourceRef& resource : version.resources) {
        if (resource->storage != storage) continue;
        if (resource->storage_api_version == resource->api_version()) return resource;
        if (found == nullptr) found = resource;
      }
    }
  }
  return found;
}

const ServedGroup* ResourceTable::FindGroup(absl::string_view group) const {
  for (const ServedGroup& served : groups_) {
    if (served.name == group) return &served;
  }
  return nullptr;
}

const ServedGroup::Version* ResourceTable::FindVersion(absl::string_view group,
                                                       absl::string_view version) const {
  const ServedGroup* served = FindGroup(group);
  if (served == nullptr) return nullptr;
  for (const ServedGroup::Version& candidate : served->versions) {
    if (candidate.version == version) return &candidate;
  }
  return nullptr;
}

Registry::Registry(std::vector<ServedGroup> builtin) : builtin_(std::move(builtin)) {
  absl::MutexLock lock(&mutex_);
  Rebuild();
}

std::shared_ptr<const ResourceTable> Registry::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return table_;
}

void Registry::SetCustom(const std::string& crd_name, std::vector<ResourceRef> versions) {
  absl::MutexLock lock(&mutex_);
  if (versions.empty()) {
    custom_.erase(crd_name);
  } else {
    custom_[crd_name] = std::move(versions);
  }
  Rebuild();
}

void Registry::Rebuild() {
  auto table = std::make_shared<ResourceTable>();
  table->groups_ = builtin_;
  table->generation_ = ++generation_;
  std::map<std::string, std::map<std::string, std::vector<ResourceRef>>> groups;
  for (const auto& [name, versions] : custom_) {
    for (const ResourceRef& resource : versions) {
      groups[resource->group][resource->version].push_back(resource);
    }
  }
  for (auto& [name, versions] : groups) {
    ServedGroup group;
    group.name = name;
    for (auto& [version, resources] : versions) {
      std::sort(resources.begin(), resources.end(),
                [](const ResourceRef& a, const ResourceRef& b) { return a->plural < b->plural; });
      group.versions.push_back({version, std::move(resources)});
    }
    std::sort(group.versions.begin(), group.versions.end(),
              [](const ServedGroup::Version& a, const ServedGroup::Version& b) {
                return PreferredVersion(a.version, b.version);
              });
    table->groups_.push_back(std::move(group));
  }
  table_ = std::move(table);
}

}  // namespace sluice::devapi
