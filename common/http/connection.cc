// SPDX-License-Identifier: Apache-2.0
#include "common/http/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::http {
namespace {

// A buffer begins small, since most messages are, and doubles while reads fill it.
constexpr size_t kFirstBuffer = size_t{4} << 10;
constexpr size_t kLargestBuffer = size_t{64} << 10;

}  // namespace

Connection::Connection(FileDescriptor fd) : fd_(std::move(fd)) {}

Connection::~Connection() {
  if (tls_ && !peer_closed_) tls_.Shutdown();
}

absl::Status Connection::Ended(const Context& ctx, absl::string_view otherwise) const {
  RETURN_IF_ERROR(ctx.Check());
  return absl::UnavailableError(otherwise);
}

absl::Status Connection::StartTls(const Patience& patience, TlsSession session) {
  if (tls_) {
    outer_tls_ = std::move(tls_);
    tls_ = std::move(session);
    tls_.AttachInside(outer_tls_);
  } else {
    tls_ = std::move(session);
    tls_.Attach(fd_.get());
  }
  while (true) {
    short wait = POLLIN;
    switch (tls_.Handshake()) {
      case TlsSession::Step::kDone:
        return absl::OkStatus();
      case TlsSession::Step::kWantRead:
        break;
      case TlsSession::Step::kWantWrite:
        wait = POLLOUT;
        break;
      case TlsSession::Step::kClosed:
      case TlsSession::Step::kCut:
        peer_closed_ = true;
        return Ended(patience.ctx, "tls: connection closed during the handshake");
      case TlsSession::Step::kFailed:
        return Ended(patience.ctx, tls_.Failure());
    }
    RETURN_IF_ERROR(AwaitReady(patience.ctx, fd_.get(), wait, patience.idle));
  }
}

Connection::Progress Connection::ReadOnce(char* bytes, size_t size, size_t& count, short& wait) {
  wait = POLLIN;
  if (tls_) {
    switch (tls_.Read(bytes, size, count)) {
      case TlsSession::Step::kDone:
        return Progress::kDone;
      case TlsSession::Step::kWantWrite:
        wait = POLLOUT;
        return Progress::kAgain;
      case TlsSession::Step::kWantRead:
        return Progress::kAgain;
      case TlsSession::Step::kClosed:
        return Progress::kClosed;
      case TlsSession::Step::kCut:
        peer_closed_ = true;
        [[fallthrough]];
      case TlsSession::Step::kFailed:
        failure_ = tls_.Failure();
        return Progress::kFailed;
    }
  }
  const ssize_t got = recv(fd_.get(), bytes, size, 0);
  if (got > 0) {
    count = static_cast<size_t>(got);
    return Progress::kDone;
  }
  if (got == 0) return Progress::kClosed;
  if (errno == EAGAIN || errno == EINTR) return Progress::kAgain;
  if (errno == ECONNRESET) {
    peer_closed_ = true;
  }
  failure_ = absl::StrCat("read: ", std::strerror(errno));
  return Progress::kFailed;
}

Connection::Progress Connection::WriteOnce(absl::string_view bytes, size_t& count, short& wait) {
  wait = POLLOUT;
  if (tls_) {
    switch (tls_.Write(bytes, count)) {
      case TlsSession::Step::kDone:
        return Progress::kDone;
      case TlsSession::Step::kWantRead:
        wait = POLLIN;
        return Progress::kAgain;
      case TlsSession::Step::kWantWrite:
        return Progress::kAgain;
      case TlsSession::Step::kClosed:
      case TlsSession::Step::kCut:
        return Progress::kClosed;
      case TlsSession::Step::kFailed:
        failure_ = tls_.Failure();
        return Progress::kFailed;
    }
  }
  const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    count = static_cast<size_t>(sent);
    return Progress::kDone;
  }
  if (errno == EAGAIN || errno == EINTR) return Progress::kAgain;
  if (errno == EPIPE || errno == ECONNRESET) return Progress::kClosed;
  failure_ = absl::StrCat("write: ", std::strerror(errno));
  return Progress::kFailed;
}

absl::StatusOr<bool> Connection::Fill(const Patience& patience) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0 && end_ == capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    const size_t grown = std::max(kFirstBuffer, capacity_ * 2);
    auto buffer = std::make_unique_for_overwrite<char[]>(grown);
    if (end_ > 0) std::memcpy(buffer.get(), buffer_.get(), end_);
    buffer_ = std::move(buffer);
    capacity_ = grown;
  }
  while (true) {
    size_t count = 0;
    short wait = 0;
    switch (ReadOnce(buffer_.get() + end_, capacity_ - end_, count, wait)) {
      case Progress::kDone:
        end_ += count;
        if (begin_ == 0 && end_ == capacity_ && capacity_ < kLargestBuffer) {
          auto larger = std::make_unique_for_overwrite<char[]>(capacity_ * 2);
          std::memcpy(larger.get(), buffer_.get(), end_);
          buffer_ = std::move(larger);
          capacity_ *= 2;
        }
        return true;
      case Progress::kClosed:
        peer_closed_ = true;
        RETURN_IF_ERROR(patience.ctx.Check());
        return false;
      case Progress::kFailed:
        return Ended(patience.ctx, failure_);
      case Progress::kAgain:
        RETURN_IF_ERROR(AwaitReady(patience.ctx, fd_.get(), wait, patience.idle));
    }
  }
}

void Connection::Consume(size_t count) { begin_ += std::min(count, end_ - begin_); }

absl::Status Connection::Write(const Patience& patience, absl::string_view bytes) {
  while (!bytes.empty()) {
    size_t count = 0;
    short wait = 0;
    switch (WriteOnce(bytes, count, wait)) {
      case Progress::kDone:
        bytes.remove_prefix(count);
        break;
      case Progress::kClosed:
        peer_closed_ = true;
        return Ended(patience.ctx, "write: broken pipe");
      case Progress::kFailed:
        return Ended(patience.ctx, failure_);
      case Progress::kAgain:
        RETURN_IF_ERROR(AwaitReady(patience.ctx, fd_.get(), wait, patience.idle));
    }
  }
  return absl::OkStatus();
}

void Connection::Interrupt() { (void)shutdown(fd_.get(), SHUT_RDWR); }

void Connection::InterruptReads() { (void)shutdown(fd_.get(), SHUT_RD); }

bool Connection::Quiet() {
  if (peer_closed_ || begin_ != end_ || tls_.pending() || outer_tls_.pending()) return false;
  pollfd entry = {fd_.get(), POLLIN | POLLRDHUP, 0};
  return poll(&entry, 1, 0) == 0;
}

void Connection::ReleaseBuffer() {
  if (begin_ != end_ || capacity_ <= kFirstBuffer) return;
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
}

void Connection::CloseGently(const Context& ctx) {
  if (tls_) tls_.Shutdown();
  (void)shutdown(fd_.get(), SHUT_WR);
  constexpr size_t kMost = size_t{4} << 20;
  const Context brief = ctx.WithTimeout(absl::Seconds(1));
  char scrap[4096];
  // The raw stream, under TLS too: what comes is not looked at.
  for (size_t total = 0; total < kMost;) {
    const ssize_t got = recv(fd_.get(), scrap, sizeof(scrap), 0);
    if (got == 0) break;
    if (got > 0) {
      total += static_cast<size_t>(got);
    } else if ((errno != EAGAIN && errno != EINTR) ||
               !AwaitReady(brief, fd_.get(), POLLIN, absl::Seconds(1)).ok()) {
      break;
    }
  }
  peer_closed_ = true;
}

}  // namespace sluice::http
