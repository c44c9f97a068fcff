// What is in memory does not get into files.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "tests/secrets/places.h"

namespace sluice::secrets {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

TEST_CASE("controllers leave no core dumps", "[secrets]") {
  const e2e::TempDir temporary;
  Watched watched(temporary.path());
  for (const char* name :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    CAPTURE(name);
    // A limit of one byte also keeps the kernel from piping a dump to a program.
    REQUIRE(e2e::Eventually(kLimit, [&] {
      return absl::StrContains(watched.cluster().process(name).Proc("limits"),
                               "Max core file size        1                    1 ");
    }));
  }
}

}  // namespace
}  // namespace sluice::secrets
