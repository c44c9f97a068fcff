// Messages of the gRPC services as anybody may send them: what is read of them is checked, and ours
// are read as they were written.

// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_messages.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "sluice/common/v1/sync_status.pb.h"
#include "sluice/source/v1/artifact_service.pb.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(grpc_requests, input) {
  const std::string bytes(input);
  if (source::v1::ArtifactEvent event; event.ParseFromString(bytes)) {
    if (const auto read = controller_rpc::FromMessage(event); read.has_value()) {
      Require(controller_rpc::FromMessage(controller_rpc::ToMessage(*read)).has_value(),
              "an event is read as it was written");
    }
  }
  if (common::v1::Selection selection; selection.ParseFromString(bytes)) {
    const auto wanted = controller_rpc::ToPredicate(selection);
    if (wanted.ok()) (void)(*wanted)(sync_status::SyncStatus());
  }
  if (common::v1::SyncStatus message; message.ParseFromString(bytes)) {
    const sync_status::SyncStatus status = controller_rpc::FromMessage(message);
    const sync_status::SyncStatus again =
        controller_rpc::FromMessage(controller_rpc::ToMessage(status));
    Require(again.object == status.object && again.message == status.message &&
                again.labels == status.labels,
            "a status is read as it was written", status.message);
  }
}

}  // namespace sluice::fuzz
