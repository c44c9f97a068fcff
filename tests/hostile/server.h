// A scripted HTTP server that misbehaves, and records what it was told.
//
//   hostile::Server server;
//   server.On("/index.yaml", hostile::Drip("apiVersion: v1\n", absl::Milliseconds(100)));
//   ... the code under test asks server.url() ...
//   CHECK(server.SecretsSeen({"hunter2"}).empty());
//
// Every connection carries one request and has a thread of its own, so that one that is held does
// not hold the others. Nothing here is well-formed unless the behaviour makes it so.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/http/connection.h"
#include "common/http/message.h"
#include "common/http/socket.h"

namespace sluice::hostile {

// A request as it came.
struct Seen {
  std::string method;
  std::string path;   // as received, without the query
  std::string query;  // without "?"
  http::Headers headers;
  std::string body;  // at most 1 MiB of it
  std::string head;  // all of it but the body
};

// The way back to the client.
class Answer {
 public:
  Answer(const Context& ctx, http::Connection& connection) : ctx_(ctx), connection_(connection) {}

  // Bytes as they are. False when the client is gone or the server ends: stop.
  bool Send(absl::string_view bytes);
  // Says nothing for so long; false as above.
  bool Wait(absl::Duration pause);
  // A status line and fields; "Connection: close" is added.
  bool SendHead(int status, const http::Headers& headers);
  // Resets the connection: the last that is to be done.
  void Reset();

 private:
  const Context& ctx_;
  http::Connection& connection_;
};

// Answers one request; the connection is closed when it returns. Runs in the connection's thread.
using Behaviour = std::function<void(const Seen& seen, Answer& answer)>;

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What requests get whose path starts with `prefix`; the longest prefix counts, 404 without any.
  void On(const std::string& prefix, Behaviour behaviour);

  int port() const { return port_; }
  // "http://127.0.0.1:<port>", and the same place under another name.
  std::string url() const;
  std::string url_by_name() const;

  std::vector<Seen> seen() const;
  // How many requests had paths that start with `prefix`.
  int CountOf(absl::string_view prefix) const;
  // Those of `secrets` that came in any request, in head or body, as they are or in Base64.
  std::vector<std::string> SecretsSeen(const std::vector<std::string>& secrets) const;

 private:
  struct Client {
    explicit Client(http::FileDescriptor fd) : connection(std::move(fd)) {}
    http::Connection connection;
    std::thread thread;
    std::atomic<bool> done = false;
  };

  void Accept();
  void Serve(Client& client);
  Behaviour Find(absl::string_view path) const;

  const http::FileDescriptor listener_;
  const int port_;
  const std::shared_ptr<std::stop_source> stop_;
  const Context ctx_;
  mutable absl::Mutex mutex_;
  std::vector<std::pair<std::string, Behaviour>> behaviours_ ABSL_GUARDED_BY(mutex_);
  std::vector<Seen> seen_ ABSL_GUARDED_BY(mutex_);
  std::list<Client> clients_;  // of the accepting thread
  std::thread thread_;
};

// --- Behaviours ---

// A well-formed answer.
Behaviour Reply(int status, http::Headers headers, std::string body);
// Says that `length` bytes follow, and sends only `body`.
Behaviour ClaimLength(uint64_t length, http::Headers headers, std::string body);
// Leads to `location`, with 302.
Behaviour Redirect(std::string location);
// Leads to itself, with another query each time.
Behaviour RedirectLoop();
// Takes the request and never answers.
Behaviour Silence();
// Headers without an end.
Behaviour EndlessHead();
// "100 Continue" without an end.
Behaviour EndlessInterim();
// `start`, then `piece` for ever, as one chunked body.
Behaviour EndlessBody(http::Headers headers, std::string start, std::string piece);
// `text`, a byte at a time with a pause after each, then single blanks for ever.
Behaviour Drip(http::Headers headers, std::string text, absl::Duration pause);
// Chunks whose sizes are no numbers.
Behaviour BrokenChunks();

// `size` bytes of zeros as gzip, about a thousandth of that.
std::string GzipBomb(uint64_t size);

}  // namespace sluice::hostile
