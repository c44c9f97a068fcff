// Microsoft Entra ID tokens for Azure's services, Azure DevOps among them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

inline constexpr char kAzureDevOpsScope[] = "499b84ac-1321-427f-aa17-267ca6975798/.default";

// A bearer token for `scope`. A service account is exchanged by workload identity federation: its
// annotations "azure.workload.identity/client-id" and "…/tenant-id" name the application. The
// process's own identity is the one that AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID and
// AZURE_TENANT_ID describe, else the machine's managed identity.
absl::StatusOr<Credentials> AzureToken(const Context& ctx, const Services& services,
                                       const Identity& identity, absl::string_view scope);

}  // namespace sluice::cloud_identity
