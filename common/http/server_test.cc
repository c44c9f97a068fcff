// SPDX-License-Identifier: Apache-2.0
#include "common/http/server.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/log/log.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;

std::unique_ptr<Server> StartServer(Handler handler, ServerOptions options = {}) {
  options.address = "127.0.0.1:0";
  return Server::Start(std::move(options), std::move(handler)).value();
}

ServerResponse Echo(const Context&, const ServerRequest& request) {
  ServerResponse response;
  response.headers = {{"Content-Type", "text/plain"}};
  response.body = absl::StrCat(request.method, " ", request.path, " ", request.raw_path, " ",
                               request.query, " ", request.body);
  return response;
}

// What the server at `port` answers to these bytes until it closes.
std::string Ask(int port, const std::string& bytes) {
  const auto connection = DialLocal(port);
  REQUIRE(connection->Write(TestPatience(), bytes).ok());
  return ReadAll(*connection);
}

TEST_CASE("requests are answered one after the other on a kept connection", "[http]") {
  const auto server = StartServer(Echo);
  const std::string answers =
      Ask(server->port(),
          "POST /a%20b/?q=%31 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
          "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
          "GET http://x/abs?u HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(absl::StartsWith(answers, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"));
  CHECK(absl::StrContains(answers, "\r\n\r\nPOST /a b/ /a%20b/ q=%31 body"));
  CHECK(absl::StrContains(answers, "\r\n\r\nPUT /c /c  xyz"));
  CHECK(absl::EndsWith(answers, "Connection: close\r\n\r\nGET /abs /abs u "));
}

TEST_CASE("an answer without a body has none", "[http]") {
  const auto server = StartServer([](const Context& ctx, const ServerRequest& request) {
    ServerResponse response = Echo(ctx, request);
    if (request.path == "/204") response.status = 204;
    return response;
  });
  const std::string head = Ask(server->port(), "HEAD / HTTP/1.0\r\n\r\n");
  CHECK(absl::StrContains(head, "Content-Length: 10\r\n"));
  CHECK(absl::EndsWith(head, "\r\n\r\n"));
  const std::string none = Ask(server->port(), "GET /204 HTTP/1.0\r\n\r\n");
  CHECK(absl::StartsWith(none, "HTTP/1.1 204 No Content\r\n"));
  CHECK_FALSE(absl::StrContains(none, "Content-Length"));
}

