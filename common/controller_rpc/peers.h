// Calls of one controller to another: how they are secured, and streams that are begun again
// whenever they end.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/kubeconfig.h"
#include "common/rpc/channel.h"
#include "common/rpc/tls.h"

namespace sluice::controller_rpc {

// How this controller calls others. A token is sent over TLS only.
struct PeerSecurity {
  bool tls = false;
  rpc::TlsFiles tls_files;
  kube::TokenSource tokens;  // may be null: no token
};

// A connection to another controller, and the token to call it with.
class Peer {
 public:
  // kInvalidArgument as CreateChannel() has it.
  static absl::StatusOr<Peer> Connect(const std::string& address, const PeerSecurity& security);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // A call with the token of the moment; the errors of the token's source.
  absl::StatusOr<std::unique_ptr<rpc::ClientCall>> NewCall(const Context& ctx) const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  kube::TokenSource tokens_;
};

// Runs `listen` again and again until the context ends, with a back-off that starts anew whenever
// something was heard. `listen` returns when its stream ends, and sets `heard` if anything came.
// `what` names the stream in logs ("artifact events").
void KeepListening(const Context& ctx, Clock& clock, const std::string& what,
                   const std::function<absl::Status(bool& heard)>& listen);

}  // namespace sluice::controller_rpc
