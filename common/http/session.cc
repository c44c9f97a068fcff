// SPDX-License-Identifier: Apache-2.0
#include "common/http/session.h"

#include <exception>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/log/log.h"

namespace sluice::http {
namespace {

// A whole handshake, and a whole head once its first byte came, must not take longer.
constexpr absl::Duration kHandshakeTimeout = absl::Seconds(10);
constexpr absl::Duration kHeadTimeout = absl::Seconds(30);
// A head this small goes out in one write with the body after it.
constexpr size_t kJoinedBody = size_t{12} << 10;

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

std::string FormatHead(int status, const Headers& headers, bool keep) {
  std::string head = absl::StrCat("HTTP/1.1 ", status, " ", StatusText(status), "\r\n");
  for (const auto& [name, value] : headers.fields()) AppendField(head, name, value);
  if (!headers.Has("Date")) {
    AppendField(
        head, "Date",
        absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", RealClock().Now(), absl::UTCTimeZone()));
  }
  if (!keep) AppendField(head, "Connection", "close");
  return head;
}

// The path and query of a request target: "/path?query" or an absolute URL.
void SetTarget(absl::string_view target, ServerRequest& request) {
  if (!absl::StartsWith(target, "/")) {
    if (const absl::StatusOr<Url> url = Url::Parse(target); url.ok()) {
      request.raw_path = url->path.empty() ? "/" : url->path;
      request.query = url->query;
      request.path = Unescape(request.raw_path, /*plus_is_blank=*/false);
      return;
    }
  }
  target = target.substr(0, target.find('#'));
  const size_t mark = std::min(target.find('?'), target.size());
  request.raw_path = std::string(target.substr(0, mark));
  request.query = mark < target.size() ? std::string(target.substr(mark + 1)) : "";
  request.path = Unescape(request.raw_path, /*plus_is_blank=*/false);
}

}  // namespace

Session::Session(const SessionEnvironment& environment, FileDescriptor fd)
    : environment_(environment),
      ctx_(Context::Background()
               .WithStopToken(environment.stop)
               .WithStopToken(peer_gone_.get_token())),
      connection_(std::move(fd)) {}

void Session::Serve() {
  ConfigureStream(connection_.fd());
  remote_address_ = RemoteAddress(connection_.fd());
  if (environment_.tls != nullptr) {
    absl::StatusOr<TlsSession> session = environment_.tls->Accept();
    const Context brief = write_ctx_.WithTimeout(kHandshakeTimeout);
    if (!session.ok() ||
        !connection_.StartTls({brief, kHandshakeTimeout}, *std::move(session)).ok()) {
      return;
    }
    peer_ = connection_.peer();
  }
  while (!environment_.stop.stop_requested() && ServeOne()) {
  }
}

bool Session::Write(absl::string_view bytes) {
  return connection_.Write({write_ctx_, environment_.options.idle_timeout}, bytes).ok();
}

void Session::Refuse(int status, absl::string_view why) {
  const Headers headers = {{"Content-Type", "text/plain; charset=utf-8"},
                           {"Content-Length", absl::StrCat(why.size() + 1)}};
  (void)Write(absl::StrCat(FormatHead(status, headers, /*keep=*/false), "\r\n", why, "\n"));
  connection_.CloseGently(write_ctx_);
}

bool Session::ServeOne() {
  if (connection_.buffered().empty()) {
    connection_.ReleaseBuffer();
    const absl::StatusOr<bool> more =
        connection_.Fill({write_ctx_, environment_.options.idle_timeout});
    if (!more.ok() || !*more) return false;
  }
  // What begins no request, but TLS: whoever tries that first is not to wait for a whole head.
  if (connection_.buffered().front() == '\x16') {
    Refuse(400, "this server speaks plain HTTP, not TLS");
    return false;
  }
  const Context brief = write_ctx_.WithTimeout(kHeadTimeout);
  const absl::StatusOr<std::optional<std::string>> text =
      ReadHead(connection_, {brief, kHeadTimeout});
  if (absl::IsResourceExhausted(text.status())) Refuse(431, text.status().message());
  if (!text.ok() || !text->has_value()) return false;
  absl::StatusOr<RequestHead> head = ParseRequestHead(**text);
  if (!head.ok()) {
    Refuse(400, head.status().message());
    return false;
  }
  if (head->minor_version == 1 && !head->headers.Has("Host")) {
    Refuse(400, "missing required Host header");
    return false;
  }
  ServerRequest request;
  request.method = head->method;
  SetTarget(head->target, request);
  request.peer = peer_;
  request.remote_address = remote_address_;
  if (!ReadRequestBody(*head, request)) return false;
  request.headers = std::move(head->headers);
  const bool keep = head->minor_version >= 1 && KeepsAlive(1, request.headers);
  ServerResponse response = Handle(request);
  // Shutting down, this answer is the connection's last.
  return Answer(*head, std::move(response), keep && !environment_.stop.stop_requested());
}

bool Session::ReadRequestBody(const RequestHead& head, ServerRequest& request) {
  const absl::StatusOr<Framing> framing = RequestFraming(head.headers);
  if (!framing.ok()) {
    Refuse(400, framing.status().message());
    return false;
  }
  if (framing->kind == Framing::Kind::kNone) return true;
  const size_t limit = environment_.options.max_body;
  const std::string too_large = absl::StrCat("request body is larger than ", limit, " bytes");
  if (framing->kind == Framing::Kind::kLength && framing->length > limit) {
    Refuse(413, too_large);
    return false;
  }
  if (absl::EqualsIgnoreCase(head.headers.Get("Expect"), "100-continue") &&
      connection_.buffered().empty() && !Write("HTTP/1.1 100 Continue\r\n\r\n")) {
    return false;
  }
  bool over = false;
  const absl::Status status = ReadBody(connection_, {write_ctx_, environment_.options.idle_timeout},
                                       *framing, [&](absl::string_view bytes) {
                                         over = bytes.size() > limit - request.body.size();
                                         if (over) return absl::ResourceExhaustedError(too_large);
                                         request.body.append(bytes.data(), bytes.size());
                                         return absl::OkStatus();
                                       });
  if (over) Refuse(413, too_large);
  if (absl::IsInvalidArgument(status)) Refuse(400, status.message());
  return status.ok();
}

ServerResponse Session::Handle(const ServerRequest& request) {
  try {
    return environment_.handler(ctx_, request);
  } catch (const std::exception& failure) {
    log::Error(ctx_, absl::InternalError(failure.what()), "HTTP handler failed",
               {{"method", request.method}, {"path", request.path}});
  }
  ServerResponse response;
  response.status = 500;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = "internal server error\n";
  return response;
}

bool Session::Answer(const RequestHead& head, ServerResponse response, bool keep) {
  const bool bodiless = HasNoBody(response.status) || head.method == "HEAD";
  if (response.stream != nullptr && !bodiless) {
    return AnswerStream(head, std::move(response), keep);
  }
  if (!HasNoBody(response.status) && !response.headers.Has("Content-Length") &&
      response.stream == nullptr) {
    response.headers.Add("Content-Length", absl::StrCat(response.body.size()));
  }
  std::string bytes = absl::StrCat(FormatHead(response.status, response.headers, keep), "\r\n");
  if (!bodiless && response.body.size() <= kJoinedBody) bytes.append(response.body);
  if (!Write(bytes)) return false;
  if (!bodiless && response.body.size() > kJoinedBody && !Write(response.body)) return false;
  return keep;
}

bool Session::AnswerStream(const RequestHead& head, ServerResponse response, bool keep) {
  const bool sized = response.headers.Has("Content-Length");
  const bool chunked = !sized && head.minor_version >= 1;
  keep = keep && (sized || chunked);
  if (chunked) response.headers.Set("Transfer-Encoding", "chunked");
  if (!Write(absl::StrCat(FormatHead(response.status, response.headers, keep), "\r\n"))) {
    return false;
  }
  bool alive = true;
  const Sink sink = [&](absl::string_view bytes) {
    alive = alive && !peer_gone_.stop_requested();
    if (alive && !bytes.empty()) alive = chunked ? Write(FormatChunk(bytes)) : Write(bytes);
    return alive;
  };
  environment_.watch(connection_.fd(), peer_gone_);
  bool whole = true;
  try {
    response.stream(ctx_, sink);
  } catch (const std::exception& failure) {
    // The head is out: only a cut body can tell the peer.
    whole = false;
    log::Error(ctx_, absl::InternalError(failure.what()), "HTTP stream failed");
  }
  environment_.unwatch(connection_.fd());
  if (!alive || !whole || peer_gone_.stop_requested()) return false;
  return (!chunked || Write(kLastChunk)) && keep;
}

}  // namespace sluice::http
