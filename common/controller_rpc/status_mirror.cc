// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/status_mirror.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/log/log.h"
#include "common/rpc/status_bridge.h"
#include "sluice/common/v1/sync_status.grpc.pb.h"

namespace sluice::controller_rpc {

namespace v1 = ::sluice::common::v1;

StatusMirror::StatusMirror(const Context& ctx, std::string address, PeerSecurity security,
                           sync_status::Board& board, Clock& clock)
    : address_(std::move(address)), security_(std::move(security)), board_(board), clock_(clock) {
  const Context own = ctx.WithStopToken(stop_.get_token()).WithField("peer", address_);
  thread_ = std::jthread([this, own] {
    const absl::StatusOr<Peer> peer = Peer::Connect(address_, security_);
    if (!peer.ok()) {
      log::Error(own, peer.status(), "the peer's objects are not shown");
      return;
    }
    KeepListening(own, clock_, "news of the peer's objects",
                  [&](bool& heard) { return Listen(own, *peer, heard); });
  });
}

StatusMirror::~StatusMirror() { stop_.request_stop(); }

absl::Status StatusMirror::Listen(const Context& ctx, const Peer& peer, bool& heard) {
  const auto stub = v1::SyncStatusService::NewStub(peer.channel());
  v1::WatchRequest request;
  request.set_resume_token(token_);
  ASSIGN_OR_RETURN(const auto call, peer.NewCall(ctx));
  const auto reader = stub->Watch(call->get(), request);
  v1::WatchResponse message;
  std::set<sync_status::ObjectRef> named;  // since the last `synced`
  while (reader->Read(&message)) {
    heard = true;
    switch (message.event_case()) {
      case v1::WatchResponse::kChanged: {
        sync_status::SyncStatus status = FromMessage(message.changed());
        named.insert(status.object);
        shown_.insert(status.object);
        board_.Put(std::move(status));
        break;
      }
      case v1::WatchResponse::kRemoved: {
        const sync_status::ObjectRef object = FromMessage(message.removed());
        if (shown_.erase(object) > 0) board_.Remove(object);
        break;
      }
      case v1::WatchResponse::kSynced:
        if (message.synced().complete()) {
          for (const sync_status::ObjectRef& object : shown_) {
            if (!named.contains(object)) board_.Remove(object);
          }
          shown_ = named;
        }
        named.clear();
        for (const std::string& kind : message.synced().kinds()) {
          if (const kube::Resource* resource = api::FindKind(kind)) board_.Show(*resource);
        }
        log::Info(ctx, "showing the peer's objects");
        synced_ = true;
        break;
      case v1::WatchResponse::EVENT_NOT_SET:
        break;
    }
    if (!message.resume_token().empty()) token_ = message.resume_token();
  }
  return rpc::FromGrpc(reader->Finish());
}

}  // namespace sluice::controller_rpc
