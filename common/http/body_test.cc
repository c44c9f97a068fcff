// SPDX-License-Identifier: Apache-2.0
#include "common/http/body.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "common/http/raw_peer.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;

// A connection that reads `bytes` and then the end of the stream; a nonblocking socket pair.
std::unique_ptr<Connection> Fed(const std::string& bytes) {
  int fds[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  Connection writer{FileDescriptor(fds[0])};
  REQUIRE(writer.Write(TestPatience(), bytes).ok());
  return std::make_unique<Connection>(FileDescriptor(fds[1]));
}

absl::StatusOr<std::string> Body(const std::string& bytes, const Framing& framing) {
  const auto connection = Fed(bytes);
  std::string body;
  const absl::Status status =
      ReadBody(*connection, TestPatience(), framing, [&](absl::string_view piece) {
        body.append(piece.data(), piece.size());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return body + "|" + std::string(connection->buffered());
}

constexpr Framing kChunked = {Framing::Kind::kChunked, 0};

TEST_CASE("bodies end where their framing says", "[http]") {
  CHECK(Body("hello, world", {Framing::Kind::kLength, 5}).value() == "hello|, world");
  CHECK(Body("", {Framing::Kind::kLength, 0}).value() == "|");
  CHECK(Body("next", {}).value() == "|");  // not even looked at
  CHECK(Body("all of it", {Framing::Kind::kUntilClose, 0}).value() == "all of it|");
  CHECK(Body("5\r\nhello\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nrest", kChunked)
            .value() == "hello0123456789|rest");
}

TEST_CASE("bodies that end early or break their coding are errors", "[http]") {
  using Code = absl::StatusCode;
  CHECK_THAT(Body("hell", {Framing::Kind::kLength, 5}).status(),
             StatusIs(Code::kUnavailable, "unexpected EOF"));
  struct Row {
    std::string bytes;
    Code code;
  };
  const Row rows[] = {
      {"5\r\nhel", Code::kUnavailable},
      {"5\r\nhello\r\n", Code::kUnavailable},
      {"5\r\nhello\r\n0\r\n", Code::kUnavailable},
      {"5\r\nhello!\r\n0\r\n\r\n", Code::kInvalidArgument},
      {"x\r\n", Code::kInvalidArgument},
      {"\r\n", Code::kInvalidArgument},
      {"-1\r\n", Code::kInvalidArgument},
      {"fffffffffffffffff\r\n", Code::kInvalidArgument},
      {std::string(5000, '0') + "\r\n", Code::kInvalidArgument},
      {"0\r\n" + std::string(2000, 'T'), Code::kUnavailable},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes.substr(0, 40));
    CHECK(Body(row.bytes, kChunked).status().code() == row.code);
  }
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "A: b\r\n";
  CHECK_THAT(Body(trailers + "\r\n", kChunked).status(),
             StatusIs(Code::kInvalidArgument, "too many trailers"));
}

TEST_CASE("an error of the receiver ends the body", "[http]") {
  const auto connection = Fed("hello");
  CHECK_THAT(ReadBody(*connection, TestPatience(), {Framing::Kind::kLength, 5},
                      [](absl::string_view) { return absl::AbortedError("enough"); }),
             StatusIs(absl::StatusCode::kAborted, "enough"));
}

TEST_CASE("heads are read one by one", "[http]") {
  const auto connection = Fed("\r\nGET / HTTP/1.1\r\nA: b\r\n\r\nGET /2 HTTP/1.1\n\n");
  CHECK(ReadHead(*connection, TestPatience()).value() == "GET / HTTP/1.1\r\nA: b");
  CHECK(ReadHead(*connection, TestPatience()).value() == "GET /2 HTTP/1.1");
  CHECK_FALSE(ReadHead(*connection, TestPatience()).value().has_value());
  CHECK_THAT(ReadHead(*Fed("GET / HTT"), TestPatience()).status(),
             StatusIs(absl::StatusCode::kUnavailable, "unexpected EOF"));
}

TEST_CASE("a chunk is its size in hex and its bytes", "[http]") {
  CHECK(FormatChunk(std::string(26, 'x')) == "1a\r\n" + std::string(26, 'x') + "\r\n");
}

}  // namespace
}  // namespace sluice::http
