// SPDX-License-Identifier: Apache-2.0
#include "common/git/remote.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/git/packet_sink.h"

namespace sluice::git {

Remote::Remote(Connector connect, RemoteOptions options)
    : connect_(std::move(connect)), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Remote>> Remote::Open(absl::string_view url, const Auth& auth,
                                                     RemoteOptions options) {
  ASSIGN_OR_RETURN(Connector connect, ConnectorFor(url, auth, "git-upload-pack", options));
  return std::make_unique<Remote>(std::move(connect), std::move(options));
}

absl::Status Remote::Connect(const Context& ctx) {
  ASSIGN_OR_RETURN(wire_, connect_());
  AdvertisementReader reader(options_.max_refs);
  PacketSink sink(reader, options_.max_bytes);
  const absl::Status status = wire_->Advertise(ctx, sink);
  if (!status.ok()) {
    wire_.reset();
    return status;
  }
  server_ = std::move(reader.result());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RemoteRef>> Remote::ListRefs(const Context& ctx,
                                                        std::vector<std::string> prefixes) {
  if (wire_ == nullptr || server_.version != 2) RETURN_IF_ERROR(Connect(ctx));
  if (server_.version != 2) return server_.refs;
  RefListReader reader(options_.max_refs);
  PacketSink sink(reader, options_.max_bytes);
  const absl::Status status = wire_->Ask(ctx, 2, EncodeListRefs(server_, prefixes), sink);
  if (!status.ok()) {
    wire_.reset();
    return status;
  }
  return std::move(reader.result());
}

absl::Status Remote::FetchPack(const Context& ctx, const FetchRequest& request,
                               const FetchResponseReader::OnPack& on_pack) {
  if (wire_ == nullptr) RETURN_IF_ERROR(Connect(ctx));
  ASSIGN_OR_RETURN(const std::string encoded, EncodeFetch(server_, request));
  FetchResponseReader reader(server_.version, request.depth > 0 && SupportsDepth(server_), on_pack);
  PacketSink sink(reader, options_.max_bytes);
  const absl::Status status = wire_->Ask(ctx, server_.version, encoded, sink);
  wire_.reset();
  RETURN_IF_ERROR(status);
  if (reader.done()) return absl::OkStatus();
  return absl::UnavailableError("the Git server ended the transfer early");
}

}  // namespace sluice::git
