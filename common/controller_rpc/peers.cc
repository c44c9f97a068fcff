// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/peers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"

namespace sluice::controller_rpc {
namespace {

constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(10);

}  // namespace

absl::StatusOr<Peer> Peer::Connect(const std::string& address, const PeerSecurity& security) {
  Peer peer;
  rpc::ChannelOptions options;
  options.target = address;
  options.tls = security.tls;
  if (security.tls) {
    options.tls_files = security.tls_files;
    peer.tokens_ = security.tokens;
  }
  ASSIGN_OR_RETURN(peer.channel_, rpc::CreateChannel(std::move(options)));
  return peer;
}

absl::StatusOr<std::unique_ptr<rpc::ClientCall>> Peer::NewCall(const Context& ctx) const {
  Secret token;
  if (tokens_) {
    ASSIGN_OR_RETURN(token, tokens_(ctx));
  }
  return std::make_unique<rpc::ClientCall>(ctx, token);
}

void KeepListening(const Context& ctx, Clock& clock, const std::string& what,
                   const std::function<absl::Status(bool& heard)>& listen) {
  absl::Duration retry = kFirstRetry;
  bool said = false;
  while (!ctx.cancelled()) {
    bool heard = false;
    const absl::Status status = listen(heard);
    if (ctx.cancelled()) return;
    if (heard) retry = kFirstRetry;
    if (heard || !said) {  // once, not at every attempt
      log::Info(ctx, absl::StrCat("no ", what, ", trying again"), {{"reason", status.message()}});
    }
    said = true;
    if (!clock.Sleep(ctx, retry).ok()) return;
    retry = std::min(retry * 2, kLongestRetry);
  }
}

}  // namespace sluice::controller_rpc
