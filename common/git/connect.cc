// SPDX-License-Identifier: Apache-2.0
#include "common/git/connect.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/git/http_wire.h"
#include "common/git/local_wire.h"
#include "common/git/ssh_wire.h"
#include "common/http/client.h"
#include "common/http/message.h"

namespace sluice::git {
namespace {

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

absl::StatusOr<Connector> ConnectorFor(absl::string_view url, const Auth& auth,
                                       absl::string_view service, const RemoteOptions& options) {
  const std::string name(service);
  if (IsLocal(url)) {
    if (!options.allow_local) {
      return absl::InvalidArgumentError("repositories on the local disk are not allowed");
    }
    // A path is taken as it is, a URL may have escapes, as with git.
    const std::string path = absl::StartsWith(url, "/")
                                 ? std::string(url)
                                 : http::Unescape(absl::StripPrefix(url, "file://"), false);
    return Connector([path, name] { return CreateLocalWire(path, name); });
  }
  ASSIGN_OR_RETURN(const http::Url parsed, http::Url::Parse(url));
  if (parsed.host.empty()) return absl::InvalidArgumentError("the URL names no host");
  if (parsed.scheme == "http" || parsed.scheme == "https") {
    std::shared_ptr<http::Transport> transport = options.http_transport;
    if (transport == nullptr) {
      ASSIGN_OR_RETURN(transport, CreateGitHttpClient(auth, options));
    }
    return Connector(
        [transport, parsed, auth, name] { return CreateHttpWire(transport, parsed, auth, name); });
  }
  if (parsed.scheme == "ssh") {
    const SshOptions ssh{.key_exchanges = options.ssh_key_exchanges,
                         .host_key_algorithms = options.ssh_host_key_algorithms,
                         .connect_timeout = options.connect_timeout,
                         .idle_timeout = options.idle_timeout,
                         .proxy_url = options.proxy_url};
    // Bad keys are told at once, not when connecting.
    RETURN_IF_ERROR(CreateSshWire(parsed, auth, name, ssh).status());
    return Connector([parsed, auth, name, ssh] { return CreateSshWire(parsed, auth, name, ssh); });
  }
  return absl::InvalidArgumentError(
      absl::StrCat("URL scheme \"", parsed.scheme, "\" is not supported"));
}

}  // namespace sluice::git
