// status.artifact: what a source publishes and consumers download.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

struct Artifact {
  std::string path;      // below the storage root
  std::string url;       // where it is served
  std::string revision;  // "main@sha1:…"
  std::string digest;    // "sha256:…" over the stored bytes
  absl::Time last_update_time;
  int64_t size = -1;  // bytes; negative: unknown
  std::map<std::string, std::string> metadata;

  // nullopt if `value` is no object.
  static std::optional<Artifact> Decode(const Value& value);
  Value Encode() const;

  friend bool operator==(const Artifact&, const Artifact&) = default;
};

// Whether `artifact` is there and has this revision (plain equality).
bool HasRevision(const std::optional<Artifact>& artifact, const std::string& revision);

}  // namespace sluice::api
