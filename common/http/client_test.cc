// SPDX-License-Identifier: Apache-2.0
#include "common/http/client.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/body.h"
#include "common/http/raw_peer.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;
using Code = absl::StatusCode;

std::unique_ptr<Server> StartServer(Handler handler) {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  return Server::Start(std::move(options), std::move(handler)).value();
}

std::string UrlOf(const Server& server, absl::string_view path = "/") {
  return absl::StrCat("http://127.0.0.1:", server.port(), path);
}

std::unique_ptr<Transport> NewClient(ClientOptions options = {}) {
  return CreateClient(std::move(options)).value();
}

Request Get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

TEST_CASE("a request reaches the handler and its answer comes back", "[http]") {
  const auto server = StartServer([](const Context&, const ServerRequest& request) {
    ServerResponse response;
    response.status = 418;
    response.headers = {{"X-Header", request.headers.Get("X-Header").data()}};
    response.body = absl::StrCat(request.method, " ", request.path, "?", request.query, " ",
                                 request.headers.Get("User-Agent"), " ",
                                 request.headers.Get("Authorization"), " ", request.body.size());
    return response;
  });
  const auto client = NewClient();
  Request request;
  request.method = "PATCH";
  request.url = absl::StrCat("http://user:p%40ss@127.0.0.1:", server->port(), "/a?b=c");
  request.headers = {{"X-Header", "yes"}};
  request.body = std::string(100000, 'b');
  const Response response = client->Send(Context::Background(), request).value();
  CHECK(response.status == 418);
  CHECK(response.headers.Get("x-header") == "yes");
  CHECK(response.body == "PATCH /a?b=c sluice Basic dXNlcjpwQHNz 100000");
}

TEST_CASE("connections are kept and used again", "[http]") {
  absl::Mutex mutex;
  std::set<std::string> peers;
  const auto server = StartServer([&](const Context&, const ServerRequest& request) {
    const absl::MutexLock lock(&mutex);
    peers.insert(request.remote_address);
    return ServerResponse{200, {}, "ok", nullptr};
  });
  const auto client = NewClient();
  for (int i = 0; i < 5; ++i) {
    CHECK(client->Send(Context::Background(), Get(UrlOf(*server))).value().body == "ok");
  }
  CHECK(peers.size() == 1);

  ClientOptions none_kept;
  none_kept.max_idle_connections = 0;
  const auto forgetful = NewClient(std::move(none_kept));
  for (int i = 0; i < 2; ++i) {
    CHECK(forgetful->Send(Context::Background(), Get(UrlOf(*server))).ok());
  }
  CHECK(peers.size() == 3);
}

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_CASE("a kept connection that died is replaced for idempotent methods only", "[http]") {
  // Each connection answers once, then reads another request and closes without a word. What makes
  // this hard is that the client cannot see it before it has sent the request.
  RawServer server([](Connection& connection, int) {
    if (!ReadHead(connection, TestPatience()).ok()) return;
    (void)connection.Write(TestPatience(), kOk);
    (void)ReadHead(connection, TestPatience());
  });
  const auto client = NewClient();
  Request request = Get(server.url());
  CHECK(client->Send(Context::Background(), request).ok());
  CHECK(server.accepted() == 1);
  CHECK(client->Send(Context::Background(), request).value().body == "ok");
  CHECK(server.accepted() == 2);
  request.method = "POST";
  CHECK_THAT(client->Send(Context::Background(), request).status(),
             StatusIs(Code::kUnavailable, absl::StrCat("Post \"", server.url(), "\": EOF")));
  CHECK(server.accepted() == 2);
}

TEST_CASE("a connection that dies at its first request is not tried again", "[http]") {
  RawServer server([](Connection& connection, int) { (void)ReadHead(connection, TestPatience()); });
  CHECK_THAT(NewClient()->Send(Context::Background(), Get(server.url())).status(),
             StatusIs(Code::kUnavailable, "EOF"));
  CHECK(server.accepted() == 1);
}

