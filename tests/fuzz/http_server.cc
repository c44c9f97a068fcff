// A client of our servers, which sends the input and goes: every request is bounded, and the
// session ends.

// SPDX-License-Identifier: Apache-2.0
#include "common/http/session.h"
#include "tests/fuzz/socket_input.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(http_server, input) {
  const http::ServerOptions options = {.max_body = 1000, .idle_timeout = absl::Seconds(5)};
  const http::Handler handler = [](const Context&, const http::ServerRequest& request) {
    Require(request.body.size() <= 1000, "a body is within its bound");
    Require(!request.path.empty(), "a request has a path", request.raw_path);
    return http::ServerResponse{.body = "answered"};
  };
  const http::SessionEnvironment environment = {
      options,         handler,
      /*tls=*/nullptr, std::stop_token(), [](int, std::stop_source) {}, [](int) {}};
  http::Session session(environment, SocketWith(input));
  session.Serve();
}

}  // namespace sluice::fuzz
