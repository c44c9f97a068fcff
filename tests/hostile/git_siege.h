// What the tests of hostile Git repositories share: what a GitRepository of one looks like, and
// what it may cost.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/hostile/git.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {

inline constexpr char kFailed[] = "GitOperationFailed";
inline constexpr uint64_t kMib = uint64_t{1} << 20;
// Of one fetch, spec.timeout.
inline constexpr char kTimeout[] = "8s";
inline constexpr absl::Duration kLimit = absl::Seconds(90);
// What may be held at once, whatever is sent: measured 60 to 110 MiB without optimisation.
inline constexpr double kMaxMemoryMib = 256;
// A neighbour that has to wait for one hostile object waits for spec.timeout at least.
inline constexpr absl::Duration kMaxNeighbour = absl::Seconds(5);

inline Hostile Repository(const std::string& name, const std::string& url, const std::string& text,
                          const std::string& reason = kFailed) {
  return {.kind = "GitRepository",
          .name = name,
          .spec = {{"interval", "1h"},
                   {"timeout", kTimeout},
                   {"url", url},
                   {"ref", {{"branch", "main"}}}},
          .reason = reason,
          .text = text};
}

inline void CheckToll(const Toll& toll) {
  CHECK(toll.peak_mib < kMaxMemoryMib);
  CHECK(toll.worst_during < std::max(kMaxNeighbour, 3 * toll.worst_before));
  CHECK(toll.disk_mib < 16);
}

// A pack with one file.
inline Pack SmallPack(git::ObjectId& tip) {
  Pack pack;
  const git::ObjectId blob = pack.Add(git::ObjectType::kBlob, "text\n");
  tip = pack.AddCommit(pack.AddTree({{git::kModeFile, "a.txt", blob}}));
  return pack;
}

}  // namespace sluice::hostile