TEST_CASE("requests that are not HTTP, too large or ambiguous are refused", "[http]") {
  ServerOptions options;
  options.max_body = 10;
  const auto server = StartServer(Echo, std::move(options));
  struct Row {
    std::string request;
    const char* status;
  };
  const Row rows[] = {
      {"nonsense\r\n\r\n", "400 "},
      {"\x16\x03\x01", "400 "},  // TLS
      {"GET / HTTP/1.1\r\n\r\n", "400 "},
      {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 "},
      {"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 "},
      {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789",
       "200 "},
      {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890", "413 "},
      {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\nExpect: 100-continue\r\n\r\n",
       "413 "},
      {"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
       "chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
       "413 "},
      {"GET / HTTP/1.1\r\nHost: " + std::string(size_t{300} << 10, 'x') + "\r\n\r\n", "431 "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.request.substr(0, 100));
    const std::string answer = Ask(server->port(), row.request);
    CHECK(answer.substr(0, 13) == absl::StrCat("HTTP/1.1 ", row.status));
  }
}

TEST_CASE("a client that waits for leave to send its body gets it", "[http]") {
  const auto server = StartServer(Echo);
  const auto connection = DialLocal(server->port());
  REQUIRE(connection
              ->Write(TestPatience(),
                      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                      "Expect: 100-continue\r\nConnection: close\r\n\r\n")
              .ok());
  CHECK(ReadHead(*connection, TestPatience()).value() == "HTTP/1.1 100 Continue");
  REQUIRE(connection->Write(TestPatience(), "ok").ok());
  CHECK(absl::EndsWith(ReadAll(*connection), "PUT / /  ok"));
}

TEST_CASE("a handler's exception is answered 500 and ends nothing else", "[http]") {
  log::SetSink([](absl::string_view) {});
  const auto server = StartServer([](const Context&, const ServerRequest&) -> ServerResponse {
    throw std::runtime_error("secret detail");
  });
  for (int i = 0; i < 2; ++i) {
    const std::string answer = Ask(server->port(), "GET / HTTP/1.0\r\n\r\n");
    CHECK(absl::StartsWith(answer, "HTTP/1.1 500 "));
    CHECK_FALSE(absl::StrContains(answer, "secret"));
  }
  log::SetSink(nullptr);
}

TEST_CASE("a stream is chunked, sized when its length is stated, or ends with the connection",
          "[http]") {
  const auto server = StartServer([](const Context&, const ServerRequest& request) {
    ServerResponse response;
    if (request.path == "/sized") response.headers.Add("Content-Length", "5");
    response.stream = [](const Context&, const Sink& sink) {
      if (sink("he") && sink("")) sink("llo");
    };
    return response;
  });
  const auto body = [&](const std::string& request) {
    const std::string answer = Ask(server->port(), request);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  CHECK(body("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") ==
        "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
  CHECK(body("GET /sized HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == "hello");
  CHECK(body("GET / HTTP/1.0\r\n\r\n") == "hello");
}

// A handler whose stream waits, saying nothing, until its context ends.
struct Waiting {
  absl::Notification started;
  absl::Notification ended;
  Handler handler() {
    return [this](const Context&, const ServerRequest&) {
      ServerResponse response;
      response.stream = [this](const Context& ctx, const Sink& sink) {
        sink("hello");
        absl::Notification gone;
        const auto registration = ctx.OnCancel([&] { gone.Notify(); });
        started.Notify();
        gone.WaitForNotification();
        ended.Notify();
      };
      return response;
    };
  }
};

TEST_CASE("a silent stream notices that its peer is gone", "[http]") {
  Waiting waiting;
  const auto server = StartServer(waiting.handler());
  {
    const auto connection = DialLocal(server->port());
    REQUIRE(connection->Write(TestPatience(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
    waiting.started.WaitForNotification();
    CHECK_FALSE(waiting.ended.HasBeenNotified());
  }
  CHECK(waiting.ended.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_CASE("shutting down ends streams and idle connections and waits for handlers", "[http]") {
  Waiting waiting;
  auto server = StartServer(waiting.handler());
  const auto streaming = DialLocal(server->port());
  const auto idle = DialLocal(server->port());
  REQUIRE(streaming->Write(TestPatience(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  waiting.started.WaitForNotification();
  const absl::Time begin = absl::Now();
  const int port = server->port();
  server.reset();
  CHECK(absl::Now() - begin < absl::Seconds(1));
  CHECK(waiting.ended.HasBeenNotified());
  // The chunked body is ended properly, so the client knows that nothing is missing.
  CHECK(absl::EndsWith(ReadAll(*streaming), "5\r\nhello\r\n0\r\n\r\n"));
  CHECK(ReadAll(*idle).empty());
  CHECK_FALSE(Dial(TestContext(), "127.0.0.1", port, absl::Seconds(1)).ok());
}

TEST_CASE("an idle connection is closed after its time", "[http]") {
  ServerOptions options;
  options.idle_timeout = absl::Milliseconds(20);
  const auto server = StartServer(Echo, std::move(options));
  CHECK(ReadAll(*DialLocal(server->port())).empty());
}

TEST_CASE("connections beyond the limit wait until one ends", "[http]") {
  ServerOptions options;
  options.max_connections = 1;
  Waiting waiting;
  const auto server = StartServer(
      [&](const Context& ctx, const ServerRequest& request) {
        return request.path == "/wait" ? waiting.handler()(ctx, request) : Echo(ctx, request);
      },
      std::move(options));
  auto first = DialLocal(server->port());
  REQUIRE(first->Write(TestPatience(), "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").ok());
  waiting.started.WaitForNotification();
  const auto second = DialLocal(server->port());
  REQUIRE(second->Write(TestPatience(), "GET /second HTTP/1.0\r\n\r\n").ok());
  CHECK_THAT(second->Fill({TestContext(), absl::Milliseconds(50)}).status(),
             StatusIs(absl::StatusCode::kUnavailable, "timeout"));
  first.reset();
  CHECK(absl::EndsWith(ReadAll(*second), "GET /second /second  "));
}

TEST_CASE("addresses that cannot be listened on are refused by name", "[http]") {
  const auto refusal = [](const char* address) {
    ServerOptions options;
    options.address = address;
    return Server::Start(std::move(options), Echo).status();
  };
  CHECK_THAT(refusal("nonsense"), StatusIs(absl::StatusCode::kInvalidArgument, "\"nonsense\""));
  CHECK_THAT(refusal("127.0.0.1:70000"), StatusIs(absl::StatusCode::kInvalidArgument, "70000"));
  const auto server = StartServer(Echo);
  const std::string taken = absl::StrCat("127.0.0.1:", server->port());
  CHECK_THAT(refusal(taken.c_str()), StatusIs(absl::StatusCode::kUnavailable, taken));
}

TEST_CASE("without a host the server listens on IPv4 and IPv6", "[http]") {
  ServerOptions options;
  options.address = ":0";
  const auto server = Server::Start(std::move(options), Echo).value();
  CHECK(absl::StartsWith(Ask(server->port(), "GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK"));
}

}  // namespace
}  // namespace sluice::http
