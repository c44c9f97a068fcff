// SPDX-License-Identifier: Apache-2.0
#include "common/git_testing/git_server.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/git/smart_http.h"

namespace sluice::git_testing {
namespace {

using Stream = std::function<void(const Context& ctx, const http::Sink& sink)>;

// The body of `response` as a stream, whichever it was.
Stream AsStream(const http::ServerResponse& response) {
  if (response.stream) return response.stream;
  return [body = response.body](const Context&, const http::Sink& sink) { sink(body); };
}

}  // namespace

Fault TruncateAfter(absl::string_view suffix, size_t bytes) {
  return [suffix = std::string(suffix), bytes](const http::ServerRequest& request,
                                               http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, suffix)) return;
    response.stream = [inner = AsStream(response), bytes](const Context& ctx,
                                                          const http::Sink& sink) {
      size_t left = bytes;
      inner(ctx, [&](absl::string_view piece) {
        const absl::string_view kept = piece.substr(0, left);
        left -= kept.size();
        return !kept.empty() && sink(kept);
      });
    };
  };
}

Fault Stall(absl::string_view suffix) {
  return [suffix = std::string(suffix)](const http::ServerRequest& request,
                                        http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, suffix)) return;
    response.stream = [](const Context& ctx, const http::Sink&) {
      RealClock().Sleep(ctx, absl::Minutes(5)).IgnoreError();
    };
  };
}

Fault FailWith(absl::string_view suffix, int status, absl::string_view text) {
  return [suffix = std::string(suffix), status, text = std::string(text)](
             const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, suffix)) return;
    response = http::ServerResponse{.status = status, .body = text};
    response.headers.Set("Content-Type", "text/plain");
  };
}

Fault RedirectTo(absl::string_view suffix, absl::string_view location) {
  return [suffix = std::string(suffix), location = std::string(location)](
             const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, suffix)) return;
    response = http::ServerResponse{.status = 302};
    response.headers.Set("Location", location);
  };
}

GitServer::GitServer(const std::string& root, GitServerOptions options)
    : options_(std::move(options)) {
  git::SmartHttpOptions smart_http{
      .root = root, .upload_pack = options_.upload_pack, .allow_push = options_.allow_push};
  smart_http.on_request = [this](const git::ServedRequest& request) {
    absl::MutexLock lock(&mutex_);
    switch (request.kind) {
      case git::ServedRequest::Kind::kAdvertisement:
        ++counters_.advertisements;
        break;
      case git::ServedRequest::Kind::kListRefs:
        ++counters_.listings;
        break;
      case git::ServedRequest::Kind::kFetch:
        ++counters_.fetches;
        break;
      case git::ServedRequest::Kind::kPush:
        ++counters_.pushes;
        break;
    }
  };
  handler_ = git::CreateSmartHttpHandler(std::move(smart_http));
  http::ServerOptions server{.address = "127.0.0.1:0",
                             .certificate_pem = options_.certificate_pem,
                             .private_key_pem = options_.private_key_pem,
                             .client_ca_pem = options_.client_ca_pem};
  server_ = http::Server::Start(std::move(server), [this](const Context& ctx,
                                                          const http::ServerRequest& request) {
              return Handle(ctx, request);
            }).value();
}

std::string GitServer::Url(absl::string_view repository) const {
  return absl::StrCat(options_.certificate_pem.empty() ? "http" : "https",
                      "://127.0.0.1:", server_->port(), "/", repository);
}

GitServerCounters GitServer::counters() const {
  absl::MutexLock lock(&mutex_);
  return counters_;
}

void GitServer::ResetCounters() {
  absl::MutexLock lock(&mutex_);
  counters_ = {};
}

void GitServer::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = std::move(fault);
}

bool GitServer::Authorized(const http::ServerRequest& request) const {
  const absl::string_view given = request.headers.Get("Authorization");
  if (!options_.bearer_token.empty() &&
      given == absl::StrCat("Bearer ", options_.bearer_token.Reveal())) {
    return true;
  }
  if (!options_.username.empty()) {
    const std::string pair = absl::StrCat(options_.username, ":", options_.password.Reveal());
    return given == absl::StrCat("Basic ", absl::Base64Escape(pair));
  }
  return options_.bearer_token.empty();
}

http::ServerResponse GitServer::Handle(const Context& ctx, const http::ServerRequest& request) {
  if (!Authorized(request)) {
    http::ServerResponse refusal{.status = 401};
    refusal.headers.Set("WWW-Authenticate", "Basic realm=\"git\"");
    return refusal;
  }
  http::ServerResponse response = handler_(ctx, request);
  if (response.stream && absl::EndsWith(request.path, "/git-upload-pack") &&
      !absl::StrContains(absl::string_view(request.body).substr(0, 64), "command=ls-refs")) {
    response.stream = [this, inner = std::move(response.stream)](const Context& stream_ctx,
                                                                 const http::Sink& sink) {
      inner(stream_ctx, [&](absl::string_view bytes) {
        {
          absl::MutexLock lock(&mutex_);
          counters_.fetch_bytes += bytes.size();
        }
        return sink(bytes);
      });
    };
  }
  Fault fault;
  {
    absl::MutexLock lock(&mutex_);
    fault = fault_;
  }
  if (fault) fault(request, response);
  return response;
}

}  // namespace sluice::git_testing
