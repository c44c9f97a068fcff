// Router: from an HTTP request to the verb that answers it. Authentication, impersonation, faults,
// authorization, audit, then discovery, OpenAPI, health, or a resource.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/base/context.h"
#include "common/devapi/cluster.h"
#include "common/devapi/kinds/openapi.h"
#include "common/devapi/requests/audit.h"
#include "common/devapi/requests/faults.h"
#include "common/http/server.h"

namespace sluice::devapi {

// Thread-safe.
class Router {
 public:
  // `cluster` must outlive the router.
  explicit Router(Cluster& cluster);

  http::ServerResponse Handle(const Context& ctx, const http::ServerRequest& request);

  Faults& faults() { return faults_; }
  AuditLog& audit() { return audit_; }

 private:
  struct Exchange;  // one request on its way

  http::ServerResponse Route(const Context& ctx, Exchange& exchange);
  absl::StatusOr<http::ServerResponse> ServeResource(const Context& ctx, Exchange& exchange);
  http::ServerResponse ServeOther(Exchange& exchange);
  http::ServerResponse ServeAdmin(Exchange& exchange);

  Cluster& cluster_;
  OpenApi openapi_;
  Faults faults_;
  AuditLog audit_;
};

}  // namespace sluice::devapi
