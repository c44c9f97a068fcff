// Connection: one TCP stream, plain or under TLS, read through a buffer. Blocking with time limits
// on top, non-blocking underneath.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/http/socket.h"
#include "common/http/tls.h"

namespace sluice::http {

// How long one read or write may wait: until `ctx` ends, or for `idle` without progress.
struct Patience {
  const Context& ctx;
  absl::Duration idle;
};

// Used by one thread at a time, but for Interrupt and InterruptReads.
class Connection {
 public:
  // `fd` is connected and non-blocking.
  explicit Connection(FileDescriptor fd);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts TLS on the stream and shakes hands. kUnavailable, worded as Go's TLS does where a user
  // sees it, or the context's error. A second time, inside the first: through a proxy that is
  // spoken to over TLS.
  absl::Status StartTls(const Patience& patience, TlsSession session);

  // Reads at least one more byte into the buffer; false at the end of the stream.
  absl::StatusOr<bool> Fill(const Patience& patience);
  // What was read and not consumed; valid until the next call that is not const.
  absl::string_view buffered() const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return absl::string_view(buffer_.get() + begin_, end_ - begin_);
  }
  void Consume(size_t count);

  absl::Status Write(const Patience& patience, absl::string_view bytes);

  // Any thread: makes running and later reads and writes fail at once.
  void Interrupt();
  // Any thread: running and later reads see the end of the stream, writes go on.
  void InterruptReads();

  // Fit to carry another request: open, and nothing came unasked.
  bool Quiet();
  // Gives the buffer back while nothing is expected.
  void ReleaseBuffer();
  // Tells the peer that nothing more comes, and swallows what it still sends, for a short time and
  // few bytes: closing with unread input would discard what was written last.
  void CloseGently(const Context& ctx);

  // Whether a read or write found the stream ended or reset by the peer.
  bool peer_closed() const { return peer_closed_; }
  int fd() const { return fd_.get(); }
  // The client certificate's subject, on the server's side after StartTls.
  PeerIdentity peer() const { return tls_.peer(); }

 private:
  enum class Progress { kDone, kAgain, kClosed, kFailed };
  // One non-blocking step; `wait` says what to poll for on kAgain.
  Progress ReadOnce(char* bytes, size_t size, size_t& count, short& wait);
  Progress WriteOnce(absl::string_view bytes, size_t& count, short& wait);
  // Ended by cancellation, or else by `otherwise`.
  absl::Status Ended(const Context& ctx, absl::string_view otherwise) const;

  FileDescriptor fd_;
  TlsSession outer_tls_;  // towards a proxy, around `tls_`
  TlsSession tls_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool peer_closed_ = false;
  std::string failure_;  // why the last kFailed
};

}  // namespace sluice::http
