// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/socket_input.h"

#include <sys/socket.h>

#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

http::FileDescriptor SocketWith(absl::string_view input) {
  int ends[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0,
          "there is a pair of sockets");
  const http::FileDescriptor peer(ends[1]);
  input = input.substr(0, size_t{64} << 10);  // fits into the socket's buffer
  Require(send(peer.get(), input.data(), input.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(input.size()),
          "an input fits into a socket");
  return http::FileDescriptor(ends[0]);
}

}  // namespace sluice::fuzz
