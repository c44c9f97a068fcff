// The clouds whose identities stand in for credentials (spec/source.md §6.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "services/source-controller/options.h"

namespace sluice::source_controller {

// Where identities of the process and of service accounts are exchanged. All of it outlives its
// users.
struct CloudAccess {
  // The same over another connection, which must outlive the result.
  cloud_identity::Services Over(http::Transport& transport) const {
    return {services.client, transport, services.environment, services.clock};
  }

  cloud_identity::Services services;
  cloud_identity::TokenCache& tokens;
  const Options& options;
};

}  // namespace sluice::source_controller
