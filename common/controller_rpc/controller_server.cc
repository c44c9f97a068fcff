// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/controller_server.h"

#include <grpcpp/impl/codegen/service_type.h>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_service.h"
#include "common/log/log.h"
#include "common/rpc/library_log.h"

namespace sluice::controller_rpc {

PeerSecurity SecurityOf(const runtime::Process& process) {
  const runtime::GrpcOptions& flags = process.options().grpc;
  PeerSecurity security;
  security.tls = !flags.ca_file.empty();
  security.tls_files = {flags.certificate_file, flags.key_file, flags.ca_file};
  security.tokens = process.tokens();
  return security;
}

ControllerServer::ControllerServer(runtime::Process& process, sync_status::Board& board)
    : process_(process),
      reviewer_(process.client(), RealClock()),
      guard_(process.options().grpc.certificate_file.empty() ? nullptr : &reviewer_, RealClock()),
      discovery_(process.client()),
      board_(board),
      sync_status_(CreateSyncStatusService(
          {board, process.client(), discovery_, guard_, RealClock(), calls_,
           [this](const std::string& kind) { return Availability(kind); }})) {
  rpc::CaptureLibraryLog();
  Add("sluice.common.v1.SyncStatusService", *sync_status_);
}

ControllerServer::~ControllerServer() { calls_.CancelAll(); }

absl::Status ControllerServer::Availability(const std::string& kind) const {
  if (!process_.ready()) return absl::UnavailableError("caches are not filled yet");
  if (kind.empty() || api::FindKind(kind) == nullptr) return absl::OkStatus();
  for (const auto& mirror : mirrors_) {
    if (mirror->synced()) continue;
    return absl::UnavailableError(absl::StrCat("nothing was heard of ", mirror->address(), " yet"));
  }
  return absl::OkStatus();
}

absl::Status ControllerServer::Start() {
  const runtime::GrpcOptions& flags = process_.options().grpc;
  rpc::ServerOptions options;
  options.address = flags.ListenAddress();
  options.tls = {flags.certificate_file, flags.key_file, flags.client_ca_file};
  options.require_client_certificate = flags.require_client_certificate;
  for (const std::string& peer : flags.status_peers) {
    mirrors_.push_back(std::make_unique<StatusMirror>(process_.context(), peer,
                                                      SecurityOf(process_), board_, RealClock()));
  }
  ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, calls_, services_));
  if (options.address != flags.address) {
    log::Info(process_.context(),
              "gRPC is served on the loopback interface only: give it a certificate with "
              "--grpc-tls-cert-file, or --grpc-insecure",
              {{"asked", flags.address}});
  }
  log::Info(process_.context(), "serving gRPC", {{"port", server_->port()}});
  return absl::OkStatus();
}

}  // namespace sluice::controller_rpc
