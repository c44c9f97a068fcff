// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/revision_index.h"

#include <algorithm>
#include <utility>

#include "common/kube/object.h"

namespace sluice::helm_release {
namespace {

kube::ObjectKey ReleaseOf(const Value& secret) {
  return {std::string(kube::Namespace(secret)), std::string(kube::Label(secret, "name"))};
}

}  // namespace

RevisionIndex::RevisionIndex(kube::Client& client, std::string ns, Clock& clock)
    : ns_(std::move(ns)),
      reflector_(client, {"", "v1", "secrets", "Secret", true},
                 {.ns = ns_, .label_selector = "owner=helm", .field_selector = ""}, *this, clock) {}

std::optional<std::vector<Revision>> RevisionIndex::RevisionsOf(
    const kube::ObjectKey& release) const {
  if (!reflector_.synced() || (!ns_.empty() && ns_ != release.ns)) return std::nullopt;
  std::vector<Revision> revisions;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = releases_.find(release);
    if (found == releases_.end()) return revisions;
    for (const auto& [name, revision] : found->second) revisions.push_back(revision);
  }
  std::stable_sort(revisions.begin(), revisions.end(),
                   [](const Revision& a, const Revision& b) { return a.version() > b.version(); });
  return revisions;
}

void RevisionIndex::Add(const Value& secret, Map& releases) {
  const Value& metadata = secret["metadata"];
  const std::string name(kube::Name(secret));
  releases[ReleaseOf(secret)].insert_or_assign(
      name, Revision({{"metadata",
                       {{"name", name},
                        {"resourceVersion", kube::ResourceVersion(secret)},
                        {"labels", metadata["labels"]}}}}));
}

void RevisionIndex::EndList() {
  absl::MutexLock lock(&mutex_);
  releases_ = std::exchange(listed_, {});
}

void RevisionIndex::Put(Value object) {
  absl::MutexLock lock(&mutex_);
  Add(object, releases_);
}

void RevisionIndex::Removed(Value object) {
  absl::MutexLock lock(&mutex_);
  const auto found = releases_.find(ReleaseOf(object));
  if (found == releases_.end()) return;
  found->second.erase(std::string(kube::Name(object)));
  if (found->second.empty()) releases_.erase(found);
}

}  // namespace sluice::helm_release
