// SPDX-License-Identifier: Apache-2.0
#include "common/http/tls.h"

#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/x509.h"
#include "common/http/body.h"
#include "common/http/client.h"
#include "common/http/raw_peer.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;
using Code = absl::StatusCode;

// An authority, and what it says about a server on this machine and about a user.
struct Certificates {
  crypto::KeyPair authority;
  crypto::KeyPair server;
  crypto::KeyPair client;
};

Certificates Issue(absl::Time not_after = absl::Now() + absl::Hours(1)) {
  const absl::Time begin = absl::Now() - absl::Hours(2);
  Certificates all;
  all.authority = crypto::CreateAuthority("test", begin, absl::Now() + absl::Hours(2)).value();
  crypto::CertificateRequest request;
  request.common_name = "server";
  request.dns_names = {"api.test"};
  request.ip_addresses = {"127.0.0.1"};
  request.server = true;
  request.not_before = begin;
  request.not_after = not_after;
  all.server = crypto::IssueCertificate(all.authority, request).value();
  request.common_name = "alice";
  request.organizations = {"dev", "ops"};
  request.server = false;
  request.client = true;
  all.client = crypto::IssueCertificate(all.authority, request).value();
  return all;
}

ServerResponse WhoAmI(const Context&, const ServerRequest& request) {
  ServerResponse response;
  response.body =
      absl::StrCat(request.peer.common_name, "/", absl::StrJoin(request.peer.organizations, ","));
  return response;
}

std::unique_ptr<Server> StartServer(const Certificates& certificates, Handler handler = WhoAmI) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  options.certificate_pem = certificates.server.certificate_pem;
  options.private_key_pem = certificates.server.private_key_pem;
  options.client_ca_pem = certificates.authority.certificate_pem;
  return Server::Start(std::move(options), std::move(handler)).value();
}

absl::StatusOr<std::string> Ask(const Server& server, TlsOptions tls,
                                absl::string_view host = "127.0.0.1") {
  ClientOptions options;
  options.tls = std::move(tls);
  Request request;
  request.url = absl::StrCat("https://", host, ":", server.port(), "/");
  auto response = CreateClient(std::move(options)).value()->Send(Context::Background(), request);
  if (!response.ok()) return response.status();
  return response->body;
}

TEST_CASE("the server's certificate must come from the authority and name the host", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK(Ask(*server, tls).value() == "/");
  CHECK_THAT(Ask(*server, tls, "localhost").status(),
             StatusIs(Code::kUnavailable, "not valid for the requested host"));
  tls.server_name = "api.test";
  CHECK(Ask(*server, tls, "localhost").ok());
  tls.server_name = "other.test";
  CHECK_THAT(Ask(*server, tls).status(),
             StatusIs(Code::kUnavailable, "tls: failed to verify certificate: x509: "));
  tls.server_name = "";
  tls.ca_pem = Issue().authority.certificate_pem;
  CHECK_THAT(Ask(*server, tls).status(),
             StatusIs(Code::kUnavailable, "certificate signed by unknown authority"));
  tls.ca_pem = "";
  CHECK_THAT(Ask(*server, tls).status(),
             StatusIs(Code::kUnavailable, "certificate signed by unknown authority"));
  tls.insecure_skip_verify = true;
  CHECK(Ask(*server, tls, "localhost").ok());
}

TEST_CASE("given authorities replace the system's or add to them", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  // OpenSSL takes the system's authorities from the file that this names.
  std::string system = "/tmp/sluice-roots-XXXXXX";
  close(mkstemp(system.data()));
  std::ofstream(system) << certificates.authority.certificate_pem;
  setenv("SSL_CERT_FILE", system.c_str(), 1);
  TlsOptions tls;
  CHECK(Ask(*server, tls).ok());
  tls.ca_pem = Issue().authority.certificate_pem;
  CHECK_THAT(Ask(*server, tls).status(), StatusIs(Code::kUnavailable, "unknown authority"));
  tls.and_system_authorities = true;
  CHECK(Ask(*server, tls).ok());
  unsetenv("SSL_CERT_FILE");
  std::remove(system.c_str());
  CHECK_THAT(Ask(*server, tls).status(), StatusIs(Code::kUnavailable, "unknown authority"));
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK(Ask(*server, tls).ok());
}

