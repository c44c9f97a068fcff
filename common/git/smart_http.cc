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
#include "common/git/repository.h"

namespace sluice::git {
namespace {

namespace stdfs = std::filesystem;

constexpr absl::string_view kInfoRefs = "/info/refs";
constexpr absl::string_view kUploadPack = "/git-upload-pack";
constexpr size_t kMaxRequest = size_t{16} << 20;

http::ServerResponse Refuse(int status, absl::string_view text) {
  http::ServerResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(text);
  return response;
}

http::ServerResponse Answer(absl::string_view kind) {
  http::ServerResponse response;
  response.headers.Set("Content-Type", absl::StrCat("application/x-git-upload-pack-", kind));
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

http::ServerResponse AnswerInfoRefs(const SmartHttpOptions& options, const Repository& repository,
                                    int version) {
  http::ServerResponse response = Answer("advertisement");
  if (version != 2) {
    AppendPacket(&response.body, "# service=git-upload-pack\n");
    absl::StrAppend(&response.body, kFlushPacket);
  }
  const absl::Status status =
      Advertise(repository, version, options.upload_pack, [&](absl::string_view bytes) {
        absl::StrAppend(&response.body, bytes);
        return absl::OkStatus();
      });
  return status.ok() ? response : Refuse(500, status.message());
}

http::ServerResponse AnswerService(const SmartHttpOptions& options,
                                   std::shared_ptr<const Repository> repository, int version,
                                   std::string request) {
  http::ServerResponse response = Answer("result");
  response.stream = [options = options.upload_pack, repository = std::move(repository), version,
                     request = std::move(request)](const Context& ctx, const http::Sink& sink) {
    // Errors have reached the client as a packet or as a body that ends too soon.
    AnswerUploadPack(ctx, *repository, version, request, options, [&sink](absl::string_view bytes) {
      return sink(bytes) ? absl::OkStatus() : absl::CancelledError("the client is gone");
    }).IgnoreError();
  };
  return response;
}

http::ServerResponse Handle(const SmartHttpOptions& options, const http::ServerRequest& request) {
  absl::string_view path = request.path;
  const bool info_refs = absl::ConsumeSuffix(&path, kInfoRefs);
  const bool service = !info_refs && absl::ConsumeSuffix(&path, kUploadPack);
  if (!absl::ConsumePrefix(&path, "/") || (!info_refs && !service)) {
    return Refuse(404, "no such resource\n");
  }
  if (info_refs && request.method != "GET") return Refuse(405, "use GET\n");
  if (service && request.method != "POST") return Refuse(405, "use POST\n");
  if (info_refs && request.query != "service=git-upload-pack") {
    return Refuse(403, "only git-upload-pack is offered\n");
  }
  std::shared_ptr<const Repository> repository = OpenBelow(options.root, path);
  if (repository == nullptr) return Refuse(404, "Repository not found.\n");
  const int version =
      options.upload_pack.version2 && AsksForVersion2(request.headers.Get("Git-Protocol")) ? 2 : 0;
  ServedRequest served{.repository = std::string(path)};
  if (info_refs) {
    if (options.on_request) options.on_request(served);
    return AnswerInfoRefs(options, *repository, version);
  }
  std::string body = request.body;
  if (request.headers.Get("Content-Encoding") == "gzip") {
    absl::StatusOr<std::string> plain = Gunzip(body, kMaxRequest);
    if (!plain.ok()) return Refuse(400, "malformed gzip body\n");
    body = *std::move(plain);
  }
  served.kind = absl::StrContains(absl::string_view(body).substr(0, 64), "command=ls-refs")
                    ? ServedRequest::Kind::kListRefs
                    : ServedRequest::Kind::kFetch;
  if (options.on_request) options.on_request(served);
  return AnswerService(options, std::move(repository), version, std::move(body));
}

}  // namespace

http::Handler CreateSmartHttpHandler(SmartHttpOptions options) {
  return
      [options = std::move(options)](const Context& /*ctx*/, const http::ServerRequest& request) {
        return Handle(options, request);
      };
}

}  // namespace sluice::git
