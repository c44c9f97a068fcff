// TLS over a non-blocking socket: contexts from PEM in memory, and one session per connection. The
// only place that includes OpenSSL's libssl.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/http/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace sluice::http {

struct FreeTls {
  void operator()(ssl_st* session) const;
  void operator()(ssl_ctx_st* context) const;
};

// One connection's TLS, or none. Not thread-safe.
class TlsSession {
 public:
  // kClosed: the peer said that it is done; kCut: the stream ended without that, perhaps by someone
  // in between, so what was read may not be all.
  enum class Step { kDone, kWantRead, kWantWrite, kClosed, kCut, kFailed };

  TlsSession() = default;

  explicit operator bool() const { return session_ != nullptr; }

  // `fd` must outlive the session. Nothing blocks: a step that must wait says for what.
  void Attach(int fd);
  // The same inside another session, whose handshake is done and which must outlive this one.
  void AttachInside(TlsSession& outer);
  Step Handshake();
  Step Read(char* bytes, size_t size, size_t& count);
  Step Write(absl::string_view bytes, size_t& count);
  // Decrypted bytes that wait to be read without any arriving.
  bool pending() const;
  // Sends close_notify if that needs no waiting.
  void Shutdown();

  // Why the last step was kCut or kFailed.
  std::string Failure() const;
  // The verified certificate of a client, empty without one.
  PeerIdentity peer() const;

 private:
  friend class TlsContext;
  explicit TlsSession(ssl_st* session) : session_(session) {}
  Step Outcome(int result);

  std::unique_ptr<ssl_st, FreeTls> session_;
  std::string failure_;
};

// Settings and certificates that sessions share. Immutable, thread-safe.
class TlsContext {
 public:
  // kInvalidArgument, saying which, for PEM that does not parse or a key that does not fit.
  static absl::StatusOr<TlsContext> ForClient(const TlsOptions& options);
  // Client certificates are asked for and verified when `client_ca_pem` is not empty.
  static absl::StatusOr<TlsContext> ForServer(absl::string_view certificate_pem,
                                              const Secret& private_key_pem,
                                              absl::string_view client_ca_pem);

  // A session towards `server_name`, a host name or an IP address, which the certificate must bear.
  absl::StatusOr<TlsSession> Connect(const std::string& server_name) const;
  absl::StatusOr<TlsSession> Accept() const;

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  std::unique_ptr<ssl_ctx_st, FreeTls> context_;
  bool verify_ = true;
};

}  // namespace sluice::http
