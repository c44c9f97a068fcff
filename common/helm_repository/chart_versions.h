// The versions of one chart in a stored index, and which of them a HelmChart means
// (spec/source.md §4.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::helm_repository {

struct ChartVersion {
  std::string version;
  std::string url;  // the first one, "" if there is none
  absl::Time created;
};
// The newest first.
using ChartVersions = std::vector<ChartVersion>;

// Finds one chart in the stored form of an index (index_json.h; Flux writes the same), of which no
// more than that chart is held. Not thread-safe.
class ChartFinder {
 public:
  explicit ChartFinder(absl::string_view chart);

  // The bytes of the index in order. False: the rest need not be fed. kResourceExhausted if the
  // chart alone is larger than `most_bytes`.
  absl::StatusOr<bool> Feed(absl::string_view bytes, size_t most_bytes = size_t{64} << 20);

  // nullopt: there is no such chart. kInvalidArgument if its part cannot be read.
  absl::StatusOr<std::optional<ChartVersions>> Finish() const;

 private:
  enum class Place : uint8_t { kBefore, kInside, kAfter };

  const std::string begin_;
  Place place_ = Place::kBefore;
  std::string buffer_;
  size_t searched_ = 0;
};

// The version that `wanted` means: exactly that text, else the highest that the range allows, "" and
// "*" being the newest release; among equals the one that was created last. kNotFound or
// kInvalidArgument with the reference's words.
absl::StatusOr<ChartVersion> ChooseVersion(const ChartVersions& versions, absl::string_view chart,
                                           absl::string_view wanted);

}  // namespace sluice::helm_repository
