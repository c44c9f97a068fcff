// Proxies between a client and its server, with TLS inside and outside.

// SPDX-License-Identifier: Apache-2.0
#include <poll.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto_testing/certificates.h"
#include "common/http/body.h"
#include "common/http/client.h"
#include "common/http/raw_peer.h"
#include "common/http/server.h"
#include "common/http/tls.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::crypto_testing::Certificates;
using ::sluice::crypto_testing::IssueCertificates;
using ::sluice::testing::StatusIs;
using Code = absl::StatusCode;

// Says its name.
std::unique_ptr<Server> StartServer(const Certificates& certificates) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  options.certificate_pem = certificates.server.certificate_pem;
  options.private_key_pem = certificates.server.private_key_pem;
  return Server::Start(options,
                       [](const Context&, const ServerRequest&) {
                         return ServerResponse{.body = "the server"};
                       })
      .value();
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
  const Certificates certificates = IssueCertificates();
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
  CHECK(send(absl::StrCat("https://127.0.0.1:", server->port(), "/")).value().body == "the server");
  CHECK(absl::StrContains(head, "Proxy-Authorization: Basic dTpw"));
  CHECK_FALSE(absl::StrContains(head, "Bearer"));
  CHECK(send("http://plain.test/x?y").value().body == "ok");
  CHECK(absl::StartsWith(head, "GET http://plain.test/x?y HTTP/1.1\r\nHost: plain.test\r\n"));
  CHECK_THAT(send("https://refused.test/").status(),
             StatusIs(Code::kUnavailable, "proxy refused the connection: 407"));
}

TEST_CASE("a proxy that is spoken to over TLS carries TLS inside", "[tls]") {
  const Certificates certificates = IssueCertificates();
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
    CHECK(client->Send(Context::Background(), request).value().body == "the server");
    // Again, on the connection that was kept.
    CHECK(client->Send(Context::Background(), request).value().body == "the server");
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
  options.tls.ca_pem = IssueCertificates().authority.certificate_pem;
  CHECK_THAT(send().status(),
             StatusIs(Code::kUnavailable, "proxy: tls: failed to verify certificate"));
}

TEST_CASE("a SOCKS5 proxy carries http and https", "[tls]") {
  const Certificates certificates = IssueCertificates();
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
  CHECK(body(absl::StrCat("https://127.0.0.1:", server->port(), "/")) == "the server");
  // The proxy resolves names.
  CHECK(body(absl::StrCat("http://unresolvable.test:", plain->port(), "/plain")) == "/plain");
}

}  // namespace
}  // namespace sluice::http
