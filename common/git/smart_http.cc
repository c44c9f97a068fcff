// SPDX-License-Identifier: Apache-2.0
#include "common/git/smart_http.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/git/gunzip.h"
#include "common/git/pkt_line.h"
#include "common/git/receive_pack.h"
#include "common/git/repository.h"

namespace sluice::git {
namespace {

namespace stdfs = std::filesystem;

constexpr absl::string_view kInfoRefs = "/info/refs";
constexpr absl::string_view kUploadPack = "git-upload-pack";
constexpr absl::string_view kReceivePack = "git-receive-pack";
constexpr size_t kMaxRequest = size_t{16} << 20;

http::ServerResponse Refuse(int status, absl::string_view text) {
  http::ServerResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(text);
  return response;
}

http::ServerResponse Answer(absl::string_view service, absl::string_view kind) {
  http::ServerResponse response;
  response.headers.Set("Content-Type", absl::StrCat("application/x-", service, "-", kind));
  response.headers.Set("Cache-Control", "no-cache");
  return response;
}

// `path` below `root`, if it leads nowhere else once links are resolved.
std::optional<std::string> PathBelow(const std::string& root, absl::string_view path) {
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") return std::nullopt;
  }
  std::error_code error;
  const stdfs::path real_root = stdfs::canonical(root, error);
  if (error) return std::nullopt;
  const stdfs::path real = stdfs::canonical(real_root / std::string(path), error);
  if (error || !absl::StartsWith(real.string(), absl::StrCat(real_root.string(), "/"))) {
    return std::nullopt;
  }
  return real.string();
}

std::unique_ptr<Repository> OpenBelow(const std::string& root, absl::string_view path) {
  const absl::string_view stem = absl::StripSuffix(path, ".git");
  for (const std::string& candidate :
       {std::string(path), std::string(stem), absl::StrCat(stem, ".git")}) {
    const std::optional<std::string> found = PathBelow(root, candidate);
    if (!found.has_value()) continue;
    absl::StatusOr<std::unique_ptr<Repository>> repository = Repository::Open(*found);
    if (repository.ok()) return *std::move(repository);
  }
  return nullptr;
}

// A request that is addressed to a repository and may be answered.
struct Routed {
  std::string path;  // of the repository
  std::shared_ptr<Repository> repository;
  bool receives = false;
  int version = 0;
};

http::ServerResponse AnswerInfoRefs(const SmartHttpOptions& options, const Routed& routed) {
  const absl::string_view service = routed.receives ? kReceivePack : kUploadPack;
  http::ServerResponse response = Answer(service, "advertisement");
  if (routed.version != 2) {
    AppendPacket(&response.body, absl::StrCat("# service=", service, "\n"));
    absl::StrAppend(&response.body, kFlushPacket);
  }
  const auto append = [&](absl::string_view bytes) {
    absl::StrAppend(&response.body, bytes);
    return absl::OkStatus();
  };
  const absl::Status status =
      routed.receives ? AdvertiseReceivePack(*routed.repository, append)
                      : Advertise(*routed.repository, routed.version, options.upload_pack, append);
  return status.ok() ? response : Refuse(500, status.message());
}

http::ServerResponse AnswerService(const SmartHttpOptions& options, Routed routed,
                                   std::string request) {
  http::ServerResponse response = Answer(routed.receives ? kReceivePack : kUploadPack, "result");
  response.stream = [options = options.upload_pack, routed = std::move(routed),
                     request = std::move(request)](const Context& ctx, const http::Sink& sink) {
    const auto send = [&sink](absl::string_view bytes) {
      return sink(bytes) ? absl::OkStatus() : absl::CancelledError("the client is gone");
    };
    // Errors have reached the client as a packet or as a body that ends too soon.
    (routed.receives
         ? AnswerReceivePack(ctx, *routed.repository, request, send)
         : AnswerUploadPack(ctx, *routed.repository, routed.version, request, options, send))
        .IgnoreError();
  };
  return response;
}

http::ServerResponse Handle(const SmartHttpOptions& options, const http::ServerRequest& request) {
  absl::string_view path = request.path;
  const bool info_refs = absl::ConsumeSuffix(&path, kInfoRefs);
  const bool upload = !info_refs && absl::ConsumeSuffix(&path, absl::StrCat("/", kUploadPack));
  const bool receive =
      !info_refs && !upload && absl::ConsumeSuffix(&path, absl::StrCat("/", kReceivePack));
  if (!absl::ConsumePrefix(&path, "/") || (!info_refs && !upload && !receive)) {
    return Refuse(404, "no such resource\n");
  }
  if (info_refs && request.method != "GET") return Refuse(405, "use GET\n");
  if (!info_refs && request.method != "POST") return Refuse(405, "use POST\n");
  Routed routed{.path = std::string(path)};
  routed.receives = receive || request.query == absl::StrCat("service=", kReceivePack);
  if (routed.receives && !options.allow_push) return Refuse(403, "pushes are not allowed\n");
  if (info_refs && !routed.receives && request.query != absl::StrCat("service=", kUploadPack)) {
    return Refuse(403, "only smart HTTP is offered\n");
  }
  routed.repository = OpenBelow(options.root, path);
  if (routed.repository == nullptr) return Refuse(404, "Repository not found.\n");
  if (!routed.receives && options.upload_pack.version2 &&
      AsksForVersion2(request.headers.Get("Git-Protocol"))) {
    routed.version = 2;
  }
  ServedRequest served{.repository = routed.path};
  if (info_refs) {
    if (options.on_request) options.on_request(served);
    return AnswerInfoRefs(options, routed);
  }
  std::string body = request.body;
  if (request.headers.Get("Content-Encoding") == "gzip") {
    absl::StatusOr<std::string> plain = Gunzip(body, kMaxRequest);
    if (!plain.ok()) return Refuse(400, "malformed gzip body\n");
    body = *std::move(plain);
  }
  const bool lists = absl::StrContains(absl::string_view(body).substr(0, 64), "command=ls-refs");
  served.kind = receive ? ServedRequest::Kind::kPush
                : lists ? ServedRequest::Kind::kListRefs
                        : ServedRequest::Kind::kFetch;
  if (options.on_request) options.on_request(served);
  return AnswerService(options, std::move(routed), std::move(body));
}

}  // namespace

http::Handler CreateSmartHttpHandler(SmartHttpOptions options) {
  return
      [options = std::move(options)](const Context& /*ctx*/, const http::ServerRequest& request) {
        return Handle(options, request);
      };
}

}  // namespace sluice::git
