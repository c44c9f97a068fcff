// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_subscriber.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_messages.h"
#include "common/log/log.h"
#include "common/rpc/status_bridge.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::controller_rpc {

namespace v1 = ::sluice::source::v1;

ArtifactSubscriber::ArtifactSubscriber(const Context& ctx, std::string address,
                                       PeerSecurity security, artifact::Filter filter,
                                       OnEvent on_event, Clock& clock)
    : filter_(std::move(filter)), on_event_(std::move(on_event)) {
  if (address.empty()) return;
  const Context own = ctx.WithStopToken(stop_.get_token()).WithField("source", address);
  thread_ = std::jthread([this, own, address = std::move(address), security, &clock] {
    const absl::StatusOr<Peer> peer = Peer::Connect(address, security);
    if (!peer.ok()) {
      log::Error(own, peer.status(), "artifact events are off, watches go on");
      return;
    }
    KeepListening(own, clock, "artifact events (watches go on)",
                  [&](bool& heard) { return Listen(own, *peer, heard); });
  });
}

ArtifactSubscriber::~ArtifactSubscriber() { stop_.request_stop(); }

absl::Status ArtifactSubscriber::Listen(const Context& ctx, const Peer& peer, bool& heard) {
  const auto stub = v1::ArtifactService::NewStub(peer.channel());
  v1::SubscribeRequest request;
  for (const std::string& kind : filter_.kinds) request.add_kinds(kind);
  for (const std::string& ns : filter_.namespaces) request.add_namespaces(ns);
  request.set_resume_token(token_);
  ASSIGN_OR_RETURN(const auto call, peer.NewCall(ctx));
  const auto reader = stub->Subscribe(call->get(), request);
  v1::ArtifactEvent message;
  while (reader->Read(&message)) {
    const auto event = FromMessage(message);
    if (!event.has_value()) continue;
    if (!heard) log::Info(ctx, "receiving artifact events");
    heard = true;
    if (event->type == artifact::EventType::kResync) {
      token_.clear();
    } else if (!event->resume_token.empty()) {
      token_ = event->resume_token;
    }
    on_event_(*event);
  }
  return rpc::FromGrpc(reader->Finish());
}

}  // namespace sluice::controller_rpc
