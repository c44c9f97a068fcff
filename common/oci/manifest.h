// Manifests and indexes, of OCI and of Docker.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/oci/reference.h"

namespace sluice::oci {

inline constexpr absl::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr absl::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr absl::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr absl::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";

using Annotations = std::map<std::string, std::string>;

struct Platform {
  std::string os = "linux";
  std::string architecture = "amd64";
  std::string variant;
};

// A manifest or blob: what it is, and how to know it.
struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;  // bytes, not negative
  Annotations annotations;
  std::optional<Platform> platform;  // in indexes
  std::string artifact_type;
};

struct Manifest {
  std::string media_type;
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;  // at most 10,000
  std::optional<Descriptor> subject;
  Annotations annotations;
};

struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;  // at most 10,000
  Annotations annotations;
};

bool IsIndex(absl::string_view media_type);

// From the bytes that a registry serves. kInvalidArgument, saying what is wrong: no JSON, a digest
// or size that is none, too many entries.
absl::StatusOr<Manifest> ParseManifest(absl::string_view json);
absl::StatusOr<Index> ParseIndex(absl::string_view json);

// The first manifest for `platform`; entries that name none are for linux/amd64. Null if none is.
const Descriptor* ForPlatform(const Index& index, const Platform& platform);

}  // namespace sluice::oci
