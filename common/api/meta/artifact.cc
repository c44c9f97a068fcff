// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/artifact.h"

#include "common/base/duration.h"

namespace sluice::api {

std::optional<Artifact> Artifact::Decode(const Value& value) {
  if (!value.is_object()) return std::nullopt;
  Artifact artifact;
  artifact.path = std::string(value["path"].str());
  artifact.url = std::string(value["url"].str());
  artifact.revision = std::string(value["revision"].str());
  artifact.digest = std::string(value["digest"].str());
  artifact.last_update_time =
      ParseRfc3339(value["lastUpdateTime"].str()).value_or(absl::UnixEpoch());
  artifact.size = value["size"].int_or(-1);
  for (const value::Member& member : value["metadata"].members()) {
    artifact.metadata.emplace(member.key, std::string(member.value.str()));
  }
  return artifact;
}

Value Artifact::Encode() const {
  Value value = {{"path", path},
                 {"url", url},
                 {"revision", revision},
                 {"digest", digest},
                 {"lastUpdateTime", FormatRfc3339(last_update_time)}};
  if (size >= 0) value.Set("size", size);
  if (!metadata.empty()) {
    Value& map = value.Ensure("metadata");
    for (const auto& [key, text] : metadata) map.Set(key, text);
  }
  return value;
}

bool HasRevision(const std::optional<Artifact>& artifact, const std::string& revision) {
  return artifact.has_value() && artifact->revision == revision;
}

}  // namespace sluice::api
