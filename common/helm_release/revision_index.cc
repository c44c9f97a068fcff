// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/revision_index.h"

#include <utility>

#include "absl/strings/str_join.h"
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

std::optional<std::string> RevisionIndex::VersionsOf(const kube::ObjectKey& release) const {
  if (!reflector_.synced() || (!ns_.empty() && ns_ != release.ns)) return std::nullopt;
  absl::MutexLock lock(&mutex_);
  const auto found = releases_.find(release);
  if (found == releases_.end()) return "";
  return absl::StrJoin(found->second, " ", absl::PairFormatter("="));
}

void RevisionIndex::Listed(Value object) {
  listed_[ReleaseOf(object)].insert_or_assign(std::string(kube::Name(object)),
                                              std::string(kube::ResourceVersion(object)));
}

void RevisionIndex::EndList() {
  absl::MutexLock lock(&mutex_);
  releases_ = std::exchange(listed_, {});
}

void RevisionIndex::Put(Value object) {
  absl::MutexLock lock(&mutex_);
  releases_[ReleaseOf(object)].insert_or_assign(std::string(kube::Name(object)),
                                                std::string(kube::ResourceVersion(object)));
}

void RevisionIndex::Removed(Value object) {
  absl::MutexLock lock(&mutex_);
  const auto found = releases_.find(ReleaseOf(object));
  if (found == releases_.end()) return;
  found->second.erase(std::string(kube::Name(object)));
  if (found->second.empty()) releases_.erase(found);
}

}  // namespace sluice::helm_release
