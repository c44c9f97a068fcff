// The gRPC face of the artifact hub (proto/sluice/source/v1/artifact_service.proto): tells each
// caller of the objects that it may watch.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/artifact/hub.h"
#include "common/base/clock.h"
#include "common/controller_rpc/guard.h"
#include "common/rpc/server_call.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace sluice::controller_rpc {

// Everything must outlive the service.
std::unique_ptr<grpc::Service> CreateArtifactService(artifact::Hub& hub, Guard& guard, Clock& clock,
                                                     rpc::RunningCalls& calls);

}  // namespace sluice::controller_rpc
