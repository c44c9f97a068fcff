// A Git server over HTTP in the test's own process, with counters and faults.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/git/upload_pack.h"
#include "common/http/server.h"

namespace sluice::git_testing {

struct GitServerOptions {
  git::UploadPackOptions upload_pack;
  bool allow_push = false;
  // What requests must carry; answered 401 otherwise. Nothing is asked for if both are empty.
  std::string username;
  Secret password;
  Secret bearer_token;
  // For HTTPS, see http::ServerOptions.
  std::string certificate_pem;
  Secret private_key_pem;
  std::string client_ca_pem;
};

struct GitServerCounters {
  int advertisements = 0;
  int listings = 0;  // version 2's ls-refs
  int fetches = 0;
  int pushes = 0;
  size_t fetch_bytes = 0;  // sent in answer to fetches
};

// Changes an answer that is about to be sent. Runs in the connection's thread.
using Fault =
    std::function<void(const http::ServerRequest& request, http::ServerResponse& response)>;

// Faults for the requests whose path ends in `suffix` ("/info/refs", "/git-upload-pack"). The body
// breaks off after `bytes`; never comes until the client or the server ends; the status is another.
Fault TruncateAfter(absl::string_view suffix, size_t bytes);
Fault Stall(absl::string_view suffix);
Fault FailWith(absl::string_view suffix, int status, absl::string_view text);
Fault RedirectTo(absl::string_view suffix, absl::string_view location);

// Serves the repositories below a directory at http://127.0.0.1:<port>/ until destroyed.
class GitServer {
 public:
  explicit GitServer(const std::string& root, GitServerOptions options = {});

  // "http://127.0.0.1:<port>/<repository>", https with a certificate.
  std::string Url(absl::string_view repository) const;
  int port() const { return server_->port(); }

  GitServerCounters counters() const;
  void ResetCounters();
  // An empty function: no fault.
  void SetFault(Fault fault);

 private:
  http::ServerResponse Handle(const Context& ctx, const http::ServerRequest& request);
  bool Authorized(const http::ServerRequest& request) const;

  const GitServerOptions options_;
  http::Handler handler_;
  mutable absl::Mutex mutex_;
  GitServerCounters counters_ ABSL_GUARDED_BY(mutex_);
  Fault fault_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;  // last: stops before the rest goes
};

}  // namespace sluice::git_testing
