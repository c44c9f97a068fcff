// RevisionIndex: which revisions the releases of a cluster have, by a watch on the metadata of
// their Secrets: enough to see that nobody has touched a release since it was last read, and which
// of its revisions are worth reading.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/helm_release/storage.h"
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

  // The revisions of the release, newest first, without what is in them; nullopt if they are not
  // known. A write of a moment ago may be missing.
  std::optional<std::vector<Revision>> RevisionsOf(const kube::ObjectKey& release) const;

 private:
  // By the Secret's name.
  using Revisions = std::map<std::string, Revision>;
  using Map = absl::flat_hash_map<kube::ObjectKey, Revisions>;

  static void Add(const Value& secret, Map& releases);

  void BeginList() override { listed_.clear(); }
  void Listed(Value object) override { Add(object, listed_); }
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
