// SPDX-License-Identifier: Apache-2.0
#include "common/git/remote.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/http_wire.h"
#include "common/git/local_wire.h"
#include "common/git/ssh_wire.h"
#include "common/http/client.h"
#include "common/http/message.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kUploadPack = "git-upload-pack";

// An answer made of packets, read by something that has Take(Packet) and done().
template <typename Reader>
class PacketSink : public AnswerSink {
 public:
  PacketSink(Reader& reader, uint64_t max_bytes)
      : reader_(reader),
        left_(max_bytes),
        packets_([this](const Packet& packet) { return reader_.Take(packet); }) {}

  absl::Status Take(absl::string_view bytes) override {
    if (bytes.size() > left_) {
      return absl::ResourceExhaustedError("the Git server sends more bytes than the limit allows");
    }
    left_ -= bytes.size();
    return packets_.Feed(bytes);
  }
  bool done() const override { return reader_.done(); }

 private:
  Reader& reader_;
  uint64_t left_;
  PacketReader packets_;
};

bool IsLocal(absl::string_view url) {
  return absl::StartsWith(url, "file://") || absl::StartsWith(url, "/");
}

}  // namespace

absl::StatusOr<std::shared_ptr<http::Transport>> CreateGitHttpClient(const Auth& auth,
                                                                     const RemoteOptions& options) {
  http::ClientOptions client;
  client.tls.ca_pem = auth.ca_pem;
  client.tls.and_system_authorities = true;
  client.tls.certificate_pem = auth.client_certificate_pem;
  client.tls.private_key_pem = auth.client_key_pem;
  client.connect_timeout = options.connect_timeout;
  client.idle_timeout = options.idle_timeout;
  client.proxy_url = options.proxy_url;
  // Hosting services recognise Git clients by this.
  client.user_agent = "git/2.0 (sluice)";
  ASSIGN_OR_RETURN(std::unique_ptr<http::Transport> transport, http::CreateClient(client));
  return std::shared_ptr<http::Transport>(std::move(transport));
}

std::string RedactUrl(absl::string_view url) {
  if (absl::StartsWith(url, "/")) return std::string(url);
  const absl::StatusOr<http::Url> parsed = http::Url::Parse(url);
  return parsed.ok() ? parsed->Redacted() : "<invalid URL>";
}

Remote::Remote(std::function<absl::StatusOr<std::unique_ptr<Wire>>()> connect,
               RemoteOptions options)
    : connect_(std::move(connect)), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Remote>> Remote::Open(absl::string_view url, const Auth& auth,
                                                     RemoteOptions options) {
  if (IsLocal(url)) {
    if (!options.allow_local) {
      return absl::InvalidArgumentError("repositories on the local disk are not allowed");
    }
    const std::string path(absl::StripPrefix(url, "file://"));
    return std::make_unique<Remote>([path] { return CreateLocalWire(path); }, std::move(options));
  }
  ASSIGN_OR_RETURN(const http::Url parsed, http::Url::Parse(url));
  if (parsed.host.empty()) return absl::InvalidArgumentError("the URL names no host");
  if (parsed.scheme == "http" || parsed.scheme == "https") {
    std::shared_ptr<http::Transport> transport = options.http_transport;
    if (transport == nullptr) {
      ASSIGN_OR_RETURN(transport, CreateGitHttpClient(auth, options));
    }
    return std::make_unique<Remote>(
        [transport, parsed, auth] { return CreateHttpWire(transport, parsed, auth, kUploadPack); },
        std::move(options));
  }
  if (parsed.scheme == "ssh") {
    const SshOptions ssh{.key_exchanges = options.ssh_key_exchanges,
                         .host_key_algorithms = options.ssh_host_key_algorithms,
                         .connect_timeout = options.connect_timeout,
                         .idle_timeout = options.idle_timeout,
                         .proxy_url = options.proxy_url};
    // Bad keys are told at once, not when connecting.
    RETURN_IF_ERROR(CreateSshWire(parsed, auth, kUploadPack, ssh).status());
    return std::make_unique<Remote>(
        [parsed, auth, ssh] { return CreateSshWire(parsed, auth, kUploadPack, ssh); },
        std::move(options));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("URL scheme \"", parsed.scheme, "\" is not supported"));
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
