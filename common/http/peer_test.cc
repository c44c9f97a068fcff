// Our client against cpp-httplib's server and the other way round: an implementation that does not
// share our mistakes.

// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/http/server.h"

namespace sluice::http {
namespace {

TEST_CASE("our client understands cpp-httplib's server", "[http]") {
  httplib::Server peer;
  peer.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
    response.set_header("X-Query", request.get_param_value("q"));
    response.set_content(request.body, "text/plain");
  });
  peer.Get("/chunks", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("text/plain", [](size_t, httplib::DataSink& sink) {
      for (const char* piece : {"one ", "two ", "three"}) {
        sink.write(piece, std::strlen(piece));
      }
      sink.done();
      return true;
    });
  });
  peer.Get("/moved", [](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("/chunks");
  });
  const int port = peer.bind_to_any_port("127.0.0.1");
  std::thread serving([&] { peer.listen_after_bind(); });

  ClientOptions options;
  options.max_redirects = 1;
  const auto client = CreateClient(options).value();
  const Context ctx = Context::Background().WithTimeout(absl::Seconds(10));
  const std::string base = absl::StrCat("http://127.0.0.1:", port);
  Request echo;
  echo.method = "POST";
  echo.url = base + "/echo?q=" + EscapeQuery("a b&c");
  echo.body = std::string(100'000, 'x');
  for (int i = 0; i < 3; ++i) {  // over one connection
    const Response response = client->Send(ctx, echo).value();
    CHECK(response.status == 200);
    CHECK(response.body == echo.body);
    CHECK(response.headers.Get("X-Query") == "a b&c");
  }
  Request moved;
  moved.url = base + "/moved";
  CHECK(client->Send(ctx, moved).value().body == "one two three");
  Request absent;
  absent.url = base + "/absent";
  CHECK(client->Send(ctx, absent).value().status == 404);
  peer.stop();
  serving.join();
}

TEST_CASE("cpp-httplib's client understands our server", "[http]") {
  const auto server =
      Server::Start({.address = "127.0.0.1:0"}, [](const Context&, const ServerRequest& request) {
        ServerResponse response;
        response.headers.Set("X-Path", request.path);
        if (request.path == "/stream") {
          response.stream = [](const Context&, const Sink& sink) {
            for (int i = 0; i < 3; ++i) sink(absl::StrCat("piece ", i, "\n"));
          };
        } else {
          response.body = request.body;
        }
        return response;
      }).value();
  httplib::Client peer("127.0.0.1", server->port());
  peer.set_keep_alive(true);
  const std::string body(100'000, 'y');
  for (int i = 0; i < 3; ++i) {
    const auto echoed = peer.Put("/a%20b", body, "text/plain");
    REQUIRE(echoed);
    CHECK(echoed->status == 200);
    CHECK(echoed->body == body);
    CHECK(echoed->get_header_value("X-Path") == "/a b");
  }
  const auto streamed = peer.Get("/stream");
  REQUIRE(streamed);
  CHECK(streamed->body == "piece 0\npiece 1\npiece 2\n");
  const auto head = peer.Head("/a");
  REQUIRE(head);
  CHECK(head->body.empty());
}

}  // namespace
}  // namespace sluice::http
