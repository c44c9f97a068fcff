// SPDX-License-Identifier: Apache-2.0
#include "common/http/proxy_dial.h"

#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();

// One turn of a proxy: what it must be sent, and what it answers then.
struct Turn {
  std::string expect;
  std::string answer;
};

// Plays its turns with the first client, closes, and tells what the client sent.
class ScriptedProxy {
 public:
  explicit ScriptedProxy(std::vector<Turn> turns)
      : listener_(Listen("127.0.0.1:0").value()),
        thread_([this, turns = std::move(turns)] { Play(turns); }) {}

  http::Url Address(const std::string& scheme, const std::string& user = "") const {
    return http::Url::Parse(
               absl::StrCat(scheme, "://", user, "127.0.0.1:", LocalPort(listener_.get())))
        .value();
  }
  std::string Received() {
    thread_.join();
    return received_;
  }

 private:
  void Play(const std::vector<Turn>& turns) {
    const auto wait = [](int fd, short events) {
      return AwaitReady(kContext, fd, events, absl::Seconds(10)).ok();
    };
    if (!wait(listener_.get(), POLLIN)) return;
    const FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
    for (const Turn& turn : turns) {
      std::string got;
      while (got.size() < turn.expect.size() && wait(client.get(), POLLIN)) {
        char buffer[512];
        const ssize_t count = recv(client.get(), buffer, turn.expect.size() - got.size(), 0);
        if (count <= 0) break;
        got.append(buffer, static_cast<size_t>(count));
      }
      absl::StrAppend(&received_, got);
      if (send(client.get(), turn.answer.data(), turn.answer.size(), MSG_NOSIGNAL) < 0) return;
    }
  }

  const FileDescriptor listener_;
  std::string received_;
  std::jthread thread_;
};

std::string Bytes(absl::string_view text) { return std::string(text); }

// What arrives after the proxy is through belongs to the connection.
std::string ReadGreeting(const FileDescriptor& fd) {
  std::string text(5, '\0');
  size_t filled = 0;
  while (filled < text.size() && AwaitReady(kContext, fd.get(), POLLIN, absl::Seconds(10)).ok()) {
    const ssize_t count = recv(fd.get(), text.data() + filled, text.size() - filled, 0);
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
  return text.substr(0, filled);
}

const std::string kConnect = Bytes(absl::string_view("\5\1\0\3\13git.example\0\26", 18));
const std::string kGranted = Bytes(absl::string_view("\5\0\0\1\0\0\0\0\0\0", 10));

TEST_CASE("SOCKS5 carries the name to the proxy, with credentials if there are any", "[http]") {
  SECTION("without") {
    ScriptedProxy proxy(
        {{Bytes(absl::string_view("\5\1\0", 3)), Bytes(absl::string_view("\5\0", 2))},
         {kConnect, kGranted + "hello"}});
    const auto fd =
        DialThroughProxy(kContext, proxy.Address("socks5"), "git.example", 22, absl::Seconds(10));
    REQUIRE_THAT(fd.status(), IsOk());
    CHECK(ReadGreeting(*fd) == "hello");
    CHECK(proxy.Received() == Bytes(absl::string_view("\5\1\0", 3)) + kConnect);
  }
  SECTION("with") {
    const std::string login = Bytes("\1\3ada\4p@ss");
    ScriptedProxy proxy({{Bytes(absl::string_view("\5\2\0\2", 4)), "\5\2"},
                         {login, Bytes(absl::string_view("\1\0", 2))},
                         {kConnect, kGranted}});
    CHECK_THAT(DialThroughProxy(kContext, proxy.Address("socks5", "ada:p%40ss@"), "git.example", 22,
                                absl::Seconds(10))
                   .status(),
               IsOk());
    CHECK(absl::StrContains(proxy.Received(), login));
  }
  SECTION("refused credentials") {
    ScriptedProxy proxy({{Bytes(absl::string_view("\5\2\0\2", 4)), "\5\2"}, {"\1\1a\1b", "\1\1"}});
    CHECK_THAT(DialThroughProxy(kContext, proxy.Address("socks5", "a:b@"), "git.example", 22,
                                absl::Seconds(10))
                   .status(),
               StatusIs(absl::StatusCode::kUnauthenticated, "refuses the credentials"));
  }
  SECTION("refused target") {
    ScriptedProxy proxy(
        {{Bytes(absl::string_view("\5\1\0", 3)), Bytes(absl::string_view("\5\0", 2))},
         {kConnect, Bytes(absl::string_view("\5\5\0\1\0\0\0\0\0\0", 10))}});
    CHECK_THAT(
        DialThroughProxy(kContext, proxy.Address("socks5"), "git.example", 22, absl::Seconds(10))
            .status(),
        StatusIs(absl::StatusCode::kUnavailable, "cannot connect to git.example:22 (reply 5)"));
  }
}

TEST_CASE("HTTP proxies are asked to CONNECT", "[http]") {
  const std::string request =
      "CONNECT git.example:22 HTTP/1.1\r\nHost: git.example:22\r\n"
      "Proxy-Authorization: Basic YWRhOnB3\r\n\r\n";
  SECTION("granted") {
    ScriptedProxy proxy({{request, "HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello"}});
    const auto fd = DialThroughProxy(kContext, proxy.Address("http", "ada:pw@"), "git.example", 22,
                                     absl::Seconds(10));
    REQUIRE_THAT(fd.status(), IsOk());
    CHECK(ReadGreeting(*fd) == "hello");
    CHECK(proxy.Received() == request);
  }
  SECTION("refused") {
    ScriptedProxy proxy({{request, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}});
    const absl::Status refused = DialThroughProxy(kContext, proxy.Address("http", "ada:pw@"),
                                                  "git.example", 22, absl::Seconds(10))
                                     .status();
    CHECK_THAT(refused, StatusIs(absl::StatusCode::kUnavailable, "407 Proxy Authentication"));
    CHECK_FALSE(absl::StrContains(refused.message(), "pw"));
  }
  SECTION("endless") {
    ScriptedProxy proxy({{request, "HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'y')}});
    CHECK_THAT(DialThroughProxy(kContext, proxy.Address("http", "ada:pw@"), "git.example", 22,
                                absl::Seconds(10))
                   .status(),
               StatusIs(absl::StatusCode::kUnavailable, "too long"));
  }
}

TEST_CASE("a proxy that closes, or of another kind, is an error", "[http]") {
  ScriptedProxy proxy({});
  CHECK_THAT(
      DialThroughProxy(kContext, proxy.Address("socks5"), "git.example", 22, absl::Seconds(10))
          .status(),
      StatusIs(absl::StatusCode::kUnavailable, "closed"));
  CHECK_THAT(DialThroughProxy(kContext, Url::Parse("https://127.0.0.1:1").value(), "git.example",
                              22, absl::Seconds(1))
                 .status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "not supported"));
}

}  // namespace
}  // namespace sluice::http
