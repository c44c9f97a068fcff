// `sluice list artifacts` and `sluice pull artifact`: what Flux keeps in registries
// (spec/cli.md §10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/artifact/registry.h"
#include "cli/run.h"
#include "common/base/context.h"
#include "common/flags/command.h"
#include "common/oci/client.h"

namespace sluice::cli {

void AddList(Command& command);
void AddPull(Command& command);

// Annotations of an artifact's manifest.
inline constexpr char kSource[] = "org.opencontainers.image.source";
inline constexpr char kRevision[] = "org.opencontainers.image.revision";

// Unpacks the artifact's first layer into `folder`, which is there; nothing is in it until the
// layer is known to be whole.
absl::StatusOr<oci::Image> PullInto(const Context& ctx, const RegistryOptions& options,
                                    const std::string& folder);

// Runs `command` within the time limit of `options.registry`.
template <typename Options>
int RunLimited(const Options& options, absl::Status (*command)(const Context&, const Options&)) {
  return Run([&](const Context& ctx) {
    return command(ctx.WithTimeout(options.registry.timeout), options);
  });
}

}  // namespace sluice::cli
