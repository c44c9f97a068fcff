// Authorization as RBAC has it: roles and bindings in the store decide. Members of system:masters
// may do everything, as on every cluster.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/devapi/access/identity.h"
#include "common/devapi/cluster.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct Attributes {
  std::string verb;
  bool is_resource = true;
  std::string group;
  std::string version;
  std::string resource;
  std::string subresource;
  std::string ns;
  std::string name;
  std::string path;  // of non-resource requests
};

struct Decision {
  bool allowed = false;
  std::string reason;
};

Decision Authorize(const Cluster& cluster, const UserInfo& user, const Attributes& attributes);

// OK, or the Forbidden API error in the server's words.
absl::Status CheckAllowed(const Cluster& cluster, const UserInfo& user,
                          const Attributes& attributes);

// The rules that apply to a user in a namespace: {resourceRules, nonResourceRules}, as
// SelfSubjectRulesReview shows them.
Value RulesFor(const Cluster& cluster, const UserInfo& user, const std::string& ns);

}  // namespace sluice::devapi
