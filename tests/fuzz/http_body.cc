// Bodies as servers send them: chunked, of a length, or to the end. The input is a response.

// SPDX-License-Identifier: Apache-2.0
#include "common/http/body.h"
#include "tests/fuzz/socket_input.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(http_body, input) {
  const Context ctx = Context::Background();
  const http::Patience patience = {ctx, absl::Seconds(5)};
  http::Connection connection(SocketWith(input));
  const auto text = http::ReadHead(connection, patience);
  if (!text.ok() || !text->has_value()) return;
  const auto head = http::ParseResponseHead(**text);
  if (!head.ok()) return;
  const auto framing = http::ResponseFraming("GET", *head);
  if (!framing.ok()) return;
  size_t size = 0;
  const absl::Status status =
      http::ReadBody(connection, patience, *framing, [&size](absl::string_view bytes) {
        size += bytes.size();
        return absl::OkStatus();
      });
  Require(size <= input.size(), "no more comes out than was sent");
  if (status.ok() && framing->kind == http::Framing::Kind::kLength) {
    Require(size == framing->length, "a body has its length");
  }
}

}  // namespace sluice::fuzz
