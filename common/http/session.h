// Session: the server's side of one connection, request after request.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "common/base/context.h"
#include "common/http/body.h"
#include "common/http/connection.h"
#include "common/http/server.h"
#include "common/http/tls.h"
#include "common/http/wire.h"

namespace sluice::http {

// What the sessions of one server share; outlives them.
struct SessionEnvironment {
  const ServerOptions& options;
  const Handler& handler;
  const TlsContext* tls;  // null for plain HTTP
  std::stop_token stop;   // the server is shutting down
  // Tells by `gone` when the peer closes its end, from Watch until Unwatch: nobody reads meanwhile.
  std::function<void(int fd, std::stop_source gone)> watch;
  std::function<void(int fd)> unwatch;
};

// Used by one thread; Interrupt and InterruptReads by any.
class Session {
 public:
  Session(const SessionEnvironment& environment, FileDescriptor fd);

  // Serves requests until the connection ends or the server stops. Never throws.
  void Serve();

  void Interrupt() { connection_.Interrupt(); }
  void InterruptReads() { connection_.InterruptReads(); }

 private:
  // Whether the connection may carry another request.
  bool ServeOne();
  // Reads the body into `request`; if that fails, answers and returns false.
  bool ReadRequestBody(const RequestHead& head, ServerRequest& request);
  ServerResponse Handle(const ServerRequest& request);
  bool Answer(const RequestHead& head, ServerResponse response, bool keep);
  bool AnswerStream(const RequestHead& head, ServerResponse response, bool keep);
  // Answers with a plain text error and ends the connection.
  void Refuse(int status, absl::string_view why);
  bool Write(absl::string_view bytes);

  const SessionEnvironment& environment_;
  std::stop_source peer_gone_;
  const Context ctx_;  // ends with the server or with the peer
  // What is written after the server was told to stop is still written.
  const Context write_ctx_ = Context::Background();
  Connection connection_;
  PeerIdentity peer_;
  std::string remote_address_;
};

}  // namespace sluice::http
