// For tests: the other end of a connection, spoken byte by byte, to say what no well-behaved peer
// would.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/context.h"
#include "common/http/connection.h"
#include "common/http/socket.h"

namespace sluice::http {

// Accepts connections on a port of its own, one after the other, and hands each with its number to
// `script`, in one thread. The connection is closed when the script returns.
class RawServer {
 public:
  using Script = std::function<void(Connection& connection, int number)>;

  explicit RawServer(Script script)
      : listener_(Listen("127.0.0.1:0").value()), script_(std::move(script)) {
    thread_ = std::thread([this] {
      for (int number = 0;; ++number) {
        if (!AwaitReady(Context::Background(), listener_.get(), 1 /* POLLIN */, absl::Seconds(60))
                 .ok()) {
          return;
        }
        FileDescriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
        if (fd.get() < 0) return;  // shut down below
        ++accepted_;
        Connection connection(std::move(fd));
        script_(connection, number);
      }
    });
  }
  ~RawServer() {
    (void)shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", LocalPort(listener_.get())); }
  int accepted() const { return accepted_; }

 private:
  const FileDescriptor listener_;
  const Script script_;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

// Long enough never to matter to a test that passes.
inline const Context& TestContext() {
  static const Context* const context = new Context(Context::Background());
  return *context;
}
inline Patience TestPatience() { return Patience{TestContext(), absl::Seconds(30)}; }

// Everything that comes until the peer closes.
inline std::string ReadAll(Connection& connection) {
  while (true) {
    const auto more = connection.Fill(TestPatience());
    if (!more.ok() || !*more) return std::string(connection.buffered());
  }
}

// A connection to a port of this machine.
inline std::unique_ptr<Connection> DialLocal(int port) {
  return std::make_unique<Connection>(
      Dial(TestContext(), "127.0.0.1", port, absl::Seconds(5)).value());
}

}  // namespace sluice::http
