// Manifests and indexes.

// SPDX-License-Identifier: Apache-2.0
#include "common/oci/manifest.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(oci_manifest, input) {
  if (const auto manifest = oci::ParseManifest(input); manifest.ok()) {
    Require(manifest->layers.size() <= 10'000, "no more layers than the limit");
    for (const oci::Descriptor& layer : manifest->layers) {
      Require(layer.size >= 0 && oci::Digest::Parse(layer.digest.ToString()).ok(),
              "a layer has a size and a digest");
    }
  }
  if (const auto index = oci::ParseIndex(input); index.ok()) {
    (void)oci::ForPlatform(*index, {});
    (void)oci::IsIndex(index->media_type);
  }
}

}  // namespace sluice::fuzz
