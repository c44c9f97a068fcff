// Keeping status.history equal to what we made of a release (spec/helm.md §2.14), also when a run
// was cut short.
//
// Expected flow. Each revision that is written to Helm's storage is noted here in the same run, and
// the status is patched soon after. A run that ends in between leaves revisions in the storage that
// the history does not know. Guarantees. Each of our revisions carries an intent, an annotation
// that Helm drops when it writes; the next run recognises its own by it and takes them over.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/helm_release/storage.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// `record` was written in the course of `action` ("install", "upgrade", "rollback", …), whose own
// revision is `made`. Its snapshot is put first, or in its place; those of older revisions keep
// their action unless the action is a rollback.
void NoteWritten(const helm_release::Record& record, const std::string& action, int64_t made,
                 const std::string& oci_digest, Session& session);

// Whether `record` is what the snapshot was taken of. Snapshots of other versions of the API are
// believed.
bool IsAsObserved(const helm_release::Record& record, const api::Snapshot& snapshot);

// Whether the newest revision is ours, and the history does not have it as it is.
bool NeedsAdoption(const helm_release::Record& newest, const Session& session);

// Takes revisions whose intent names this HelmRelease into the history, unless it has them as they
// are.
absl::Status AdoptOwnRevisions(const std::vector<helm_release::Revision>& revisions,
                               Session& session);

}  // namespace sluice::helm_controller
