// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_subscriber.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/controller_rpc/artifact_messages.h"
#include "common/log/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_bridge.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::source::v1;

constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(10);

}  // namespace

ArtifactSubscriber::ArtifactSubscriber(const Context& ctx, std::string address,
                                       artifact::Filter filter, OnEvent on_event, Clock& clock)
    : address_(std::move(address)),
      filter_(std::move(filter)),
      on_event_(std::move(on_event)),
      clock_(clock) {
  if (address_.empty()) return;
  const Context own = ctx.WithStopToken(stop_.get_token()).WithField("source", address_);
  thread_ = std::jthread([this, own] { Run(own); });
}

ArtifactSubscriber::~ArtifactSubscriber() { stop_.request_stop(); }

void ArtifactSubscriber::Run(const Context& ctx) {
  const auto channel = rpc::CreateChannel({.target = address_});
  if (!channel.ok()) {
    log::Error(ctx, channel.status(), "artifact events are off, watches go on");
    return;
  }
  std::string token;
  absl::Duration retry = kFirstRetry;
  bool connected = false;
  while (!ctx.cancelled()) {
    bool heard = false;
    const absl::Status status = Listen(ctx, *channel, token, heard);
    if (ctx.cancelled()) return;
    if (heard) retry = kFirstRetry;
    if (heard || !connected) {
      log::Info(ctx, "no artifact events, watches go on", {{"reason", status.message()}});
    }
    connected = true;  // say it once, not at every attempt
    if (!clock_.Sleep(ctx, retry).ok()) return;
    retry = std::min(retry * 2, kLongestRetry);
  }
}

absl::Status ArtifactSubscriber::Listen(const Context& ctx,
                                        const std::shared_ptr<grpc::Channel>& channel,
                                        std::string& token, bool& heard) {
  const auto stub = v1::ArtifactService::NewStub(channel);
  v1::SubscribeRequest request;
  for (const std::string& kind : filter_.kinds) request.add_kinds(kind);
  for (const std::string& ns : filter_.namespaces) request.add_namespaces(ns);
  request.set_resume_token(token);
  rpc::ClientCall call(ctx);
  const auto reader = stub->Subscribe(call.get(), request);
  v1::ArtifactEvent message;
  while (reader->Read(&message)) {
    const auto event = FromMessage(message);
    if (!event.has_value()) continue;
    if (!heard) log::Info(ctx, "receiving artifact events");
    heard = true;
    if (event->type == artifact::EventType::kResync) {
      token.clear();
    } else if (!event->resume_token.empty()) {
      token = event->resume_token;
    }
    on_event_(*event);
  }
  return rpc::FromGrpc(reader->Finish());
}

}  // namespace sluice::controller_rpc
