// Fetching charts that the cache lacks: from Helm repositories that need no login, and from
// registries, with the logins of this machine's user (oci::LocalLogins).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/plan/charts.h"
#include "common/base/context.h"
#include "common/http/transport.h"
#include "common/oci/client.h"

namespace sluice::plan {

// Thread-safe.
class ChartFetcher {
 public:
  static absl::StatusOr<std::unique_ptr<ChartFetcher>> Create();

  struct Fetched {
    LockedChart chart;
    std::string archive;
  };
  // The newest version that suits. The errors of repository and registry.
  absl::StatusOr<Fetched> Fetch(const Context& ctx, const RemoteChart& wanted);

 private:
  ChartFetcher() = default;

  absl::StatusOr<std::string> Get(const Context& ctx, const std::string& url);
  absl::StatusOr<Fetched> FromRepository(const Context& ctx, const RemoteChart& wanted);
  absl::StatusOr<Fetched> FromRegistry(const Context& ctx, const RemoteChart& wanted);

  std::unique_ptr<http::Transport> http_;
  std::unique_ptr<oci::Client> oci_;
};

}  // namespace sluice::plan
