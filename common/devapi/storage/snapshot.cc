// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/storage/snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/crds.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

absl::Status RestoreOne(Cluster& cluster, Value object) {
  const auto [group, version] = SplitApiVersion(object["apiVersion"].str());
  const ResourceRef resource =
      cluster.registry().Snapshot()->FindKind(group, version, object["kind"].str());
  if (resource == nullptr) {
    return absl::NotFoundError(absl::StrCat("no matches for kind \"", object["kind"].str(),
                                            "\" in version \"", object["apiVersion"].str(), "\""));
  }
  const ObjectKey key = {std::string(object["metadata"]["namespace"].str()),
                         std::string(object["metadata"]["name"].str())};
  if (key.name.empty() || key.ns.empty() == resource->namespaced) {
    return absl::InvalidArgumentError(
        absl::StrCat(resource->kind, " ", key.ns, "/", key.name, ": is no stored object"));
  }
  const ObjectRef current = cluster.store().Find(resource->storage, key);
  if (resource->storage == "services") {
    // Its own addresses may be those of the object in its place.
    if (current != nullptr) cluster.service_addresses().Release(current->value());
    (void)cluster.service_addresses().Assign(object);
  }
  const absl::Status stored =
      current == nullptr
          ? cluster.store().Create(resource->storage, key, std::move(object)).status()
          : cluster.store().Replace(resource->storage, key, current, std::move(object)).status();
  RETURN_IF_ERROR(stored);
  return resource->storage == kCrdStorage ? SyncCrd(cluster, key.name) : absl::OkStatus();
}

}  // namespace

std::map<std::string, std::string> TakeSnapshot(const Cluster& cluster) {
  std::map<std::string, std::string> files;
  for (const std::string& storage : cluster.store().Storages()) {
    if (storage == "events") continue;
    std::string& text = files[absl::StrCat(storage, ".yaml")];
    for (const ObjectRef& object : cluster.store().List(storage, "").objects) {
      absl::StrAppend(&text, "---\n", value::FormatYaml(object->value()));
    }
  }
  return files;
}

absl::Status RestoreSnapshot(Cluster& cluster, std::vector<Value> objects) {
  std::stable_partition(objects.begin(), objects.end(), [](const Value& object) {
    return object["kind"].str() == "CustomResourceDefinition";
  });
  for (Value& object : objects) RETURN_IF_ERROR(RestoreOne(cluster, std::move(object)));
  return absl::OkStatus();
}

}  // namespace sluice::devapi
