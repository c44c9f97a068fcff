// Discovery: which groups, versions and resources there are, in the forms that clients ask for:
// per group and version (/api, /apis, /apis/apps, /apis/apps/v1), or all at once (aggregated).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/devapi/kinds/registry.h"
#include "common/http/server.h"
#include "common/value/value.h"

namespace sluice::devapi {

// APIVersions of /api.
Value CoreVersions();
// APIGroupList of /apis: every group but the core one.
Value GroupList(const ResourceTable& table);
// APIGroup of /apis/<group>; null if there is none.
Value Group(const ResourceTable& table, absl::string_view group);
// APIResourceList of a version; null if there is none.
Value ResourceList(const ResourceTable& table, absl::string_view group, absl::string_view version);
// APIGroupDiscoveryList (apidiscovery.k8s.io/v2 or v2beta1) of the core group, or of all others.
Value AggregatedDiscovery(const ResourceTable& table, bool core, absl::string_view version);

// The answer to a discovery path, in the form that `accept` prefers; nullopt if `path` is none.
std::optional<http::ServerResponse> ServeDiscovery(const ResourceTable& table,
                                                   absl::string_view path,
                                                   const http::Headers& headers);

}  // namespace sluice::devapi
