// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/channel.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/library_log.h"

namespace sluice::rpc {
namespace {

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> CreateChannel(ChannelOptions options) {
  if (options.target.empty()) return absl::InvalidArgumentError("gRPC channel without a target");
  if (!options.tls && !options.tls_files.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("gRPC channel to ", options.target, ": certificates without TLS"));
  }
  RETURN_IF_ERROR(CheckTlsFiles(options.tls_files));
  CaptureLibraryLog();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, Milliseconds(options.first_backoff));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(options.first_backoff));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(options.max_backoff));
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (options.tls) {
    grpc::experimental::TlsChannelCredentialsOptions tls;
    if (!options.tls_files.empty()) tls.set_certificate_provider(WatchTlsFiles(options.tls_files));
    if (!options.tls_files.authorities.empty()) tls.watch_root_certs();
    if (!options.tls_files.certificate.empty()) tls.watch_identity_key_cert_pairs();
    credentials = grpc::experimental::TlsCredentials(tls);
    if (!options.server_name.empty()) {
      arguments.SetSslTargetNameOverride(options.server_name);
    }
  } else {
    credentials = grpc::InsecureChannelCredentials();
  }
  return grpc::CreateCustomChannel(options.target, credentials, arguments);
}

ClientCall::ClientCall(const Context& ctx, const Secret& bearer_token)
    : call_(std::make_unique<grpc::ClientContext>()) {
  if (ctx.deadline() != absl::InfiniteFuture()) {
    call_->set_deadline(absl::ToChronoTime(RealClock().Now() + ctx.remaining()));
  }
  if (!bearer_token.empty()) {
    call_->AddMetadata("authorization", absl::StrCat("Bearer ", bearer_token.Reveal()));
  }
  // Cancelling a call that has not begun makes it fail as soon as it begins.
  registration_ = ctx.OnCancel([call = call_.get()] { call->TryCancel(); });
}

ClientCall::~ClientCall() = default;

}  // namespace sluice::rpc
