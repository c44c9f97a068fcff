// Sockets: owned descriptors, connecting and listening.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"

namespace sluice::http {

// Owns a file descriptor; -1 is none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Waits until `fd` shows one of the poll(2) `events`. ctx.Check()'s error when its deadline is
// reached first (cancellation is not watched: it shuts the socket down, which ends the wait);
// kUnavailable naming `idle` when that much time has passed.
absl::Status AwaitReady(const Context& ctx, int fd, short events, absl::Duration idle);

// A connected, non-blocking TCP socket without Nagle's delay and with keep-alive probes. Every
// address of `host` is tried in turn, all within `timeout`. kUnavailable, worded as Go's dialler
// does ("dial tcp 127.0.0.1:1: connect: connection refused"), or ctx.Check()'s error. Cancellation
// interrupts the connecting, not the look-up of the name.
absl::StatusOr<FileDescriptor> Dial(const Context& ctx, const std::string& host, int port,
                                    absl::Duration timeout);

// A non-blocking socket listening on "host:port"; without host on every interface, IPv6 and IPv4.
// kInvalidArgument, or kUnavailable naming the address.
absl::StatusOr<FileDescriptor> Listen(absl::string_view address);

// Sets the options that every connection of ours has.
void ConfigureStream(int fd);

// The local port, 0 if there is none.
int LocalPort(int fd);
// "ip:port" of the other end, with brackets for IPv6; "" if it is gone.
std::string RemoteAddress(int fd);

}  // namespace sluice::http
