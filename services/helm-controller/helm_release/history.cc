// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/history.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"

namespace sluice::helm_controller {
namespace {

api::Snapshot* FindSame(api::History& history, const api::Snapshot& snapshot) {
  const auto same = std::find_if(history.begin(), history.end(), [&](const api::Snapshot& other) {
    return other.SameRevision(snapshot);
  });
  return same == history.end() ? nullptr : &*same;
}

api::Snapshot Take(const helm_release::Record& record, const std::string& oci_digest,
                   const Session& session) {
  return SnapshotOf(record, oci_digest,
                    helm_rendering::ValuesDigest(record.config, session.digest_algorithm),
                    session.digest_algorithm);
}

}  // namespace

void NoteWritten(const helm_release::Record& record, const std::string& action, int64_t made,
                 const std::string& oci_digest, Session& session) {
  api::History& history = session.status.history;
  api::Snapshot snapshot = Take(record, oci_digest, session);
  api::Snapshot* const known = FindSame(history, snapshot);
  if (known == nullptr) {
    const api::Snapshot* const latest = api::LatestOf(history);
    if (latest != nullptr && latest->version > record.version) return;
    // One that was of no concern so far and is now out of the way.
    if (record.info.status == helm_release::Status::kSuperseded) return;
    snapshot.action = action;
    history.insert(history.begin(), std::move(snapshot));
    return;
  }
  if (known->oci_digest != oci_digest && record.version != made) {
    snapshot = Take(record, known->oci_digest, session);
  }
  snapshot.action = record.version == made || action == "rollback" ? action : known->action;
  snapshot.test_hooks = std::move(known->test_hooks);
  *known = std::move(snapshot);
}

bool IsAsObserved(const helm_release::Record& record, const api::Snapshot& snapshot) {
  if (snapshot.api_version != "v2") return true;
  const std::string algorithm =
      snapshot.digest.substr(0, std::min(snapshot.digest.find(':'), snapshot.digest.size()));
  const auto digest = helm_release::ObservationDigest(record, snapshot.oci_digest, algorithm);
  return digest.ok() && *digest == snapshot.digest;
}

bool NeedsAdoption(const helm_release::Record& newest, const Session& session) {
  if (newest.intent.empty() || newest.intent.owner != kube::Uid(session.object())) return false;
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  return latest == nullptr || latest->version != newest.version || !IsAsObserved(newest, *latest);
}

absl::Status AdoptOwnRevisions(const std::vector<helm_release::Revision>& revisions,
                               Session& session) {
  const std::string uid(kube::Uid(session.object()));
  api::History& history = session.status.history;
  const api::Snapshot* latest = api::LatestOf(history);
  for (auto revision = revisions.rbegin(); revision != revisions.rend(); ++revision) {
    const auto record = revision->Decode();
    if (!record.ok() || record->intent.owner != uid) continue;
    const api::Snapshot probe = Take(*record, record->intent.oci_digest, session);
    const api::Snapshot* const known = FindSame(history, probe);
    if (known != nullptr && IsAsObserved(*record, *known)) continue;
    // What the history has dropped on purpose stays dropped, unless it is the newest's past.
    const bool newer = latest == nullptr || record->version >= latest->version;
    if (known == nullptr && !newer) continue;
    NoteWritten(*record, record->intent.action, record->version, record->intent.oci_digest,
                session);
    latest = api::LatestOf(history);
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
