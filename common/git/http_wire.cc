// SPDX-License-Identifier: Apache-2.0
#include "common/git/http_wire.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/git/pkt_line.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kInfoRefs = "/info/refs";
constexpr int kMaxRedirects = 10;
constexpr size_t kMaxErrorBody = 512;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int EffectivePort(const http::Url& url) {
  if (url.port != 0) return url.port;
  return url.scheme == "https" ? 443 : 80;
}

// What a status other than 200 means, worded as go-git 5 does.
absl::Status ErrorFromStatus(int status, const http::Url& url, absl::string_view reason) {
  const std::string detail = reason.empty() ? "" : absl::StrCat(": ", RemoteText(reason));
  switch (status) {
    case 401:
      return absl::UnauthenticatedError(absl::StrCat("authentication required", detail));
    case 403:
      return absl::PermissionDeniedError(absl::StrCat("authorization failed", detail));
    case 404:
      return absl::NotFoundError(absl::StrCat("repository not found", detail));
    default:
      break;
  }
  const std::string message =
      absl::StrCat("unexpected requesting \"", url.Redacted(), "\" status code: ", status);
  if (status >= 500 || status == 429) return absl::UnavailableError(message);
  return absl::FailedPreconditionError(message);
}

class HttpWire : public Wire {
 public:
  HttpWire(std::shared_ptr<http::Transport> transport, const http::Url& url, const Auth& auth,
           absl::string_view service)
      : transport_(std::move(transport)), base_(url), service_(service) {
    base_.userinfo.clear();
    base_.query.clear();
    while (absl::EndsWith(base_.path, "/")) base_.path.pop_back();
    if (!auth.bearer_token.empty()) {
      authorization_ = Secret(absl::StrCat("Bearer ", auth.bearer_token.Reveal()));
    } else if (!auth.username.empty() || !auth.password.empty()) {
      authorization_ = Secret(absl::StrCat(
          "Basic ", absl::Base64Escape(absl::StrCat(auth.username, ":", auth.password.Reveal()))));
    }
  }

  absl::Status Advertise(const Context& ctx, AnswerSink& sink) override {
    http::Url url = base_;
    absl::StrAppend(&url.path, kInfoRefs);
    url.query = absl::StrCat("service=", service_);
    for (int redirects = 0;; ++redirects) {
      http::Request request;
      request.url = url.Redacted();
      request.headers.Set("Git-Protocol", "version=2");
      ASSIGN_OR_RETURN(const http::Response head,
                       Exchange(ctx, url, std::move(request), "advertisement", sink));
      if (!IsRedirect(head.status)) return absl::OkStatus();
      if (redirects == kMaxRedirects) {
        return absl::FailedPreconditionError("http redirect: too many redirects");
      }
      ASSIGN_OR_RETURN(url, Follow(url, head.headers.Get("Location")));
    }
  }

