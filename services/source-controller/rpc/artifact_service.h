// The gRPC face of the artifact hub (proto/sluice/source/v1/artifact_service.proto).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/hub.h"
#include "common/rpc/server_call.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::source_controller {

// Thread-safe. `hub` and `calls` must outlive it.
class ArtifactServiceImpl : public sluice::source::v1::ArtifactService::Service {
 public:
  ArtifactServiceImpl(artifact::Hub& hub, rpc::RunningCalls& calls) : hub_(hub), calls_(calls) {}

  grpc::Status Subscribe(grpc::ServerContext* call,
                         const sluice::source::v1::SubscribeRequest* request,
                         grpc::ServerWriter<sluice::source::v1::ArtifactEvent>* writer) override;

 private:
  artifact::Hub& hub_;
  rpc::RunningCalls& calls_;
};

}  // namespace sluice::source_controller
