// SPDX-License-Identifier: Apache-2.0
#include "common/http/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/base/steady_clock.h"

namespace sluice::http {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// The system's words, in lower case as Go writes them.
std::string ErrorText(int error) {
  std::string text = std::strerror(error);
  if (!text.empty()) text[0] = absl::ascii_tolower(text[0]);
  return text;
}

absl::StatusOr<Addresses> Resolve(const std::string& host, const std::string& port, int flags) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &list);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("lookup ", absl::CEscape(host), ": ",
                                               error == EAI_NONAME || error == EAI_NODATA
                                                   ? "no such host"
                                               : error == EAI_SYSTEM ? ErrorText(errno)
                                                                     : gai_strerror(error)));
  }
  return Addresses(list);
}

std::string AddressText(const sockaddr* address, socklen_t size) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  const bool v6 = std::strchr(host, ':') != nullptr;
  return v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

void SetOption(int fd, int level, int option, int value) {
  // Each of these only tunes; a kernel without one is served without it.
  (void)setsockopt(fd, level, option, &value, sizeof(value));
}

absl::StatusOr<FileDescriptor> Connect(const Context& ctx, const addrinfo& address,
                                       absl::Duration timeout) {
  const auto failed = [&](int error) {
    return absl::UnavailableError(absl::StrCat("dial tcp ",
                                               AddressText(address.ai_addr, address.ai_addrlen),
                                               ": connect: ", ErrorText(error)));
  };
  FileDescriptor fd(
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (fd.get() < 0) return failed(errno);
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return failed(errno);
    const auto interrupt = ctx.OnCancel([socket = fd.get()] { (void)shutdown(socket, SHUT_RDWR); });
    const absl::Status ready = AwaitReady(ctx, fd.get(), POLLOUT, timeout);
    RETURN_IF_ERROR(ctx.Check());
    if (!ready.ok()) return failed(ETIMEDOUT);
    int error = 0;
    socklen_t size = sizeof(error);
    (void)getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return failed(error);
  }
  ConfigureStream(fd.get());
  return fd;
}

absl::StatusOr<FileDescriptor> ListenOn(const addrinfo& address) {
  FileDescriptor fd(
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (fd.get() < 0) return absl::UnavailableError(ErrorText(errno));
  SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      listen(fd.get(), SOMAXCONN) != 0) {
    return absl::UnavailableError(ErrorText(errno));
  }
  return fd;
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status AwaitReady(const Context& ctx, int fd, short events, absl::Duration idle) {
  const absl::Time begin = SteadyClock().Now();
  while (true) {
    const absl::Duration idle_left = idle - (SteadyClock().Now() - begin);
    const absl::Duration wait = std::min(idle_left, ctx.remaining());
    // Rounded up: a wait that ends early would spin.
    const int64_t ms = wait >= absl::Hours(24)
                           ? -1
                           : absl::ToInt64Milliseconds(absl::Ceil(
                                 std::max(wait, absl::ZeroDuration()), absl::Milliseconds(1)));
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(ms));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return absl::UnavailableError(ErrorText(errno));
    RETURN_IF_ERROR(ctx.Check());
    if (SteadyClock().Now() - begin >= idle) {
      return absl::UnavailableError(absl::StrCat("i/o timeout after ", FormatGoDuration(idle)));
    }
  }
}

absl::StatusOr<FileDescriptor> Dial(const Context& ctx, const std::string& host, int port,
                                    absl::Duration timeout) {
  RETURN_IF_ERROR(ctx.Check());
  const absl::Time end = SteadyClock().Now() + timeout;
  const absl::StatusOr<Addresses> addresses = Resolve(host, absl::StrCat(port), 0);
  if (!addresses.ok()) return Annotate(addresses.status(), "dial tcp");
  int left = 0;
  for (const addrinfo* a = addresses->get(); a != nullptr; a = a->ai_next) ++left;
  absl::Status first_failure;
  for (const addrinfo* a = addresses->get(); a != nullptr; a = a->ai_next, --left) {
    // An address that swallows packets may take its share of the time, not all of it.
    absl::StatusOr<FileDescriptor> fd = Connect(ctx, *a, (end - SteadyClock().Now()) / left);
    if (fd.ok()) return fd;
    RETURN_IF_ERROR(ctx.Check());
    if (first_failure.ok()) first_failure = fd.status();
  }
  return first_failure;
}

absl::StatusOr<FileDescriptor> Listen(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen address \"", absl::CEscape(address), "\" is not host:port"));
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  const absl::StatusOr<Addresses> addresses =
      Resolve(std::string(host), absl::StrCat(port), AI_PASSIVE);
  if (!addresses.ok()) return Annotate(addresses.status(), absl::StrCat("listen ", address));
  // IPv6 first where every interface is meant: that socket takes IPv4 too. A name ("localhost")
  // with addresses of both kinds means its IPv4 one, as it does to Go's servers.
  absl::Status failure;
  for (const int family : {host.empty() ? AF_INET6 : AF_INET, host.empty() ? AF_INET : AF_INET6}) {
    for (const addrinfo* a = addresses->get(); a != nullptr; a = a->ai_next) {
      if (a->ai_family != family) continue;
      absl::StatusOr<FileDescriptor> fd = ListenOn(*a);
      if (fd.ok()) return fd;
      failure = fd.status();
    }
  }
  return Annotate(failure, absl::StrCat("listen ", address));
}

void ConfigureStream(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

int LocalPort(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::string RemoteAddress(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  return AddressText(reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace sluice::http