  absl::Status Ask(const Context& ctx, int version, absl::string_view request_body,
                   AnswerSink& sink) override {
    http::Url url = base_;
    absl::StrAppend(&url.path, "/", service_);
    http::Request request;
    request.method = "POST";
    request.url = url.Redacted();
    request.headers.Set("Content-Type", absl::StrCat("application/x-", service_, "-request"));
    request.headers.Set("Accept", absl::StrCat("application/x-", service_, "-result"));
    if (version == 2) request.headers.Set("Git-Protocol", "version=2");
    request.body = std::string(request_body);
    ASSIGN_OR_RETURN(const http::Response head,
                     Exchange(ctx, url, std::move(request), "result", sink));
    if (IsRedirect(head.status)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "http redirect: redirect on non-initial request to \"", url.Redacted(), "\""));
    }
    return absl::OkStatus();
  }

 private:
  // One request whose answer goes to `sink`, if it is one; the head of a redirect is returned, any
  // other answer is an error.
  absl::StatusOr<http::Response> Exchange(const Context& ctx, const http::Url& url,
                                          http::Request request, absl::string_view kind,
                                          AnswerSink& sink) {
    if (!authorization_.empty()) {
      request.headers.Set("Authorization", std::string(authorization_.Reveal()));
    }
    const std::string content_type = absl::StrCat("application/x-", service_, "-", kind);
    http::Response head;
    std::string error_body;
    absl::Status sink_error;
    const auto on_head = [&](const http::Response& received) {
      head = received;
      if (head.status != 200) return absl::OkStatus();
      if (head.headers.Get("Content-Type") == content_type) return absl::OkStatus();
      sink_error = absl::FailedPreconditionError(absl::StrCat(
          "\"", url.Redacted(), "\" is not answered by a Git server: the content type is \"",
          RemoteText(head.headers.Get("Content-Type")), "\""));
      return sink_error;
    };
    const auto on_data = [&](absl::string_view bytes) {
      if (head.status == 200) return sink_error = sink.done() ? absl::OkStatus() : sink.Take(bytes);
      absl::StrAppend(&error_body, bytes.substr(0, kMaxErrorBody - error_body.size()));
      return error_body.size() < kMaxErrorBody ? absl::OkStatus()
                                               : absl::AbortedError("enough of the error's body");
    };
    const absl::Status streamed = transport_->Stream(ctx, request, on_head, on_data);
    RETURN_IF_ERROR(sink_error);
    if (IsRedirect(head.status)) return head;
    if (head.status != 0 && head.status != 200) {
      const bool plain = absl::StartsWith(head.headers.Get("Content-Type"), "text/plain");
      return ErrorFromStatus(head.status, url, plain ? error_body : "");
    }
    RETURN_IF_ERROR(streamed);
    if (!sink.done()) {
      return absl::UnavailableError(
          absl::StrCat("the answer of \"", url.Redacted(), "\" ended early"));
    }
    return head;
  }

  // Where `location`, seen from `from`, leads; moves the base there.
  absl::StatusOr<http::Url> Follow(const http::Url& from, absl::string_view location) {
    http::Url target;
    if (absl::StrContains(location, "://")) {
      ASSIGN_OR_RETURN(target, http::Url::Parse(location));
    } else {
      const size_t slash = from.path.rfind('/');
      const absl::string_view directory =
          absl::StartsWith(location, "/") ? "" : absl::string_view(from.path).substr(0, slash + 1);
      ASSIGN_OR_RETURN(target, http::Url::Parse(absl::StrCat(from.Origin(), directory, location)));
    }
    if (target.scheme != "http" && target.scheme != "https") {
      return absl::FailedPreconditionError(
          absl::StrCat("http redirect: unsupported scheme \"", target.scheme, "\""));
    }
    if (from.scheme == "https" && target.scheme == "http") {
      return absl::FailedPreconditionError(
          "http redirect: changes scheme from \"https\" to \"http\"");
    }
    if (!absl::EndsWith(target.path, kInfoRefs)) {
      // Azure DevOps sends those without credentials to a page to sign in at.
      if (absl::EndsWith(target.path, "/_signin")) {
        return absl::UnauthenticatedError("authentication required: redirected to \"/_signin\"");
      }
      return absl::FailedPreconditionError(absl::StrCat(
          "http redirect: target \"", RemoteText(target.path), "\" does not end with ", kInfoRefs));
    }
    if (target.host != from.host || EffectivePort(target) != EffectivePort(from)) {
      authorization_ = Secret();
    }
    target.userinfo.clear();
    target.query = from.query;
    base_ = target;
    base_.query.clear();
    base_.path = std::string(absl::StripSuffix(base_.path, kInfoRefs));
    return target;
  }

  std::shared_ptr<http::Transport> transport_;
  http::Url base_;  // of the repository, where the last redirect led
  std::string service_;
  Secret authorization_;
};

}  // namespace

std::unique_ptr<Wire> CreateHttpWire(std::shared_ptr<http::Transport> transport,
                                     const http::Url& url, const Auth& auth,
                                     absl::string_view service) {
  return std::make_unique<HttpWire>(std::move(transport), url, auth, service);
}

}  // namespace sluice::git
