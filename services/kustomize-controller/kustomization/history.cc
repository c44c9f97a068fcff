// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/history.h"

#include "common/base/duration.h"

namespace sluice::kustomize_controller {
namespace {

constexpr size_t kMaxEntries = 5;

}  // namespace

Value WithEntry(const Value& history, const HistoryEntry& entry) {
  const std::string now = FormatRfc3339(entry.at);
  Value front = {{"digest", entry.digest},
                 {"firstReconciled", now},
                 {"lastReconciledStatus", entry.result},
                 {"totalReconciliations", 0}};
  Value others = Value::EmptyArray();
  for (const Value& old : history.items()) {
    const bool same =
        old["digest"].str() == entry.digest && old["lastReconciledStatus"].str() == entry.result;
    if (same) {
      front = old;
    } else {
      others.Append(old);
    }
  }
  front.Set("lastReconciled", now);
  front.Set("lastReconciledDuration", FormatGoDuration(entry.took));
  front.Set("totalReconciliations", front["totalReconciliations"].int_or(0) + 1);
  Value metadata = {{"revision", entry.revision}};
  if (!entry.origin_revision.empty()) metadata.Set("originRevision", entry.origin_revision);
  front.Set("metadata", std::move(metadata));

  Value result = Value::EmptyArray();
  result.Append(std::move(front));
  for (const Value& old : others.items()) {
    if (result.size() < kMaxEntries) result.Append(old);
  }
  return result;
}

}  // namespace sluice::kustomize_controller
