// Entries of a transparency log (Rekor 1): proofs that a signature was made public, and when.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sigstore/trusted_root.h"

namespace sluice::sigstore {

// That an entry is in a tree of which the log has signed the root (RFC 6962).
struct InclusionProof {
  int64_t index = 0;
  int64_t tree_size = 0;
  std::string root_hash;
  std::vector<std::string> hashes;  // from the leaf up
  std::string checkpoint;           // a signed note
};

struct LogEntry {
  std::string body;  // canonical JSON
  absl::Time integrated;
  int64_t index = 0;
  std::string log_id;   // bytes
  std::string promise;  // "signed entry timestamp": the log's signature over all of the above
  std::optional<InclusionProof> proof;
};

// OK if a log of `logs`, in its time, signed the promise of `entry`; and the proof, if there is
// one, holds. Only then `integrated` is true. kUnauthenticated with what is wrong.
absl::Status VerifyLogEntry(const LogEntry& entry, std::span<const Log> logs);

// OK if `proof` leads from `leaf`, an entry's bytes, to the root that it names.
absl::Status VerifyInclusion(const InclusionProof& proof, absl::string_view leaf);

}  // namespace sluice::sigstore
