// ChartCache: parsed charts by the digest of what they were made from, for programs that render the
// same charts again and again.
//
//   ASSIGN_OR_RETURN(const auto parsed,
//                    cache.Get(digest, dialect, [&] { return LoadArchive(bytes); }));
//   Render(parsed->chart(), values, target, {.parsed = parsed.get()});

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/helm/chart.h"
#include "common/helm/parsed_chart.h"

namespace sluice::helm {

// Thread-safe. What it gave out lives on when it is dropped here.
class ChartCache {
 public:
  // Keeps the charts used last, up to so many and so many bytes of their files.
  explicit ChartCache(size_t max_charts = 64, size_t max_bytes = 256 << 20)
      : max_charts_(max_charts), max_bytes_(max_bytes) {}

  // The chart of that digest; what `load` gives, parsed, if it is not there. Two threads that miss
  // at once both load. Errors are those of `load` and are not kept.
  using Loader = absl::FunctionRef<absl::StatusOr<std::shared_ptr<const Chart>>()>;
  absl::StatusOr<std::shared_ptr<const ParsedChart>> Get(absl::string_view digest, Dialect dialect,
                                                         Loader load);

  size_t size() const;

 private:
  using Key = std::pair<std::string, Dialect>;
  struct Entry {
    Key key;
    std::shared_ptr<const ParsedChart> chart;
    size_t bytes;
  };

  void Trim() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_charts_;
  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // the one used last first
  std::map<Key, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sluice::helm
