// status.history: the last five different results (spec/kustomize.md §5.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::kustomize_controller {

struct HistoryEntry {
  std::string digest;  // of the built manifests
  std::string result;  // "ReconciliationSucceeded"
  std::string revision;
  std::string origin_revision;
  absl::Time at;
  absl::Duration took;
};

// `history` (null or a list) with `entry` recorded: an entry of the same digest and result is
// counted up and moved to the front, otherwise a new one is put there. At most five stay.
Value WithEntry(const Value& history, const HistoryEntry& entry);

}  // namespace sluice::kustomize_controller
