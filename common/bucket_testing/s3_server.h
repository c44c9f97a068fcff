// An S3 server in the test's process that can be written to: objects, parts of them and listings,
// with signatures required and bodies checked against their signed digest.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/bucket/s3.h"
#include "common/http/server.h"
#include "common/http/transport.h"

namespace sluice::bucket_testing {

// Thread-safe.
class S3Server {
 public:
  static constexpr char kBucket[] = "artifacts";
  static constexpr char kAccessKey[] = "access";
  static constexpr char kSecretKey[] = "secret";

  // `clock` tells when objects were written; it must outlive the server.
  explicit S3Server(Clock& clock = RealClock());

  // "127.0.0.1:port".
  std::string endpoint() const;
  // A store that speaks to this server; the server must outlive it.
  std::unique_ptr<bucket::WritableStore> Store();

  std::vector<std::string> Keys() const;
  std::optional<std::string> Content(const std::string& key) const;
  // As somebody else would.
  void Put(const std::string& key, const std::string& content);
  void Clear();
  // Uploads in parts that were neither completed nor given up.
  size_t OpenUploads() const;
  // "GET /key?query" of each request since the last call.
  std::vector<std::string> Take();

  // Answers instead of the server, if it gives something.
  using Fault =
      std::function<std::optional<http::ServerResponse>(const http::ServerRequest& request)>;
  void SetFault(Fault fault);

 private:
  struct Object {
    std::string content;
    std::string etag;
    absl::Time modified;
  };
  using Query = std::map<std::string, std::string>;

  http::ServerResponse Answer(const http::ServerRequest& request);
  http::ServerResponse Read(const std::string& method, const std::string& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  http::ServerResponse Write(const http::ServerRequest& request, const std::string& key,
                             Query& query) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  http::ServerResponse List(Query& query) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Object Made(std::string content) const;

  Clock& clock_;
  std::unique_ptr<http::Transport> transport_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Object> objects_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::map<int, std::string>> uploads_ ABSL_GUARDED_BY(mutex_);
  int next_upload_ ABSL_GUARDED_BY(mutex_) = 1;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  Fault fault_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;  // last: its threads use the rest
};

}  // namespace sluice::bucket_testing