TEST_CASE("a certificate that is trusted itself needs no authority", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.server.certificate_pem;
  CHECK(Ask(*server, tls).ok());
}

TEST_CASE("an expired server certificate is refused", "[tls]") {
  const Certificates certificates = Issue(absl::Now() - absl::Hours(1));
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK_THAT(Ask(*server, tls).status(), StatusIs(Code::kUnavailable, "has expired"));
}

TEST_CASE("a verified client certificate tells the handler who asks", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  tls.certificate_pem = certificates.client.certificate_pem;
  tls.private_key_pem = certificates.client.private_key_pem;
  CHECK(Ask(*server, tls).value() == "alice/dev,ops");

  const Certificates others = Issue();
  tls.certificate_pem = others.client.certificate_pem;
  tls.private_key_pem = others.client.private_key_pem;
  CHECK(absl::IsUnavailable(Ask(*server, tls).status()));
}

TEST_CASE("PEM that is no certificate or key is refused by what it was for", "[tls]") {
  const Certificates certificates = Issue();
  const auto refusal = [&](auto change) {
    TlsOptions tls;
    tls.ca_pem = certificates.authority.certificate_pem;
    tls.certificate_pem = certificates.client.certificate_pem;
    tls.private_key_pem = certificates.client.private_key_pem;
    change(tls);
    return TlsContext::ForClient(tls).status();
  };
  CHECK(refusal([](TlsOptions&) {}).ok());
  CHECK_THAT(refusal([](TlsOptions& tls) { tls.ca_pem = "x"; }),
             StatusIs(Code::kInvalidArgument, "failed to parse CA certificate"));
  CHECK_THAT(refusal([](TlsOptions& tls) { tls.certificate_pem = "x"; }),
             StatusIs(Code::kInvalidArgument, "failed to parse certificate"));
  CHECK_THAT(refusal([](TlsOptions& tls) { tls.private_key_pem = Secret("x"); }),
             StatusIs(Code::kInvalidArgument, "failed to parse private key"));
  CHECK_THAT(refusal([](TlsOptions& tls) { tls.private_key_pem = Secret(); }),
             StatusIs(Code::kInvalidArgument, "failed to parse private key"));
  CHECK_THAT(
      refusal([&](TlsOptions& tls) { tls.private_key_pem = certificates.server.private_key_pem; }),
      StatusIs(Code::kInvalidArgument, "does not match"));
  ServerOptions server;
  server.address = "127.0.0.1:0";
  server.certificate_pem = "x";
  CHECK_THAT(Server::Start(std::move(server), WhoAmI).status(),
             StatusIs(Code::kInvalidArgument, "certificate"));
}

