// SPDX-License-Identifier: Apache-2.0
#include "common/http/client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/base/steady_clock.h"
#include "common/http/body.h"
#include "common/http/connection.h"
#include "common/http/pool.h"
#include "common/http/proxy_dial.h"
#include "common/http/proxy_rules.h"
#include "common/http/redirect.h"
#include "common/http/socket.h"
#include "common/http/tls.h"
#include "common/http/wire.h"

namespace sluice::http {
namespace {

// Up to this much is sent with the head in one write, so in one packet and one TLS record.
constexpr size_t kJoinedBody = size_t{12} << 10;
// A redirect's body is read to keep the connection, if it is no longer than this.
constexpr size_t kMaxRedirectBody = size_t{64} << 10;

// RFC 9110 9.2.2.
bool IsIdempotent(absl::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

// "Get" for "GET", as Go begins its messages about requests.
std::string Verb(absl::string_view method) {
  std::string verb = absl::AsciiStrToLower(method);
  if (!verb.empty()) verb[0] = absl::ascii_toupper(verb[0]);
  return verb;
}

std::string BasicCredentials(absl::string_view userinfo) {
  return absl::StrCat("Basic ", absl::Base64Escape(Unescape(userinfo, /*plus_is_blank=*/false)));
}

bool IsSocks(const Url& proxy) { return absl::StartsWith(proxy.scheme, "socks5"); }

std::string HostField(const Url& url) {
  Url shown = url;
  if (EffectivePort(url) == EffectivePort(Url{url.scheme, "", "", 0, "", ""})) shown.port = 0;
  const std::string origin = shown.Origin();
  return origin.substr(url.scheme.size() + 3);
}

std::string Authority(const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", url.host, "]:", EffectivePort(url))
            : absl::StrCat(url.host, ":", EffectivePort(url));
}

// One request on its way to one URL. What a redirect changes is here; what it keeps is `original`.
struct Exchange {
  const Request& original;
  Url url;
  Headers headers;
  const OnHead& on_head;
  const OnData& on_data;
  bool follow = false;  // hand redirects to `redirect` rather than to the callbacks

  std::optional<std::string> redirect = std::nullopt;
  // Errors that are the caller's own go back to it as they are.
  bool callback_failed = false;
};

class Client : public Transport {
 public:
  Client(ClientOptions options, TlsContext tls, ProxyRules proxies)
      : options_(std::move(options)),
        tls_(std::move(tls)),
        proxies_(std::move(proxies)),
        pool_(static_cast<size_t>(std::max(0, options_.max_idle_connections))) {}

  absl::StatusOr<Response> Send(const Context& ctx, const Request& request) override;
  absl::Status Stream(const Context& ctx, const Request& request, OnHead on_head,
                      OnData on_data) override;

 private:
  absl::Status Run(const Context& ctx, const Request& request, const OnHead& on_head,
                   const OnData& on_data);
  // One hop, tried again on a new connection if a kept one turns out to be dead.
  absl::Status RunHop(const Context& ctx, Exchange& exchange);
  // `stale`: the peer closed the connection before a byte of the answer came.
  absl::Status Attempt(const Context& ctx, Exchange& exchange,
                       std::unique_ptr<Connection> connection, bool& stale);
  absl::Status ReadAnswer(Connection& connection, const Patience& patience, Exchange& exchange,
                          bool& keep, bool& stale);
  absl::Status ReadContent(Connection& connection, const Patience& patience, Exchange& exchange,
                           Response head, const Framing& framing);
  absl::StatusOr<std::unique_ptr<Connection>> Connect(const Context& ctx, const Url& url);
  // `connection`, which leads to `url`'s host, with TLS if the scheme wants it.
  absl::StatusOr<std::unique_ptr<Connection>> Secured(const Context& ctx,
                                                      std::unique_ptr<Connection> connection,
                                                      const Url& url, absl::Time end);
  absl::Status OpenTunnel(const Patience& patience, Connection& connection, const Url& proxy,
                          const Url& url);
  std::string FormatHead(const Exchange& exchange) const;

