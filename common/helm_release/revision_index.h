// RevisionIndex: which revisions the releases of a cluster have, by a watch on the metadata of
// their Secrets: enough to see that nobody has touched a release since it was last read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"
#include "common/runtime/reflector.h"

namespace sluice::helm_release {

// Thread-safe.
class RevisionIndex : private runtime::Reflector::Sink {
 public:
  // Of namespace `ns`, of all if it is "". `client`, which had better ask for metadata only, and
  // `clock` must outlive it.
  RevisionIndex(kube::Client& client, std::string ns, Clock& clock);

  void Start(const Context& ctx) { reflector_.Start(ctx); }

  // What VersionsOf(revisions) gives for the revisions of the release, "" if it has none; nullopt
  // if that is not known. A write of a moment ago may be missing.
  std::optional<std::string> VersionsOf(const kube::ObjectKey& release) const;

 private:
  // resourceVersions by the Secret's name.
  using Versions = std::map<std::string, std::string>;
  using Map = absl::flat_hash_map<kube::ObjectKey, Versions>;

  void BeginList() override { listed_.clear(); }
  void Listed(Value object) override;
  void EndList() override;
  void Put(Value object) override;
  void Removed(Value object) override;

  const std::string ns_;
  mutable absl::Mutex mutex_;
  Map releases_ ABSL_GUARDED_BY(mutex_);
  Map listed_;                    // of the list under way
  runtime::Reflector reflector_;  // last: its thread ends before what it uses
};

}  // namespace sluice::helm_release
