// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/config_watch.h"

#include <utility>

#include "common/kube/object.h"

namespace sluice::kustomize_controller {
namespace {

kube::Resource ResourceOf(const std::string& kind) {
  return {"", "v1", kind == "Secret" ? "secrets" : "configmaps", kind, true};
}

}  // namespace

ConfigWatch::ConfigWatch(kube::Client& client, const std::string& kind, const std::string& ns,
                         const std::string& label_selector, Clock& clock)
    : reflector_(client, ResourceOf(kind),
                 {.ns = ns, .label_selector = label_selector, .field_selector = ""}, *this, clock) {
}

std::string ConfigWatch::SubjectOf(const Value& object) const {
  // Not the object's own kind, which is PartialObjectMetadata.
  return kube::Subject(reflector_.resource().kind, kube::KeyOf(object));
}

void ConfigWatch::Listed(Value object) {
  listed_.insert_or_assign(SubjectOf(object), std::string(kube::ResourceVersion(object)));
}

void ConfigWatch::EndList() {
  const Versions before = std::exchange(versions_, std::exchange(listed_, {}));
  for (const auto& [subject, version] : versions_) {
    const auto it = before.find(subject);
    if (it == before.end() || it->second != version) handler_(subject);
  }
  for (const auto& [subject, version] : before) {
    if (!versions_.contains(subject)) handler_(subject);
  }
}

void ConfigWatch::Put(Value object) {
  const std::string subject = SubjectOf(object);
  std::string version(kube::ResourceVersion(object));
  std::string& known = versions_[subject];
  if (known == version) return;
  known = std::move(version);
  handler_(subject);
}

void ConfigWatch::Removed(Value object) {
  const std::string subject = SubjectOf(object);
  versions_.erase(subject);
  handler_(subject);
}

}  // namespace sluice::kustomize_controller