  const ClientOptions options_;
  const TlsContext tls_;
  const ProxyRules proxies_;
  ConnectionPool pool_;
};

std::string Client::FormatHead(const Exchange& exchange) const {
  const Url& url = exchange.url;
  const Request& request = exchange.original;
  std::string target = url.path.empty() ? "/" : url.path;
  if (!url.query.empty()) absl::StrAppend(&target, "?", url.query);
  // A proxy for plain HTTP is sent the whole URL; through others the connection is as a direct one.
  std::optional<Url> proxy;
  if (url.scheme == "http") proxy = proxies_.For(url);
  const bool through_proxy = proxy.has_value() && !IsSocks(*proxy);
  if (through_proxy) target = absl::StrCat(url.Origin(), target);
  std::string head = absl::StrCat(request.method, " ", target, " HTTP/1.1\r\n");
  const Headers& headers = exchange.headers;
  if (!headers.Has("Host")) AppendField(head, "Host", HostField(url));
  if (!headers.Has("User-Agent") && !options_.user_agent.empty()) {
    AppendField(head, "User-Agent", options_.user_agent);
  }
  for (const auto& [name, value] : headers.fields()) AppendField(head, name, value);
  if (!url.userinfo.empty() && !headers.Has("Authorization")) {
    AppendField(head, "Authorization", BasicCredentials(url.userinfo));
  }
  if (through_proxy && !proxy->userinfo.empty()) {
    AppendField(head, "Proxy-Authorization", BasicCredentials(proxy->userinfo));
  }
  const bool takes_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (takes_body || !request.body.empty()) {
    AppendField(head, "Content-Length", absl::StrCat(request.body.size()));
  }
  absl::StrAppend(&head, "\r\n");
  return head;
}

absl::Status Client::OpenTunnel(const Patience& patience, Connection& connection, const Url& proxy,
                                const Url& url) {
  const std::string authority = Authority(url);
  std::string head = absl::StrCat("CONNECT ", authority, " HTTP/1.1\r\n");
  AppendField(head, "Host", authority);
  if (!proxy.userinfo.empty()) {
    AppendField(head, "Proxy-Authorization", BasicCredentials(proxy.userinfo));
  }
  absl::StrAppend(&head, "\r\n");
  RETURN_IF_ERROR(connection.Write(patience, head));
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadHead(connection, patience));
  if (!text.has_value()) return absl::UnavailableError("proxy closed the connection");
  ASSIGN_OR_RETURN(const ResponseHead answer, ParseResponseHead(*text));
  if (answer.status / 100 != 2) {
    return absl::UnavailableError(absl::StrCat("proxy refused the connection: ", answer.status, " ",
                                               StatusText(answer.status)));
  }
  if (!connection.buffered().empty()) {
    return absl::UnavailableError("proxy sent data before the tunnel was used");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection>> Client::Connect(const Context& ctx, const Url& url) {
  const absl::Time end = SteadyClock().Now() + options_.connect_timeout;
  const std::optional<Url> proxy = proxies_.For(url);
  if (proxy.has_value() && IsSocks(*proxy)) {
    ASSIGN_OR_RETURN(FileDescriptor fd, DialThroughProxy(ctx, *proxy, url.host, EffectivePort(url),
                                                         options_.connect_timeout));
    auto connection = std::make_unique<Connection>(std::move(fd));
    return Secured(ctx, std::move(connection), url, end);
  }
  const Url& peer = proxy.has_value() ? *proxy : url;
  ASSIGN_OR_RETURN(FileDescriptor fd,
                   Dial(ctx, peer.host, EffectivePort(peer), options_.connect_timeout));
  auto connection = std::make_unique<Connection>(std::move(fd));
  if (!proxy.has_value()) return Secured(ctx, std::move(connection), url, end);
  {
    const auto interrupt = ctx.OnCancel([&] { connection->Interrupt(); });
    const Patience patience{ctx, end - SteadyClock().Now()};
    if (proxy->scheme == "https") {
      ASSIGN_OR_RETURN(TlsSession session, tls_.Connect(proxy->host));
      RETURN_IF_ERROR(Annotate(connection->StartTls(patience, std::move(session)), "proxy"));
    }
    if (url.scheme == "https") RETURN_IF_ERROR(OpenTunnel(patience, *connection, *proxy, url));
  }
  return Secured(ctx, std::move(connection), url, end);
}

absl::StatusOr<std::unique_ptr<Connection>> Client::Secured(const Context& ctx,
                                                            std::unique_ptr<Connection> connection,
                                                            const Url& url, absl::Time end) {
  if (url.scheme != "https") return connection;
  const auto interrupt = ctx.OnCancel([&] { connection->Interrupt(); });
  ASSIGN_OR_RETURN(
      TlsSession session,
      tls_.Connect(options_.tls.server_name.empty() ? url.host : options_.tls.server_name));
  RETURN_IF_ERROR(
      connection->StartTls(Patience{ctx, end - SteadyClock().Now()}, std::move(session)));
  return connection;
}

absl::Status Client::ReadContent(Connection& connection, const Patience& patience,
                                 Exchange& exchange, Response head, const Framing& framing) {
  if (exchange.follow && IsRedirect(head.status) && head.headers.Has("Location")) {
    exchange.redirect = std::string(head.headers.Get("Location"));
    size_t total = 0;
    return ReadBody(connection, patience, framing, [&](absl::string_view bytes) {
      total += bytes.size();
      return total <= kMaxRedirectBody ? absl::OkStatus()
                                       : absl::ResourceExhaustedError("redirect's body too large");
    });
  }
  const auto passed_on = [&](absl::Status status) {
    exchange.callback_failed = !status.ok();
    return status;
  };
  RETURN_IF_ERROR(passed_on(exchange.on_head(head)));
  return ReadBody(connection, patience, framing, [&](absl::string_view bytes) {
    RETURN_IF_ERROR(patience.ctx.Check());
    return passed_on(exchange.on_data(bytes));
  });
}

absl::Status Client::ReadAnswer(Connection& connection, const Patience& patience,
                                Exchange& exchange, bool& keep, bool& stale) {
  while (true) {
    absl::StatusOr<std::optional<std::string>> text = ReadHead(connection, patience);
    if (!text.ok() || !text->has_value()) {
      stale =
          connection.peer_closed() && connection.buffered().empty() && !patience.ctx.cancelled();
      return text.ok() ? absl::UnavailableError("EOF") : text.status();
    }
    absl::StatusOr<ResponseHead> parsed = ParseResponseHead(**text);
    if (!parsed.ok()) return absl::UnavailableError(parsed.status().message());
    if (parsed->status == 101) return absl::UnavailableError("unexpected 101 Switching Protocols");
    if (parsed->status < 200) continue;
    const absl::StatusOr<Framing> framing = ResponseFraming(exchange.original.method, *parsed);
    if (!framing.ok()) return absl::UnavailableError(framing.status().message());
    keep = KeepsAlive(parsed->minor_version, parsed->headers) &&
           framing->kind != Framing::Kind::kUntilClose;
    const absl::Status status =
        ReadContent(connection, patience, exchange,
                    Response{parsed->status, std::move(parsed->headers), ""}, *framing);
    if (exchange.redirect.has_value() && !status.ok() && patience.ctx.Check().ok()) {
      keep = false;  // where it leads is known, which is all that was wanted
      return absl::OkStatus();
    }
    if (!exchange.callback_failed && absl::IsInvalidArgument(status)) {
      return absl::UnavailableError(status.message());
    }
    return status;
  }
}

absl::Status Client::Attempt(const Context& ctx, Exchange& exchange,
                             std::unique_ptr<Connection> connection, bool& stale) {
  const bool reused = connection != nullptr;
  if (!reused) {
    ASSIGN_OR_RETURN(connection, Connect(ctx, exchange.url));
  }
  absl::Status status;
  bool keep = false;
  {
    const auto interrupt = ctx.OnCancel([&] { connection->Interrupt(); });
    const Patience patience{ctx, options_.idle_timeout};
    const std::string& body = exchange.original.body;
    std::string head = FormatHead(exchange);
    absl::Status written;
    if (body.size() <= kJoinedBody) {
      head.append(body);
      written = connection->Write(patience, head);
    } else {
      written = connection->Write(patience, head);
      if (written.ok()) written = connection->Write(patience, body);
    }
    if (!written.ok() && !connection->peer_closed()) return written;
    // A peer that stopped listening may have said why (413, 401) before it closed.
    status = ReadAnswer(*connection, patience, exchange, keep, stale);
    stale = stale && reused;
    if (stale || !status.ok()) return !written.ok() && !exchange.callback_failed ? written : status;
    keep = keep && written.ok();
  }
  if (keep && connection->buffered().empty()) {
    pool_.Put(exchange.url.Origin(), std::move(connection));
  }
  return status;
}

absl::Status Client::RunHop(const Context& ctx, Exchange& exchange) {
  bool stale = false;
  const absl::Status status = Attempt(ctx, exchange, pool_.Take(exchange.url.Origin()), stale);
  if (!stale || !IsIdempotent(exchange.original.method)) return status;
  return Attempt(ctx, exchange, nullptr, stale);
}

absl::Status Client::Run(const Context& ctx, const Request& request, const OnHead& on_head,
                         const OnData& on_data) {
  ASSIGN_OR_RETURN(Url url, Url::Parse(request.url));
  if (EffectivePort(url) == 0 || url.host.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", url.Redacted(), "\" is no http or https URL"));
  }
  RETURN_IF_ERROR(CheckSendable(request.method, request.headers));
  const bool may_follow =
      options_.max_redirects > 0 && (request.method == "GET" || request.method == "HEAD");
  Exchange exchange{request, std::move(url), request.headers, on_head, on_data, may_follow};
  for (int redirects = 0;; ++redirects) {
    const auto annotated = [&](const absl::Status& status) {
      return Annotate(status,
                      absl::StrCat(Verb(request.method), " \"", exchange.url.Redacted(), "\""));
    };
    RETURN_IF_ERROR(annotated(ctx.Check()));
    const absl::Status status = RunHop(ctx, exchange);
    if (exchange.callback_failed) return status;
    if (!status.ok()) return annotated(status);
    if (!exchange.redirect.has_value()) return status;
    if (redirects == options_.max_redirects) {
      return annotated(
          absl::FailedPreconditionError(absl::StrCat("stopped after ", redirects, " redirects")));
    }
    absl::StatusOr<Url> target = ResolveRedirect(exchange.url, *exchange.redirect);
    if (!target.ok()) return annotated(target.status());
    exchange.redirect.reset();
    if (!SameOrigin(exchange.url, *target)) {
      DropCredentials(exchange.headers);
      exchange.headers.Remove("Host");
    } else if (target->userinfo.empty()) {
      target->userinfo = exchange.url.userinfo;
    }
    exchange.url = *std::move(target);
  }
}

absl::StatusOr<Response> Client::Send(const Context& ctx, const Request& request) {
  Response response;
  const Context bounded = ctx.WithTimeout(options_.idle_timeout);
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(absl::StrCat(
        Verb(request.method), ": response body is larger than ", options_.max_body, " bytes"));
  };
  const absl::Status status = Run(
      bounded, request,
      [&](const Response& head) {
        response = head;
        return absl::OkStatus();
      },
      [&](absl::string_view bytes) {
        if (bytes.size() > options_.max_body - response.body.size()) return too_large();
        response.body.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      });
  if (absl::IsDeadlineExceeded(status) && ctx.Check().ok()) {
    // Our own limit, not the caller's.
    return absl::UnavailableError(absl::StrCat(status.message(), " (no whole answer within ",
                                               FormatGoDuration(options_.idle_timeout), ")"));
  }
  RETURN_IF_ERROR(status);
  return response;
}

absl::Status Client::Stream(const Context& ctx, const Request& request, OnHead on_head,
                            OnData on_data) {
  return Run(ctx, request, on_head, on_data);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> CreateClient(ClientOptions options) {
  ASSIGN_OR_RETURN(TlsContext tls, TlsContext::ForClient(options.tls));
  ASSIGN_OR_RETURN(ProxyRules proxies, options.proxy_url.empty()
                                           ? ProxyRules::FromProcessEnvironment()
                                           : ProxyRules::Fixed(options.proxy_url));
  return std::make_unique<Client>(std::move(options), std::move(tls), std::move(proxies));
}

}  // namespace sluice::http