TEST_CASE("a client that speaks no TLS gets nothing and harms nothing", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  const auto connection = DialLocal(server->port());
  REQUIRE(connection->Write(TestPatience(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  CHECK_FALSE(absl::StrContains(ReadAll(*connection), "200 OK"));
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK(Ask(*server, tls).ok());
}

TEST_CASE("large bodies pass through TLS both ways", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates, [](const Context&, const ServerRequest& request) {
    ServerResponse response;
    response.body = request.body + request.body;
    return response;
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  Request request;
  request.method = "POST";
  request.url = absl::StrCat("https://127.0.0.1:", server->port(), "/");
  for (int i = 0; i < 300000; ++i) absl::StrAppend(&request.body, i, ",");
  const auto client = CreateClient(std::move(options)).value();
  const Response response = client->Send(Context::Background(), request).value();
  CHECK(response.body == request.body + request.body);
}

TEST_CASE("cancelling interrupts a stream and a handshake under TLS", "[tls]") {
  const Certificates certificates = Issue();
  absl::Notification peer_gone;
  const auto server = StartServer(certificates, [&](const Context&, const ServerRequest&) {
    ServerResponse response;
    response.stream = [&](const Context& ctx, const Sink& sink) {
      sink("x");
      absl::Notification ended;
      const auto registration = ctx.OnCancel([&] { ended.Notify(); });
      ended.WaitForNotification();
      peer_gone.Notify();
    };
    return response;
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  const auto client = CreateClient(std::move(options)).value();
  Request request;
  request.url = absl::StrCat("https://127.0.0.1:", server->port(), "/");
  std::stop_source source;
  std::jthread canceller;
  CHECK_THAT(client->Stream(
                 Context::Background().WithStopToken(source.get_token()), request,
                 [](const Response&) { return absl::OkStatus(); },
                 [&](absl::string_view) {
                   canceller = std::jthread([&] { source.request_stop(); });
                   return absl::OkStatus();
                 }),
             StatusIs(Code::kCancelled, "context canceled"));
  CHECK(peer_gone.WaitForNotificationWithTimeout(absl::Seconds(10)));

  // A peer that takes the connection and says nothing.
  absl::Notification over;
  std::stop_source during_handshake;
  RawServer mute([&](Connection& connection, int) {
    (void)connection.Fill(TestPatience());
    during_handshake.request_stop();
    over.WaitForNotification();
  });
  request.url = "https" + mute.url().substr(4);
  CHECK_THAT(
      client->Send(Context::Background().WithStopToken(during_handshake.get_token()), request)
          .status(),
      StatusIs(Code::kCancelled, "context canceled"));
  over.Notify();
}

TEST_CASE("a body that ends with the stream must end it properly under TLS", "[tls]") {
  const Certificates certificates = Issue();
  const TlsContext context =
      TlsContext::ForServer(certificates.server.certificate_pem,
                            certificates.server.private_key_pem, /*client_ca_pem=*/"")
          .value();
  bool cut = false;
  RawServer server([&](Connection& connection, int) {
    if (!connection.StartTls(TestPatience(), context.Accept().value()).ok()) return;
    (void)ReadHead(connection, TestPatience());
    (void)connection.Write(TestPatience(), "HTTP/1.1 200 OK\r\n\r\nall of it?");
    if (cut) connection.Interrupt();  // no close_notify
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  const auto client = CreateClient(std::move(options)).value();
  Request request;
  request.url = "https" + server.url().substr(4);
  CHECK(client->Send(Context::Background(), request).value().body == "all of it?");
  cut = true;
  CHECK_THAT(client->Send(Context::Background(), request).status(),
             StatusIs(Code::kUnavailable, "unexpected EOF"));
}

// Copies both ways until one side ends.
void Relay(Connection& a, Connection& b) {
  while (true) {
    pollfd entries[2] = {{a.fd(), POLLIN, 0}, {b.fd(), POLLIN, 0}};
    if (poll(entries, 2, 30000) <= 0) return;
    for (int i = 0; i < 2; ++i) {
      if (entries[i].revents == 0) continue;
      Connection& from = i == 0 ? a : b;
      Connection& to = i == 0 ? b : a;
      const auto more = from.Fill(TestPatience());
      if (!more.ok() || !*more || !to.Write(TestPatience(), from.buffered()).ok()) return;
      from.Consume(from.buffered().size());
    }
  }
}

TEST_CASE("a proxy tunnels https and carries http, with its own credentials", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  std::string head;
  RawServer proxy([&](Connection& connection, int) {
    const auto text = ReadHead(connection, TestPatience());
    head = text.ok() ? text->value_or("") : "";
    if (absl::StartsWith(head, "CONNECT 127.0.0.1:")) {
      (void)connection.Write(TestPatience(), "HTTP/1.1 200 Connection established\r\n\r\n");
      const auto target = DialLocal(server->port());
      Relay(connection, *target);
    } else if (absl::StartsWith(head, "CONNECT ")) {
      (void)connection.Write(TestPatience(), "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    } else {
      (void)connection.Write(TestPatience(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  options.proxy_url = absl::StrCat("http://u:p@", proxy.url().substr(7));
  const auto send = [&](const std::string& url) {
    Request request;
    request.url = url;
    request.headers = {{"Authorization", "Bearer t"}};
    return CreateClient(options).value()->Send(Context::Background(), request);
  };
  CHECK(send(absl::StrCat("https://127.0.0.1:", server->port(), "/")).value().body == "/");
  CHECK(absl::StrContains(head, "Proxy-Authorization: Basic dTpw"));
  CHECK_FALSE(absl::StrContains(head, "Bearer"));
  CHECK(send("http://plain.test/x?y").value().body == "ok");
  CHECK(absl::StartsWith(head, "GET http://plain.test/x?y HTTP/1.1\r\nHost: plain.test\r\n"));
  CHECK_THAT(send("https://refused.test/").status(),
             StatusIs(Code::kUnavailable, "proxy refused the connection: 407"));
}

TEST_CASE("a proxy that is spoken to over TLS carries TLS inside", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  const TlsContext context = TlsContext::ForServer(certificates.server.certificate_pem,
                                                   certificates.server.private_key_pem, "")
                                 .value();
  std::string head;
  RawServer proxy([&](Connection& connection, int) {
    if (!connection.StartTls(TestPatience(), context.Accept().value()).ok()) return;
    const auto text = ReadHead(connection, TestPatience());
    head = text.ok() ? text->value_or("") : "";
    if (!absl::StartsWith(head, "CONNECT ")) {
      (void)connection.Write(TestPatience(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      return;
    }
    (void)connection.Write(TestPatience(), "HTTP/1.1 200 Connection established\r\n\r\n");
    const auto target = DialLocal(server->port());
    Relay(connection, *target);
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  options.proxy_url = absl::StrCat("https://u:p@", proxy.url().substr(7));
  {
    const auto client = CreateClient(options).value();
    Request request;
    request.url = absl::StrCat("https://127.0.0.1:", server->port(), "/");
    CHECK(client->Send(Context::Background(), request).value().body == "/");
    // Again, on the connection that was kept.
    CHECK(client->Send(Context::Background(), request).value().body == "/");
    CHECK(proxy.accepted() == 1);
    CHECK(absl::StrContains(head, "Proxy-Authorization: Basic dTpw"));
  }
  // A client each, gone before the next: this proxy serves one connection at a time.
  const auto send = [&options] {
    Request request;
    request.url = "http://plain.test/";
    return CreateClient(options).value()->Send(Context::Background(), request);
  };
  CHECK(send().value().body == "ok");
  CHECK(absl::StartsWith(head, "GET http://plain.test/ HTTP/1.1"));

  // Its certificate counts as any other's.
  options.tls.ca_pem = Issue().authority.certificate_pem;
  CHECK_THAT(send().status(),
             StatusIs(Code::kUnavailable, "proxy: tls: failed to verify certificate"));
}

TEST_CASE("a SOCKS5 proxy carries http and https", "[tls]") {
  const Certificates certificates = Issue();
  const auto server = StartServer(certificates);
  const auto plain =
      Server::Start({.address = "127.0.0.1:0"}, [](const Context&, const ServerRequest& request) {
        ServerResponse response;
        response.body = request.path;
        return response;
      }).value();
  RawServer proxy([&](Connection& connection, int) {
    const auto take = [&connection](size_t count) {
      while (connection.buffered().size() < count) {
        const auto more = connection.Fill(TestPatience());
        if (!more.ok() || !*more) return std::string();
      }
      std::string bytes(connection.buffered().substr(0, count));
      connection.Consume(count);
      return bytes;
    };
    if (take(3) != std::string("\5\1\0", 3)) return;
    (void)connection.Write(TestPatience(), std::string("\5\0", 2));
    const std::string to = take(5);
    if (to.size() != 5) return;
    const std::string target = take(static_cast<size_t>(to[4]) + 2);
    if (target.size() < 2) return;
    const int port = static_cast<unsigned char>(target[target.size() - 2]) << 8 |
                     static_cast<unsigned char>(target.back());
    // Everything is here.
    (void)connection.Write(TestPatience(), std::string("\5\0\0\1\0\0\0\0\0\0", 10));
    const auto inside = DialLocal(port);
    Relay(connection, *inside);
  });
  ClientOptions options;
  options.tls.ca_pem = certificates.authority.certificate_pem;
  options.proxy_url = absl::StrCat("socks5://", proxy.url().substr(7));
  // A client each, gone before the next: this proxy serves one connection at a time.
  const auto body = [&options](const std::string& url) {
    Request request;
    request.url = url;
    return CreateClient(options).value()->Send(Context::Background(), request).value().body;
  };
  CHECK(body(absl::StrCat("https://127.0.0.1:", server->port(), "/")) == "/");
  // The proxy resolves names.
  CHECK(body(absl::StrCat("http://unresolvable.test:", plain->port(), "/plain")) == "/plain");
}

}  // namespace
}  // namespace sluice::http
