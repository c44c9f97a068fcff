// SPDX-License-Identifier: Apache-2.0
#include "common/kube/http_client.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/watch_decoder.h"
#include "common/value/json.h"

namespace sluice::kube {
namespace {

// The metadata of a list and of what a watch tells; the whole from a server that does not do that.
constexpr char kAcceptListedMetadata[] =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
constexpr char kAcceptWatchedMetadata[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

// The Authorization header of a configuration.
class Credentials {
 public:
  explicit Credentials(const ClusterConfig& config)
      : tokens_(TokensOf(config)),
        basic_(config.username.empty() ? ""
                                       : absl::Base64Escape(absl::StrCat(
                                             config.username, ":", config.password.Reveal()))) {}

  // "" for none; the errors of the token source.
  absl::StatusOr<std::string> Header(const Context& ctx) const {
    ASSIGN_OR_RETURN(const Secret token, tokens_(ctx));
    if (!token.empty()) return absl::StrCat("Bearer ", token.Reveal());
    if (!basic_.Reveal().empty()) return absl::StrCat("Basic ", basic_.Reveal());
    return std::string();
  }

 private:
  const TokenSource tokens_;
  const Secret basic_;
};

class HttpClient : public Client {
 public:
  HttpClient(const ClusterConfig& config, const HttpClientOptions& options,
             std::unique_ptr<http::Transport> owned, http::Transport& transport)
      : server_(config.server),
        options_(options),
        credentials_(config),
        owned_(std::move(owned)),
        transport_(transport) {}

  absl::StatusOr<Value> Do(const Context& ctx, const ApiRequest& request) override {
    const Context bounded = ctx.WithTimeout(options_.request_timeout);
    ASSIGN_OR_RETURN(const http::Request http_request,
                     ToHttp(bounded, request, kAcceptListedMetadata));
    for (int attempt = 1;; ++attempt) {
      const absl::StatusOr<http::Response> answer = transport_.Send(bounded, http_request);
      if (options_.on_answer) options_.on_answer(request.method, answer.ok() ? answer->status : 0);
      RETURN_IF_ERROR(answer.status());
      const http::Response& response = *answer;
      if (response.status >= 200 && response.status < 300) {
        if (response.body.empty()) return Value();
        auto body = value::ParseJson(response.body);
        if (!body.ok()) {
          return absl::UnavailableError(
              absl::StrCat(request.method, " ", request.path,
                           ": answer is not JSON: ", body.status().message()));
        }
        return body;
      }
      const absl::Status error =
          ErrorFromResponse(response, absl::StrCat(request.method, " ", request.path));
      const absl::Duration wait = RetryAfter(error);
      if (wait == absl::ZeroDuration() || attempt >= options_.max_attempts || !IsRetryable(error)) {
        return error;
      }
      RETURN_IF_ERROR(RealClock().Sleep(bounded, wait));
    }
  }

  absl::Status WatchStream(const Context& ctx, const ApiRequest& request,
                           const std::function<absl::Status(WatchEvent)>& on_event) override {
    ASSIGN_OR_RETURN(const http::Request http_request,
                     ToHttp(ctx, request, kAcceptWatchedMetadata));
    WatchDecoder decoder(on_event);
    return Stream(ctx, http_request, absl::StrCat("watching ", request.path),
                  [&decoder](absl::string_view bytes) { return decoder.Feed(bytes); });
  }

  absl::Status StreamText(const Context& ctx, const ApiRequest& request,
                          const std::function<absl::Status(absl::string_view)>& sink) {
    ASSIGN_OR_RETURN(http::Request http_request, ToHttp(ctx, request, kAcceptListedMetadata));
    http_request.headers.Set("Accept", "*/*");
    return Stream(ctx, http_request, absl::StrCat("reading ", request.path), sink);
  }

 private:
  // Gives the body of a 200 to `sink`. `what` is for messages.
  absl::Status Stream(const Context& ctx, const http::Request& request, const std::string& what,
                      const std::function<absl::Status(absl::string_view)>& sink) {
    http::Response head;
    std::string error_body;
    const absl::Status status = transport_.Stream(
        ctx, request,
        [&](const http::Response& response) {
          head = response;
          return absl::OkStatus();
        },
        [&](absl::string_view bytes) {
          if (head.status == 200) return sink(bytes);
          absl::StrAppend(&error_body, bytes.substr(0, 65536));
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(status);
    if (head.status == 200) return absl::OkStatus();
    head.body = std::move(error_body);
    return ErrorFromResponse(head, what);
  }

  absl::StatusOr<http::Request> ToHttp(const Context& ctx, const ApiRequest& request,
                                       const char* accept_metadata) {
    http::Request result;
    result.method = request.method;
    result.url = absl::StrCat(server_, request.path);
    const char* separator = "?";
    for (const auto& [key, value] : request.query) {
      absl::StrAppend(&result.url, separator, http::EscapeQuery(key), "=",
                      http::EscapeQuery(value));
      separator = "&";
    }
    result.headers.Add("Accept", options_.metadata_only ? accept_metadata : "application/json");
    result.headers.Add("User-Agent", options_.user_agent);
    ASSIGN_OR_RETURN(const std::string authorization, credentials_.Header(ctx));
    if (!authorization.empty()) result.headers.Add("Authorization", authorization);
    if (!request.impersonate_user.empty()) {
      result.headers.Add("Impersonate-User", request.impersonate_user);
    }
    if (!request.body.is_null()) {
      result.headers.Add("Content-Type", request.content_type);
      result.body = value::FormatJson(request.body, {.escape_html = false});
    }
    return result;
  }

  const std::string server_;
  const HttpClientOptions options_;
  Credentials credentials_;
  const std::unique_ptr<http::Transport> owned_;
  http::Transport& transport_;
};

// A watch is silent between bookmarks, which come about every minute. A longer silence is that of
// a connection whose other end is gone without a word.
constexpr absl::Duration kLongestSilence = absl::Minutes(2);

absl::StatusOr<std::unique_ptr<HttpClient>> Create(const ClusterConfig& config,
                                                   const HttpClientOptions& options,
                                                   absl::Duration longest_silence) {
  http::ClientOptions http_options;
  http_options.tls = config.tls;
  http_options.proxy_url = config.proxy_url;
  http_options.user_agent = options.user_agent;
  http_options.idle_timeout = longest_silence;
  ASSIGN_OR_RETURN(std::unique_ptr<http::Transport> transport,
                   http::CreateClient(std::move(http_options)));
  http::Transport& reference = *transport;
  return std::make_unique<HttpClient>(config, options, std::move(transport), reference);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> CreateHttpClient(const ClusterConfig& config,
                                                         const HttpClientOptions& options) {
  return Create(config, options, kLongestSilence);
}

absl::Status StreamText(const Context& ctx, const ClusterConfig& config, const ApiRequest& request,
                        const std::function<absl::Status(absl::string_view)>& sink) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpClient> client, Create(config, {}, absl::Minutes(10)));
  return client->StreamText(ctx, request, sink);
}

std::unique_ptr<Client> CreateHttpClient(const ClusterConfig& config,
                                         const HttpClientOptions& options,
                                         http::Transport& transport) {
  return std::make_unique<HttpClient>(config, options, nullptr, transport);
}

}  // namespace sluice::kube
