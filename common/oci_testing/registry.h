// An OCI registry in the test's own process, with a token service, a record of what it was asked,
// and faults.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/server.h"

namespace sluice::oci_testing {

struct RegistryOptions {
  enum class Access { kOpen, kBasic, kBearer };

  Access access = Access::kOpen;
  // What Basic or the token service want to see; with kBearer and no name everybody gets tokens.
  std::string username;
  std::string password;
  // A refresh token that the token service takes, by POST, instead. Empty: POST is answered 404.
  std::string identity_token;
  std::string realm;     // empty: "/token" of this server
  size_t page_size = 0;  // of lists of tags; 0: all at once
  bool referrers_api = true;
  // For TLS, see http::ServerOptions.
  std::string certificate_pem;
  Secret private_key_pem;
  std::string client_ca_pem;
};

// A request as it came.
struct Seen {
  std::string method;
  std::string path;
  std::string query;
  std::string authorization;
  std::string range;
  std::string body;
};

// Changes an answer that is about to be sent. Runs in the connection's thread.
using Fault =
    std::function<void(const http::ServerRequest& request, http::ServerResponse& response)>;

// Faults for the requests whose path has `part` in it ("/blobs/", "/tags/list"). The first `times`
// answers break off after `bytes` of what their length says; say a length that is not theirs; are
// `status`. All others: never end but trickle; lead elsewhere.
Fault BreakOff(absl::string_view part, size_t bytes, int times);
Fault ClaimLength(absl::string_view part, size_t length);
Fault FailWith(absl::string_view part, int status, absl::string_view body, int times);
Fault Trickle(absl::string_view part);
Fault RedirectTo(absl::string_view part, absl::string_view location);
// Replaces the body, its length with it.
Fault Replace(absl::string_view part, absl::string_view body);
// Every page of tags has another one behind it.
Fault EndlessTags();

// Serves at 127.0.0.1:<port> until destroyed. Repositories exist as soon as something is in them.
class Registry {
 public:
  explicit Registry(RegistryOptions options = {});

  int port() const { return server_->port(); }
  // "127.0.0.1:<port>", as in references.
  std::string host() const;
  // "http://127.0.0.1:<port>", https with a certificate.
  std::string url() const;

  // Each returns the digest, "sha256:<hex>".
  std::string AddBlob(absl::string_view repository, absl::string_view bytes);
  // Under its digest, and under `tag` unless that is empty.
  std::string AddManifest(absl::string_view repository, absl::string_view tag,
                          absl::string_view media_type, absl::string_view bytes);
  // A manifest with one layer, and both blobs.
  std::string AddArtifact(absl::string_view repository, absl::string_view tag,
                          absl::string_view layer_type, absl::string_view layer);
  // The index that the referrers API has for `digest`.
  void SetReferrers(absl::string_view repository, absl::string_view digest,
                    absl::string_view index);

  std::vector<Seen> requests() const;
  // How many requests had `part` in their path.
  int CountOf(absl::string_view part) const;
  // Tokens that were given out stop being valid.
  void RevokeTokens();
  // An empty function: no fault.
  void SetFault(Fault fault);

 private:
  struct Content {
    std::string media_type;
    std::string bytes;
  };
  struct Holding {
    std::map<std::string, std::string> blobs;      // by digest
    std::map<std::string, Content> manifests;      // by digest
    std::map<std::string, std::string> tags;       // to digests
    std::map<std::string, std::string> referrers;  // by digest
  };

  http::ServerResponse Handle(const http::ServerRequest& request);
  http::ServerResponse Answer(const http::ServerRequest& request);
  http::ServerResponse AnswerToken(const http::ServerRequest& request);
  http::ServerResponse AnswerTags(const Holding& holding, const std::string& repository,
                                  const http::ServerRequest& request) const;
  http::ServerResponse AnswerManifest(const Holding& holding, const std::string& reference) const;
  http::ServerResponse AnswerBlob(const Holding& holding, const std::string& digest,
                                  const http::ServerRequest& request) const;
  http::ServerResponse Store(const std::string& repository, absl::string_view kind,
                             const std::string& rest, const http::ServerRequest& request);
  bool Admitted(const http::ServerRequest& request, absl::string_view scope) const;
  http::ServerResponse Challenge(absl::string_view scope) const;

  const RegistryOptions options_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Holding> holdings_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> tokens_ ABSL_GUARDED_BY(mutex_);  // "<token> <scope>"
  std::vector<Seen> requests_ ABSL_GUARDED_BY(mutex_);
  Fault fault_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;  // last: stops before the rest goes
};

}  // namespace sluice::oci_testing