TEST_CASE("answers that are broken are errors, not data", "[http]") {
  struct Row {
    const char* answer;
    const char* message;
  };
  const Row rows[] = {
      {"SSH-2.0-OpenSSH\r\n\r\n", "malformed HTTP response"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "unexpected EOF"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "unexpected EOF"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed chunked"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "malformed HTTP Content-Length"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "unexpected 101"},
      {"HTTP/1.1 200", "unexpected EOF"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer);
    RawServer server([&](Connection& connection, int) {
      (void)ReadHead(connection, TestPatience());
      (void)connection.Write(TestPatience(), row.answer);
    });
    CHECK_THAT(NewClient()->Send(Context::Background(), Get(server.url())).status(),
               StatusIs(Code::kUnavailable, row.message));
  }
}

TEST_CASE("interim answers are skipped and a body may end with the connection", "[http]") {
  RawServer server([&](Connection& connection, int) {
    (void)ReadHead(connection, TestPatience());
    (void)connection.Write(TestPatience(),
                           "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall");
  });
  CHECK(NewClient()->Send(Context::Background(), Get(server.url())).value().body == "all");
}

TEST_CASE("an answer given before the request was read is still heard", "[http]") {
  RawServer server([&](Connection& connection, int) {
    (void)ReadHead(connection, TestPatience());
    (void)connection.Write(TestPatience(),
                           "HTTP/1.1 413 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    connection.CloseGently(TestContext());
  });
  Request request;
  request.method = "PUT";
  request.url = server.url();
  request.body = std::string(size_t{2} << 20, 'b');
  CHECK(NewClient()->Send(Context::Background(), request).value().status == 413);
}

TEST_CASE("a body may be as long as the limit and no longer", "[http]") {
  const auto server = StartServer([](const Context&, const ServerRequest& request) {
    ServerResponse response;
    if (request.path == "/stream") {
      response.stream = [](const Context&, const Sink& sink) {
        while (sink("0123456789")) {
        }
      };
    } else {
      response.body = std::string(request.path == "/11" ? 11 : 10, 'x');
    }
    return response;
  });
  ClientOptions options;
  options.max_body = 10;
  const auto client = NewClient(std::move(options));
  const auto send = [&](const char* path) {
    return client->Send(Context::Background(), Get(UrlOf(*server, path))).status();
  };
  CHECK(send("/10").ok());
  CHECK_THAT(send("/11"), StatusIs(Code::kResourceExhausted, "larger than 10 bytes"));
  CHECK_THAT(send("/stream"), StatusIs(Code::kResourceExhausted, "larger than 10 bytes"));
}

// Answers with a head and then says nothing until told to.
struct Silent {
  absl::Notification asked;
  absl::Notification over;
  RawServer server{[this](Connection& connection, int) {
    (void)ReadHead(connection, TestPatience());
    (void)connection.Write(TestPatience(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    asked.Notify();
    over.WaitForNotification();
  }};
  ~Silent() { over.Notify(); }
};

TEST_CASE("cancelling interrupts a blocked read at once", "[http]") {
  Silent silent;
  const auto client = NewClient();
  std::stop_source source;
  const std::jthread canceller([&] {
    silent.asked.WaitForNotification();
    source.request_stop();
  });
  const absl::Time begin = absl::Now();
  CHECK_THAT(
      client
          ->Send(Context::Background().WithStopToken(source.get_token()), Get(silent.server.url()))
          .status(),
      StatusIs(Code::kCancelled, "context canceled"));
  CHECK(absl::Now() - begin < absl::Seconds(5));
}

TEST_CASE("the context's deadline and the client's idle timeout bound a silent answer", "[http]") {
  {
    Silent silent;
    CHECK_THAT(NewClient()
                   ->Send(Context::Background().WithTimeout(absl::Milliseconds(30)),
                          Get(silent.server.url()))
                   .status(),
               StatusIs(Code::kDeadlineExceeded, "context deadline exceeded"));
  }
  ClientOptions options;
  options.idle_timeout = absl::Milliseconds(30);
  const auto client = NewClient(std::move(options));
  {
    Silent silent;
    CHECK_THAT(client->Send(Context::Background(), Get(silent.server.url())).status(),
               StatusIs(Code::kUnavailable, ""));
  }
  Silent silent;
  CHECK_THAT(client->Stream(
                 Context::Background(), Get(silent.server.url()),
                 [](const Response&) { return absl::OkStatus(); },
                 [](absl::string_view) { return absl::OkStatus(); }),
             StatusIs(Code::kUnavailable, "i/o timeout after 30ms"));
}

TEST_CASE("a context that ended starts nothing", "[http]") {
  RawServer server([](Connection&, int) {});
  CHECK_THAT(NewClient()
                 ->Send(Context::Background().WithTimeout(-absl::Seconds(1)), Get(server.url()))
                 .status(),
             StatusIs(Code::kDeadlineExceeded, server.url()));
  CHECK(server.accepted() == 0);
}

TEST_CASE("a stream hands on what comes as it comes, and ends when the receiver says so",
          "[http]") {
  absl::Notification first_seen;
  const auto server = StartServer([&](const Context&, const ServerRequest&) {
    ServerResponse response;
    response.stream = [&](const Context&, const Sink& sink) {
      sink("first");
      first_seen.WaitForNotification();
      sink("second");
    };
    return response;
  });
  const auto client = NewClient();
  std::vector<std::string> pieces;
  int status = 0;
  CHECK(client
            ->Stream(
                Context::Background(), Get(UrlOf(*server)),
                [&](const Response& head) {
                  status = head.status;
                  return absl::OkStatus();
                },
                [&](absl::string_view bytes) {
                  pieces.emplace_back(bytes);
                  if (pieces.size() == 1) first_seen.Notify();
                  return absl::OkStatus();
                })
            .ok());
  CHECK(status == 200);
  CHECK(pieces == std::vector<std::string>{"first", "second"});

  const absl::Status own = absl::InvalidArgumentError("mine");
  CHECK(client->Stream(
            Context::Background(), Get(UrlOf(*server)), [&](const Response&) { return own; },
            [](absl::string_view) { return absl::OkStatus(); }) == own);
  CHECK(client->Stream(
            Context::Background(), Get(UrlOf(*server)),
            [](const Response&) { return absl::OkStatus(); },
            [&](absl::string_view) { return own; }) == own);
}

TEST_CASE("redirects are followed as far as allowed, credentials stay with their origin",
          "[http]") {
  const auto other = StartServer([](const Context&, const ServerRequest& request) {
    return ServerResponse{
        200, {}, absl::StrCat("other ", request.headers.Get("Authorization")), nullptr};
  });
  const auto server = StartServer([&](const Context&, const ServerRequest& request) {
    const auto redirect = [](const std::string& location) {
      return ServerResponse{302, {{"Location", location}}, "moved", nullptr};
    };
    if (request.path == "/other") return redirect(UrlOf(*other));
    if (request.path == "/loop") return redirect("/loop");
    if (request.path == "/bad") return redirect("ftp://x/");
    if (int left = 0; absl::SimpleAtoi(request.path.substr(1), &left) && left > 0) {
      return redirect(absl::StrCat(left - 1));
    }
    return ServerResponse{
        200, {}, absl::StrCat("end ", request.headers.Get("Authorization")), nullptr};
  });
  ClientOptions options;
  options.max_redirects = 3;
  const auto client = NewClient(std::move(options));
  const auto send = [&](Transport& transport, const char* path, const char* method = "GET") {
    Request request = Get(UrlOf(*server, path));
    request.method = method;
    request.headers = {{"Authorization", "Bearer t"}};
    return transport.Send(Context::Background(), request);
  };
  CHECK(send(*client, "/3").value().body == "end Bearer t");
  CHECK_THAT(send(*client, "/4").status(),
             StatusIs(Code::kFailedPrecondition, "stopped after 3 redirects"));
  CHECK_THAT(send(*client, "/loop").status(), StatusIs(Code::kFailedPrecondition, "/loop"));
  CHECK(send(*client, "/other").value().body == "other ");
  CHECK_THAT(send(*client, "/bad").status(), StatusIs(Code::kInvalidArgument, "not http or https"));
  CHECK(send(*client, "/3", "POST").value().status == 302);
  CHECK(send(*NewClient(), "/3").value().status == 302);
}

TEST_CASE("requests that cannot be sent are refused before anything is", "[http]") {
  const auto client = NewClient();
  Request request = Get("http://127.0.0.1:1/");
  request.headers = {{"X", "a\r\nb"}};
  CHECK_THAT(client->Send(Context::Background(), request).status(),
             StatusIs(Code::kInvalidArgument, "line break in HTTP header X"));
  for (const char* url : {"ftp://127.0.0.1/", "nonsense", "http:///x"}) {
    CAPTURE(url);
    CHECK_THAT(client->Send(Context::Background(), Get(url)).status(),
               StatusIs(Code::kInvalidArgument, "URL"));
  }
  ClientOptions options;
  options.proxy_url = "ftp://user:hunter2@127.0.0.1:1";
  const absl::Status refusal = CreateClient(std::move(options)).status();
  CHECK_THAT(refusal, StatusIs(Code::kInvalidArgument, "\"ftp://127.0.0.1:1\""));
}

TEST_CASE("failing to connect is worded as Go words it", "[http]") {
  int port = 0;
  {
    const FileDescriptor gone = Listen("127.0.0.1:0").value();
    port = LocalPort(gone.get());
  }
  CHECK_THAT(NewClient()
                 ->Send(Context::Background(), Get(absl::StrCat("http://127.0.0.1:", port, "/x")))
                 .status(),
             StatusIs(Code::kUnavailable, absl::StrCat("Get \"http://127.0.0.1:", port,
                                                       "/x\": dial tcp 127.0.0.1:", port,
                                                       ": connect: connection refused")));
}

}  // namespace
}  // namespace sluice::http
