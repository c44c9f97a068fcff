// SPDX-License-Identifier: Apache-2.0
#include "common/http/proxy_dial.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/secret.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/message.h"

namespace sluice::http {
namespace {

constexpr size_t kMaxAnswer = 8192;

absl::Status Closed() { return absl::UnavailableError("proxy: the connection was closed"); }

absl::Status SendAll(const Context& ctx, int fd, absl::string_view bytes, absl::Duration timeout) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
      RETURN_IF_ERROR(AwaitReady(ctx, fd, POLLOUT, timeout));
    } else {
      return Closed();
    }
  }
  return absl::OkStatus();
}

// Exactly `count` bytes, so that nothing of what follows the proxy's answer is lost.
absl::StatusOr<std::string> ReceiveExactly(const Context& ctx, int fd, size_t count,
                                           absl::Duration timeout) {
  std::string bytes(count, '\0');
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got = recv(fd, bytes.data() + filled, count - filled, 0);
    if (got > 0) {
      filled += static_cast<size_t>(got);
    } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      RETURN_IF_ERROR(AwaitReady(ctx, fd, POLLIN, timeout));
    } else {
      return Closed();
    }
  }
  return bytes;
}

struct Credentials {
  std::string user;
  Secret password;
};

Credentials FromUserInfo(const Url& proxy) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(proxy.userinfo, absl::MaxSplits(':', 1));
  return {Unescape(parts.first, false), Secret(Unescape(parts.second, false))};
}

absl::Status Socks5(const Context& ctx, int fd, const Url& proxy, const std::string& host, int port,
                    absl::Duration timeout) {
  const Credentials credentials = FromUserInfo(proxy);
  const bool with_password = !credentials.user.empty();
  if (host.size() > 255 || credentials.user.size() > 255 ||
      credentials.password.Reveal().size() > 255) {
    return absl::InvalidArgumentError("proxy: a name or password is too long for SOCKS5");
  }
  RETURN_IF_ERROR(SendAll(
      ctx, fd, with_password ? absl::string_view("\5\2\0\2", 4) : absl::string_view("\5\1\0", 3),
      timeout));
  ASSIGN_OR_RETURN(const std::string method, ReceiveExactly(ctx, fd, 2, timeout));
  if (method == absl::string_view("\5\2", 2) && with_password) {
    const absl::string_view password = credentials.password.Reveal();
    RETURN_IF_ERROR(
        SendAll(ctx, fd,
                absl::StrCat("\1", std::string(1, static_cast<char>(credentials.user.size())),
                             credentials.user, std::string(1, static_cast<char>(password.size())),
                             password),
                timeout));
    ASSIGN_OR_RETURN(const std::string granted, ReceiveExactly(ctx, fd, 2, timeout));
    if (granted[1] != 0) return absl::UnauthenticatedError("proxy: SOCKS5 refuses the credentials");
  } else if (method != absl::string_view("\5\0", 2)) {
    return absl::UnauthenticatedError("proxy: SOCKS5 accepts none of our ways to authenticate");
  }
  // The name goes to the proxy unresolved, as Go's dialler sends it.
  std::string connect("\5\1\0\3", 4);
  connect.push_back(static_cast<char>(host.size()));
  absl::StrAppend(&connect, host);
  connect.push_back(static_cast<char>(port >> 8));
  connect.push_back(static_cast<char>(port & 0xff));
  RETURN_IF_ERROR(SendAll(ctx, fd, connect, timeout));
  ASSIGN_OR_RETURN(const std::string head, ReceiveExactly(ctx, fd, 4, timeout));
  if (head[0] != 5 || head[1] != 0) {
    return absl::UnavailableError(
        absl::StrCat("proxy: SOCKS5 cannot connect to ", host, ":", port, " (reply ",
                     static_cast<int>(static_cast<unsigned char>(head[1])), ")"));
  }
  size_t address = head[3] == 1 ? 4 : 16;
  if (head[3] == 3) {
    ASSIGN_OR_RETURN(const std::string length, ReceiveExactly(ctx, fd, 1, timeout));
    address = static_cast<unsigned char>(length[0]);
  }
  return ReceiveExactly(ctx, fd, address + 2, timeout).status();
}

absl::Status HttpConnect(const Context& ctx, int fd, const Url& proxy, const std::string& host,
                         int port, absl::Duration timeout) {
  const std::string target = absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port)
                                                          : absl::StrCat(host, ":", port);
  std::string request = absl::StrCat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!proxy.userinfo.empty()) {
    const Credentials credentials = FromUserInfo(proxy);
    absl::StrAppend(
        &request, "Proxy-Authorization: Basic ",
        absl::Base64Escape(absl::StrCat(credentials.user, ":", credentials.password.Reveal())),
        "\r\n");
  }
  absl::StrAppend(&request, "\r\n");
  RETURN_IF_ERROR(SendAll(ctx, fd, request, timeout));
  std::string answer;
  while (!absl::EndsWith(answer, "\r\n\r\n")) {
    if (answer.size() >= kMaxAnswer) return absl::UnavailableError("proxy: the answer is too long");
    ASSIGN_OR_RETURN(const std::string byte, ReceiveExactly(ctx, fd, 1, timeout));
    absl::StrAppend(&answer, byte);
  }
  const absl::string_view line = absl::string_view(answer).substr(0, answer.find('\r'));
  const std::vector<absl::string_view> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
  if (words.size() >= 2 && words[1] == "200") return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("proxy: CONNECT to ", target, " failed: ", absl::CHexEscape(line)));
}

}  // namespace

absl::StatusOr<FileDescriptor> DialThroughProxy(const Context& ctx, const Url& proxy,
                                                const std::string& host, int port,
                                                absl::Duration timeout) {
  const bool socks = proxy.scheme == "socks5" || proxy.scheme == "socks5h";
  if (!socks && proxy.scheme != "http") {
    return absl::InvalidArgumentError(
        absl::StrCat("proxy: \"", proxy.scheme, "\" proxies are not supported here"));
  }
  const int proxy_port = proxy.port != 0 ? proxy.port : socks ? 1080 : 80;
  ASSIGN_OR_RETURN(FileDescriptor fd, Dial(ctx, proxy.host, proxy_port, timeout));
  const std::unique_ptr<Context::Registration> watch =
      ctx.OnCancel([raw = fd.get()] { shutdown(raw, SHUT_RDWR); });
  const absl::Status through = socks ? Socks5(ctx, fd.get(), proxy, host, port, timeout)
                                     : HttpConnect(ctx, fd.get(), proxy, host, port, timeout);
  RETURN_IF_ERROR(ctx.Check());
  RETURN_IF_ERROR(through);
  return fd;
}

}  // namespace sluice::http
