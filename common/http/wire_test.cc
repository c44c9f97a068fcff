// SPDX-License-Identifier: Apache-2.0
#include "common/http/wire.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_CASE("a request head is cut into its parts", "[http]") {
  const RequestHead head =
      ParseRequestHead("PATCH /a?b HTTP/1.1\r\nHost: x\r\nX-Blank:\r\nX-Wide:  a b \r\n").value();
  CHECK(head.method == "PATCH");
  CHECK(head.target == "/a?b");
  CHECK(head.minor_version == 1);
  CHECK(head.headers.fields().size() == 3);
  CHECK(head.headers.Get("X-Wide") == "a b");
}

TEST_CASE("request heads outside the grammar are refused", "[http]") {
  for (const char* text :
       {"", "GET /", "GET  / HTTP/1.1", "GET ?a=b HTTP/1.1", "GET a HTTP/1.1", "GET ** HTTP/1.1",
        "GET / HTTP/2.0", "GET / HTTP/1.1 x", "G ET / HTTP/1.1", "G(T / HTTP/1.1",
        "GET /\x01 HTTP/1.1", "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.1\r\nName : v",
        "GET / HTTP/1.1\r\nA: b\r\n folded", "GET / HTTP/1.1\r\n: v",
        "GET / HTTP/1.1\r\nA: b\rc"}) {
    CAPTURE(text);
    CHECK_THAT(ParseRequestHead(text).status(), StatusIs(kInvalid, "malformed HTTP"));
  }
}

TEST_CASE("a head may have so many fields and no more", "[http]") {
  std::string head = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i < kMaxFields; ++i) head += "A: b\r\n";
  CHECK(ParseRequestHead(head).ok());
  CHECK_THAT(ParseRequestHead(head + "A: b\r\n").status(), StatusIs(kInvalid, "header fields"));
}

TEST_CASE("a response head needs a version and a three digit status", "[http]") {
  CHECK(ParseResponseHead("HTTP/1.1 200 OK\r\nA: b").value().headers.Get("a") == "b");
  CHECK(ParseResponseHead("HTTP/1.0 404").value().minor_version == 0);
  for (const char* text : {"", "HTTP/1.1", "HTTP/1.1 20 OK", "HTTP/1.1 abc", "HTTP/1.1 099 x",
                           "HTTP/3 200 OK", "SSH-2.0-OpenSSH_9"}) {
    CAPTURE(text);
    CHECK_THAT(ParseResponseHead(text).status(), StatusIs(kInvalid, "malformed HTTP response"));
  }
}

TEST_CASE("the framing of a body follows from the head", "[http]") {
  using Kind = Framing::Kind;
  struct Row {
    const char* method;
    int status;
    Headers headers;
    Kind kind;
    uint64_t length;
  };
  const Row rows[] = {
      {"GET", 200, {{"Content-Length", "5"}}, Kind::kLength, 5},
      {"GET", 200, {{"Content-Length", "5"}, {"content-length", "5"}}, Kind::kLength, 5},
      {"GET", 200, {{"Transfer-Encoding", "Chunked"}}, Kind::kChunked, 0},
      {"GET", 200, {}, Kind::kUntilClose, 0},
      {"HEAD", 200, {{"Content-Length", "5"}}, Kind::kNone, 0},
      {"GET", 204, {}, Kind::kNone, 0},
      {"GET", 304, {{"Content-Length", "5"}}, Kind::kNone, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.status);
    const Framing framing = ResponseFraming(row.method, {row.status, 1, row.headers}).value();
    CHECK(framing.kind == row.kind);
    CHECK(framing.length == row.length);
  }
  CHECK(RequestFraming({}).value().kind == Kind::kNone);
}

TEST_CASE("ambiguous framing is refused", "[http]") {
  const Headers rows[] = {
      {{"Content-Length", "5"}, {"Content-Length", "6"}},
      {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Content-Length", "+5"}},
      {{"Content-Length", "-1"}},
      {{"Content-Length", ""}},
      {{"Content-Length", "99999999999999999999"}},
  };
  for (const Headers& headers : rows) {
    CAPTURE(headers.fields()[0].second);
    CHECK_THAT(RequestFraming(headers).status(), StatusIs(kInvalid, "malformed HTTP"));
  }
}

TEST_CASE("a connection is kept as the versions and fields say", "[http]") {
  CHECK(KeepsAlive(1, {}));
  CHECK_FALSE(KeepsAlive(0, {}));
  CHECK_FALSE(KeepsAlive(1, {{"Connection", "Upgrade, Close"}}));
  CHECK(KeepsAlive(0, {{"Connection", "keep-alive"}}));
}

TEST_CASE("no value can add a header field", "[http]") {
  std::string head;
  AppendField(head, "A", "b\r\nEvil: 1");
  CHECK(head == "A: b  Evil: 1\r\n");
  CHECK_THAT(CheckSendable("GET", {{"Authorization", "s3cret\n"}}),
             StatusIs(kInvalid, "line break in HTTP header Authorization"));
  CHECK_THAT(CheckSendable("GET", {{"A b", "c"}}), StatusIs(kInvalid, "header name"));
  CHECK_THAT(CheckSendable("G T", {}), StatusIs(kInvalid, "method"));
  CHECK(CheckSendable("GET", {{"A", "b\tc"}}).ok());
}

}  // namespace
}  // namespace sluice::http
