// SPDX-License-Identifier: Apache-2.0
#include "common/http/tls.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/crypto_testing/certificates.h"
#include "common/http/body.h"
#include "common/http/client.h"
#include "common/http/raw_peer.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::crypto_testing::Certificates;
using ::sluice::crypto_testing::IssueCertificates;
using ::sluice::testing::StatusIs;
using Code = absl::StatusCode;

Certificates IssueForServer(absl::Time end = absl::Now() + absl::Hours(1)) {
  return IssueCertificates(
      {.server_names = {"api.test"}, .groups = {"dev", "ops"}, .server_end = end});
}

// Answers with the name and the groups of who asks.
ServerResponse WhoAmI(const Context&, const ServerRequest& request) {
  ServerResponse response;
  response.body =
      absl::StrCat(request.peer.common_name, "/", absl::StrJoin(request.peer.organizations, ","));
  return response;
}

// A server that asks for client certificates.
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
  const Certificates certificates = IssueForServer();
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
  tls.ca_pem = IssueForServer().authority.certificate_pem;
  CHECK_THAT(Ask(*server, tls).status(),
             StatusIs(Code::kUnavailable, "certificate signed by unknown authority"));
  tls.ca_pem = "";
  CHECK_THAT(Ask(*server, tls).status(),
             StatusIs(Code::kUnavailable, "certificate signed by unknown authority"));
  tls.insecure_skip_verify = true;
  CHECK(Ask(*server, tls, "localhost").ok());
}

TEST_CASE("given authorities replace the system's or add to them", "[tls]") {
  const Certificates certificates = IssueForServer();
  const auto server = StartServer(certificates);
  // OpenSSL takes the system's authorities from the file that this names.
  std::string system = "/tmp/sluice-roots-XXXXXX";
  close(mkstemp(system.data()));
  std::ofstream(system) << certificates.authority.certificate_pem;
  setenv("SSL_CERT_FILE", system.c_str(), 1);
  TlsOptions tls;
  CHECK(Ask(*server, tls).ok());
  tls.ca_pem = IssueForServer().authority.certificate_pem;
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
  const Certificates certificates = IssueForServer();
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.server.certificate_pem;
  CHECK(Ask(*server, tls).ok());
}

TEST_CASE("an expired server certificate is refused", "[tls]") {
  const Certificates certificates = IssueForServer(absl::Now() - absl::Hours(1));
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK_THAT(Ask(*server, tls).status(), StatusIs(Code::kUnavailable, "has expired"));
}

TEST_CASE("a verified client certificate tells the handler who asks", "[tls]") {
  const Certificates certificates = IssueForServer();
  const auto server = StartServer(certificates);
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  tls.certificate_pem = certificates.client.certificate_pem;
  tls.private_key_pem = certificates.client.private_key_pem;
  CHECK(Ask(*server, tls).value() == "alice/dev,ops");

  const Certificates others = IssueForServer();
  tls.certificate_pem = others.client.certificate_pem;
  tls.private_key_pem = others.client.private_key_pem;
  CHECK(absl::IsUnavailable(Ask(*server, tls).status()));
}

TEST_CASE("PEM that is no certificate or key is refused by what it was for", "[tls]") {
  const Certificates certificates = IssueForServer();
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
  const Certificates certificates = IssueForServer();
  const auto server = StartServer(certificates);
  const auto connection = DialLocal(server->port());
  REQUIRE(connection->Write(TestPatience(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  CHECK_FALSE(absl::StrContains(ReadAll(*connection), "200 OK"));
  TlsOptions tls;
  tls.ca_pem = certificates.authority.certificate_pem;
  CHECK(Ask(*server, tls).ok());
}

TEST_CASE("large bodies pass through TLS both ways", "[tls]") {
  const Certificates certificates = IssueForServer();
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
  const Certificates certificates = IssueForServer();
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
  const Certificates certificates = IssueForServer();
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

}  // namespace
}  // namespace sluice::http
