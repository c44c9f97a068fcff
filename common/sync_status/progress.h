// How far an object is on the way to a revision that somebody waits for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/sync_status/status.h"

namespace sluice::sync_status {

struct Goal {
  std::string revision;  // what the revision has to contain; "" for any
  std::string
      requested_at;  // a request that has to be handled, see RequestReconcile(); "" for none
};

enum class Progress {
  kPending,
  kReady,   // for the present spec, at such a revision, with the request handled
  kFailed,  // stalled, suspended, or such a revision was tried and is not ready
};

Progress ProgressOf(const SyncStatus& status, const Goal& goal);

}  // namespace sluice::sync_status
